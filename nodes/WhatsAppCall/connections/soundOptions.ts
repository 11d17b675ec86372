import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { CallError } from '../../../common/errors';
import { numberOption, numberOptionField, type NumberOptionName } from '../options';

const DEFAULT_RECORDING_FIELD = 'recording';

/** What an audio call does beside playing the recording once. */
export interface SoundOptions {
	ringAtMostSeconds: number;
	repeatTimes: number;
	pauseBetweenRepeatsSeconds: number;
	/** Whether the call goes on in silence after the recording. */
	staysOnLine: boolean;
	stayOnLineSeconds: number;
	recordsRecipient: boolean;
}

const NUMBERS = [
	'pauseBetweenRepeatsSeconds',
	'repeatTimes',
	'ringAtMostSeconds',
	'stayOnLineSeconds',
] as const satisfies readonly NumberOptionName[];

/** The fields of these options, for the connections whose phone can do it. */
export function soundOptionFields(): INodeProperties[] {
	return [
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
		...NUMBERS.map((name) => numberOptionField(name)),
	];
}

/** @throws CallError INVALID_OPTION */
export function readSoundOptions(options: IDataObject): SoundOptions {
	return {
		ringAtMostSeconds: numberOption(options, 'ringAtMostSeconds'),
		repeatTimes: numberOption(options, 'repeatTimes'),
		pauseBetweenRepeatsSeconds: numberOption(options, 'pauseBetweenRepeatsSeconds'),
		staysOnLine: options.afterPlaying === 'stay',
		stayOnLineSeconds: numberOption(options, 'stayOnLineSeconds'),
		recordsRecipient: options.recordRecipient === true,
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
