import { connectionOptions } from '../connections';
import { numberOptionField, optionsField } from '../options';
import { audioSourceFields, readAudioSource } from './fields/audioSource';
import { readRecipient, recipientField } from './fields/recipient';
import type { Operation, OperationContext } from './operation';

const showOnlyForSendVoice = { resource: ['voiceMessage'], operation: ['send'] };
/** What a server is told; the embedded phone writes the file itself. */
const showOnlyForServers = { ...showOnlyForSendVoice, connection: ['ryzeApi', 'voiceApi'] };

/** Sends a voice note. */
export const sendVoice: Operation = {
	name: 'sendVoice',
	fields: [
		recipientField(
			showOnlyForSendVoice,
			'e.g. +55 11 99999-9999',
			'Number with country code, or the WhatsApp address of a person (…@s.whatsapp.net, …@c.us), a group (…@g.us) or a channel (…@newsletter)',
		),
		...audioSourceFields(showOnlyForSendVoice),
		{
			displayName: 'Convert to OGG/Opus',
			name: 'convert',
			type: 'boolean',
			default: true,
			description:
				'Whether the API converts the audio into the form of a voice note. Switch it off only when the file is OGG/Opus already.',
			displayOptions: { show: { ...showOnlyForSendVoice, connection: ['voiceApi'] } },
		},
		{
			displayName: 'Reply To',
			name: 'replyTo',
			type: 'string',
			default: '',
			placeholder: 'e.g. 3EB08FCF27E532F1D3D3',
			description: 'ID of the message that the voice note answers. Leave empty for none.',
			displayOptions: { show: showOnlyForSendVoice },
		},
		{
			displayName: 'File Name',
			name: 'fileName',
			type: 'string',
			default: '',
			placeholder: 'e.g. message.ogg',
			description: 'Name that the server is told. Leave empty for its default.',
			displayOptions: { show: showOnlyForServers },
		},
		{
			displayName: 'MIME Type',
			name: 'mimeType',
			type: 'string',
			default: '',
			placeholder: 'e.g. audio/ogg; codecs=opus',
			description: 'Type that the server is told. Leave empty for its default.',
			displayOptions: { show: showOnlyForServers },
		},
		optionsField(showOnlyForSendVoice, [
			...connectionOptions('sendVoice'),
			numberOptionField('maximumAudioSizeMb'),
		]),
	],
	async execute(context) {
		const { functions, itemIndex, connection } = context;
		const to = readRecipient(context);
		const audio = await readAudioSource(context);
		const json = await connection.sendVoice({
			to,
			audio,
			convert: functions.getNodeParameter('convert', itemIndex, true) !== false,
			...optionalText(context, 'replyTo'),
			...optionalText(context, 'fileName'),
			...optionalText(context, 'mimeType'),
		});
		return { json };
	},
};

function optionalText<Name extends string>(
	{ functions, itemIndex }: OperationContext,
	name: Name,
): Partial<Record<Name, string>> {
	const value: unknown = functions.getNodeParameter(name, itemIndex, '');
	const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
	return text === '' ? {} : ({ [name]: text } as Record<Name, string>);
}
