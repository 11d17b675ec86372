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
			numberOptionField('pauseBetweenCallsSeconds'),
		]),
	],
	async execute(context) {
		const to = requireCallable(readRecipient(context));
		const audio = await readAudioSource(context);
		return await context.connection.audioCall({ to, audio });
	},
};
