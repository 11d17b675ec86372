import type { IAuthenticateGeneric, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** A server that speaks RyzeAPI's contract. Tested by the node: see nodes/WhatsAppCall/credentialTests.ts. */
export class RyzeApi implements ICredentialType {
	name = 'ryzeApi';

	displayName = 'RyzeAPI Server API';

	icon: Icon = {
		light: 'file:../nodes/WhatsAppCall/whatsAppCall.svg',
		dark: 'file:../nodes/WhatsAppCall/whatsAppCall.dark.svg',
	};

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-whatsapp-call#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://ryzeapi.cloud',
			placeholder: 'e.g. https://ryzeapi.cloud',
			description: 'Address of the server, without a path of the API',
			required: true,
		},
		{
			displayName: 'Instance',
			name: 'instance',
			type: 'string',
			default: '',
			placeholder: 'e.g. main',
			description: 'Name of the instance at the server: the WhatsApp account that calls',
			required: true,
		},
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'The token of the instance (TokenInstance) or of the account (TokenAccount)',
			required: true,
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { token: '={{$credentials.token.trim()}}' } },
	};
}
