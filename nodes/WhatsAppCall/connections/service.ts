import { CallError } from '../../../common/errors';
import { printable } from '../../../common/text';
import type { Service } from './api';

/**
 * The server of a credential. The base URL may carry a path (a reverse proxy), but nothing secret:
 * it appears in error messages.
 *
 * @throws CallError NETWORK_UNREACHABLE when it is no http(s) address
 */
export function readService(
	credentialName: string,
	baseUrl: unknown,
	secrets: readonly string[],
): Service {
	const text = typeof baseUrl === 'string' ? baseUrl.trim() : '';
	const hint = 'Enter the Base URL in the credential like https://ryzeapi.cloud, without a query.';
	if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
		throw new CallError(
			'NETWORK_UNREACHABLE',
			`The Base URL "${printable(text, 100)}" is not an http(s) address`,
			{ hint },
		);
	}
	const url = new URL(text);
	if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
		throw new CallError(
			'NETWORK_UNREACHABLE',
			'The Base URL must not hold a user name, a query or a fragment',
			{ hint },
		);
	}
	return { credentialName, secrets, baseUrl: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

/** A text of a credential, or an error that names the field. */
export function requireText(value: unknown, displayName: string): string {
	const text = typeof value === 'string' ? value.trim() : '';
	if (text === '') {
		throw new CallError('UNAUTHORIZED', `The field "${displayName}" of the credential is empty`, {
			hint: 'Open the credential of this node, fill it in and test it there.',
		});
	}
	return text;
}
