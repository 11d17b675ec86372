import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { numberOption, numberOptionField, type NumberOptionChanges } from '../options';
import { readSoundOptions, soundOptionFields } from './soundOptions';

const MILLISECONDS_PER_SECOND = 1_000;
const BYTES_PER_MEGABYTE = 1024 * 1024;
const LONGEST_RECORDING_MS = 600_000;

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
	return [...fakeCallOptionFields(), ...audioSourceOptionFields(), ...soundOptionFields()];
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
	const sound = readSoundOptions(options);
	return {
		...readCallOptions(options),
		ringSeconds: sound.ringAtMostSeconds,
		repeat: sound.repeatTimes,
		pauseBetweenRepeatsMs: milliseconds(sound.pauseBetweenRepeatsSeconds),
		stayMs: sound.staysOnLine ? milliseconds(sound.stayOnLineSeconds) : 0,
		...(sound.recordsRecipient && { recordAtMostMs: LONGEST_RECORDING_MS }),
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

function milliseconds(seconds: number): number {
	return seconds * MILLISECONDS_PER_SECOND;
}
