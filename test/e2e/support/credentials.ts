import type { StoredCredential } from './workflow';

/** The secrets that the contract server accepts; none of them may ever come out of n8n. */
export const SECRETS = ['instance-token', 'account-token', 'wawp-token', 'words of a session'];

/** A credential for the contract server's connected instance, with what a test wants otherwise. */
export function ryzeApi(
	baseUrl: string,
	data: Partial<Record<'instance' | 'token', string>> = {},
): StoredCredential {
	return {
		id: 'ryzeApiOfTheTest',
		name: 'RyzeAPI account',
		type: 'ryzeApi',
		data: { baseUrl, instance: 'main', token: 'instance-token', ...data },
	};
}

/** A credential for the contract server's Voice API account, with what a test wants otherwise. */
export function wawpApi(
	baseUrl: string,
	data: Partial<Record<'accessToken' | 'sendParametersAs', string>> = {},
): StoredCredential {
	return {
		id: 'wawpApiOfTheTest',
		name: 'Voice API account',
		type: 'wawpApi',
		data: {
			baseUrl,
			instanceId: 'WAWP1',
			accessToken: 'wawp-token',
			sendParametersAs: 'body',
			...data,
		},
	};
}

/** A credential for a linked device inside n8n. */
export function whatsAppSession(
	data: Partial<Record<'sessionName', string>> = {},
): StoredCredential {
	return {
		id: 'whatsAppSessionOfTheTest',
		name: 'WhatsApp Session',
		type: 'whatsAppSession',
		data: { sessionName: 'main', passphrase: 'words of a session', ...data },
	};
}
