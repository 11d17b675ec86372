import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	Icon,
	IDataObject,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

/**
 * A hosted API for voice messages with an instance id and an access token (Wawp). Tested by the
 * node: see nodes/WhatsAppCall/credentialTests.ts.
 */
export class WawpApi implements ICredentialType {
	name = 'wawpApi';

	displayName = 'WhatsApp Voice (Wawp) API';

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
			default: 'https://api.wawp.net',
			placeholder: 'e.g. https://api.wawp.net',
			description: 'Address of the API, without the path of a route',
			required: true,
		},
		{
			displayName: 'Instance ID',
			name: 'instanceId',
			type: 'string',
			default: '',
			description: 'The instance that sends, as the dashboard of the API shows it',
			required: true,
		},
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Send Parameters As',
			name: 'sendParametersAs',
			type: 'options',
			options: [
				{
					name: 'JSON Body',
					value: 'body',
					description: 'Everything as a JSON object in the body',
				},
				{
					name: 'Query',
					value: 'query',
					description: 'Everything in the query. Tokens then stand in the logs of proxies.',
				},
				{
					name: 'Query and JSON Body',
					value: 'queryAndBody',
					description: 'Instance ID and access token in the query, the rest as JSON',
				},
			],
			default: 'body',
			description:
				"Where the API looks for its parameters. The provider's documentation names all three.",
		},
	];

	/** Adds who sends, and puts the parameters of a request where the user wants them: the one place that knows. */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const who: IDataObject = {
			instance_id: String(credentials.instanceId).trim(),
			access_token: String(credentials.accessToken).trim(),
		};
		const parameters = (requestOptions.body ?? {}) as IDataObject;
		switch (credentials.sendParametersAs) {
			case 'query':
				return {
					...requestOptions,
					headers: { ...requestOptions.headers, 'Content-Type': undefined },
					body: undefined,
					qs: { ...who, ...parameters },
				};
			case 'queryAndBody':
				return { ...requestOptions, qs: who, body: parameters };
			default:
				return { ...requestOptions, body: { ...who, ...parameters } };
		}
	}
}
