import { unreachable } from './fetchErrors';

/** One request on the way to the audio. */
export interface Hop {
	url: URL;
	/** Value of the header Authorization, for the server of this hop and no other. */
	authorization?: string;
}

/**
 * A URL with its user name and password, if any, taken out and made into Basic authentication
 * (RFC 7617), for people who protect the audio they host that way.
 */
export function hopTo(url: URL): Hop {
	const bare = new URL(url);
	bare.username = '';
	bare.password = '';
	if (url.username === '' && url.password === '') {
		return { url: bare };
	}
	const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
	return {
		url: bare,
		authorization: `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`,
	};
}

/**
 * Where a redirect leads (RFC 9110, section 15.4). Credentials stay with their origin. From https to
 * http is refused: an https address promises that nobody on the way can put in another recording.
 *
 * @param location value of the header Location, relative or absolute
 * @throws CallError AUDIO_UNREACHABLE
 */
export function nextHop(from: Hop, location: string): Hop {
	if (!URL.canParse(location, from.url.href)) {
		throw unreachable(from.url.host, 'it redirects to something that is not an address');
	}
	const target = new URL(location, from.url);
	if (target.protocol !== 'http:' && target.protocol !== 'https:') {
		throw unreachable(from.url.host, 'it redirects to an address that is not http(s)');
	}
	if (from.url.protocol === 'https:' && target.protocol === 'http:') {
		throw unreachable(from.url.host, 'it redirects from https to http, which is not secure');
	}
	const hop = hopTo(target);
	return hop.authorization === undefined &&
		from.authorization !== undefined &&
		hop.url.origin === from.url.origin
		? { ...hop, authorization: from.authorization }
		: hop;
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
