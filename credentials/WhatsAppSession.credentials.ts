import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** A linked device inside n8n. Tested by the node: see nodes/WhatsAppCall/credentialTests.ts. */
export class WhatsAppSession implements ICredentialType {
	name = 'whatsAppSession';

	displayName = 'WhatsApp Session';

	icon: Icon = {
		light: 'file:../nodes/WhatsAppCall/whatsAppCall.svg',
		dark: 'file:../nodes/WhatsAppCall/whatsAppCall.dark.svg',
	};

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-whatsapp-call#credentials';

	properties: INodeProperties[] = [
		{
			displayName:
				'Save this credential, then link it to a phone: run the node with Session > Link Device once.',
			name: 'notice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Session Name',
			name: 'sessionName',
			type: 'string',
			default: 'main',
			placeholder: 'e.g. main',
			description:
				'Name of the linked device: letters, digits, dashes and underscores. Every WhatsApp account needs a name of its own.',
			required: true,
		},
		{
			displayName: 'Passphrase',
			name: 'passphrase',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				"Encrypts the keys of the linked device on this machine's disk. Optional, and cannot be changed later without linking again.",
		},
		{
			displayName: 'Most Calls Per Day',
			name: 'callsPerDay',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 10000, numberPrecision: 0 },
			default: 100,
			description:
				'How many calls this session places within 24 hours, at most: protects the account from being restricted',
		},
		{
			displayName: 'Advanced',
			name: 'advanced',
			type: 'boolean',
			default: false,
			description: 'Whether to show settings that rarely need a change',
		},
		{
			displayName: 'Audio Codec',
			name: 'codec',
			type: 'options',
			options: [
				{ name: 'MLow', value: 'mlow' },
				{ name: 'Opus', value: 'opus' },
				{ name: 'Opus in MLow Framing', value: 'escape' },
			],
			default: 'mlow',
			description:
				'What audio calls are sent in. MLow is what phones use; an app without it gets Opus by itself. Change it only when people who answer hear nothing.',
			displayOptions: { show: { advanced: [true] } },
		},
		{
			displayName: 'Data Folder',
			name: 'dataFolder',
			type: 'string',
			default: '',
			placeholder: 'e.g. /home/node/.n8n/whatsapp-call',
			description:
				"Where sessions are kept on the machine that runs n8n. Leave empty for WHATSAPP_CALL_DATA, or the folder whatsapp-call inside n8n's own.",
			displayOptions: { show: { advanced: [true] } },
		},
		{
			displayName: 'Keep Connected (Seconds)',
			name: 'keepAliveSeconds',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 86400, numberPrecision: 0 },
			default: 60,
			description:
				'How long the connection to WhatsApp stays open after a call, so that the next one starts at once',
			displayOptions: { show: { advanced: [true] } },
		},
	];
}
