import { requireCallable } from '../../../common/address';
import { connectionOptions } from '../connections';
import { numberOptionField, optionsField } from '../options';
import { audioSourceFields, readAudioSource } from './fields/audioSource';
import { readRecipient, recipientField } from './fields/recipient';
import type { Operation } from './operation';

const showOnlyForAudioCall = { resource: ['call'], operation: ['audio'] };

/** Calls, and plays a recording to whoever answers. */
export const audioCall: Operation = {
	name: 'audioCall',
	fields: [
		recipientField(
			showOnlyForAudioCall,
			'e.g. +55 11 99999-9999',
			'Number with country code, or a WhatsApp address (…@s.whatsapp.net, …@c.us)',
		),
		...audioSourceFields(showOnlyForAudioCall),
		optionsField(showOnlyForAudioCall, [
			...connectionOptions('audioCall'),
			numberOptionField('maximumAudioSizeMb'),
		]),
	],
	async execute(context) {
		const to = requireCallable(readRecipient(context));
		const audio = await readAudioSource(context);
		const { report, recording } = await context.connection.audioCall({ to, audio });
		if (recording === undefined) {
			return { json: report };
		}
		const { field, ogg, seconds } = recording;
		const file = await context.functions.helpers.prepareBinaryData(
			Buffer.from(ogg.buffer, ogg.byteOffset, ogg.byteLength),
			'recording.ogg',
			'audio/ogg',
		);
		return {
			json: { ...report, recording: field, recordingSeconds: seconds },
			binary: { [field]: file },
		};
	},
};
