import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { CallError } from '../../../common/errors';
import { numberOption, numberOptionField, type NumberOptionChanges } from '../options';

const MILLISECONDS_PER_SECOND = 1_000;
const BYTES_PER_MEGABYTE = 1024 * 1024;
const LONGEST_RECORDING_MS = 600_000;
const DEFAULT_RECORDING_FIELD = 'recording';

/** Between the calls of a session, whoever asked for them: it protects the account. */
const PAUSE: NumberOptionChanges = {
	default: 3,
	description:
		'How long this session rests between two calls, whichever workflow they come from. Many calls in quick succession are what WhatsApp restricts accounts for.',
};

/** How a call is placed, in the units of the engine. */
export interface EmbeddedCallOptions {
	pauseMilliseconds: number;
}

/** How a recording is read and prepared on this machine. */
export interface EmbeddedConversion {
	maximumBytes: number;
	allowPrivateAddresses: boolean;
	normaliseLoudness: boolean;
	trimSilence: boolean;
}

/** What an audio call does beside playing the recording once. */
export interface EmbeddedAudioOptions extends EmbeddedCallOptions {
	ringSeconds: number;
	repeat: number;
	pauseBetweenRepeatsMs: number;
	stayMs: number;
	recordAtMostMs?: number;
	conversion: EmbeddedConversion;
}

export function fakeCallOptionFields(): INodeProperties[] {
	return [numberOptionField('pauseBetweenCallsSeconds', PAUSE)];
}

export function audioCallOptionFields(): INodeProperties[] {
	return [
		...fakeCallOptionFields(),
		...audioSourceOptionFields(),
		{
			displayName: 'After Playing',
			name: 'afterPlaying',
			type: 'options',
			options: [
				{ name: 'Hang Up', value: 'hangUp' },
				{ name: 'Stay on the Line', value: 'stay' },
			],
			default: 'hangUp',
			description: 'What to do when the recording is over',
		},
		numberOptionField('pauseBetweenRepeatsSeconds'),
		{
			displayName: 'Put Recording in Field',
			name: 'recordingBinaryPropertyName',
			type: 'string',
			default: DEFAULT_RECORDING_FIELD,
			description:
				'With Record Recipient: name of the binary field of the output that gets the recording',
		},
		{
			displayName: 'Record Recipient',
			name: 'recordRecipient',
			type: 'boolean',
			default: false,
			description:
				'Whether to keep what the recipient says, up to 10 minutes, as an OGG file in the output. Ask for consent where the law wants it.',
		},
		numberOptionField('repeatTimes'),
		numberOptionField('ringAtMostSeconds'),
		numberOptionField('stayOnLineSeconds'),
	];
}

export function voiceOptionFields(): INodeProperties[] {
	return [numberOptionField('pauseBetweenCallsSeconds'), ...audioSourceOptionFields()];
}

/** How a recording is fetched and prepared on this machine. */
function audioSourceOptionFields(): INodeProperties[] {
	return [
		{
			displayName: 'Allow Private Addresses',
			name: 'allowPrivateAddresses',
			type: 'boolean',
			default: false,
			description:
				'Whether the audio source URL may lie in a private network or on this machine. Leave it off unless the audio is hosted at home.',
		},
		{
			displayName: 'Normalise Loudness',
			name: 'normaliseLoudness',
			type: 'boolean',
			default: true,
			description: 'Whether to bring quiet recordings up and loud ones down',
		},
		{
			displayName: 'Trim Silence',
			name: 'trimSilence',
			type: 'boolean',
			default: false,
			description: 'Whether to cut silence off the start and the end of the recording',
		},
	];
}

/** @throws CallError INVALID_OPTION */
export function readCallOptions(options: IDataObject): EmbeddedCallOptions {
	return {
		pauseMilliseconds: milliseconds(numberOption(options, 'pauseBetweenCallsSeconds', PAUSE)),
	};
}

/** @throws CallError INVALID_OPTION */
export function readAudioOptions(options: IDataObject): EmbeddedAudioOptions {
	const stays = options.afterPlaying === 'stay';
	return {
		...readCallOptions(options),
		ringSeconds: numberOption(options, 'ringAtMostSeconds'),
		repeat: numberOption(options, 'repeatTimes'),
		pauseBetweenRepeatsMs: milliseconds(numberOption(options, 'pauseBetweenRepeatsSeconds')),
		stayMs: stays ? milliseconds(numberOption(options, 'stayOnLineSeconds')) : 0,
		...(options.recordRecipient === true && { recordAtMostMs: LONGEST_RECORDING_MS }),
		conversion: readConversion(options),
	};
}

/** @throws CallError INVALID_OPTION */
export function readConversion(options: IDataObject): EmbeddedConversion {
	return {
		maximumBytes: numberOption(options, 'maximumAudioSizeMb') * BYTES_PER_MEGABYTE,
		allowPrivateAddresses: options.allowPrivateAddresses === true,
		normaliseLoudness: options.normaliseLoudness !== false,
		trimSilence: options.trimSilence === true,
	};
}

/**
 * The binary field for what the recipient says.
 *
 * @throws CallError INVALID_OPTION
 */
export function readRecordingField(options: IDataObject): string {
	const name = options.recordingBinaryPropertyName ?? DEFAULT_RECORDING_FIELD;
	if (typeof name !== 'string' || name.trim() === '') {
		throw new CallError('INVALID_OPTION', 'The option "Put Recording in Field" is empty', {
			hint: 'Enter the name of a binary field, for example recording.',
		});
	}
	return name.trim();
}

function milliseconds(seconds: number): number {
	return seconds * MILLISECONDS_PER_SECOND;
}
