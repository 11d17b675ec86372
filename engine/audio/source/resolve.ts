import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { CallError } from '../../../common/errors';
import { printable } from '../../../common/text';
import { isPublicAddress } from './addresses';
import { unreachable } from './fetchErrors';

/** Addresses of a host name; rejects, or resolves to none, when there is no such name. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

/** An address that may be connected to. */
export interface CheckedAddress {
	address: string;
	family: 4 | 6;
}

export interface ResolveOptions {
	allowPrivateAddresses: boolean;
	lookup: Lookup;
}

/** The resolver of the system, with its hosts file. */
export const systemResolver: Lookup = async (hostname) =>
	(await systemLookup(hostname, { all: true })).map(({ address }) => address);

/**
 * The addresses behind a URL, every one of them checked: one that is not public refuses the name,
 * since which of them a connection takes is chance.
 *
 * @param url its host may be a name or an address in any form; the URL parser has made decimal, octal
 *   and hexadecimal IPv4 addresses into dotted ones (WHATWG URL, host parsing)
 * @throws CallError AUDIO_ADDRESS_BLOCKED, AUDIO_UNREACHABLE
 */
export async function checkedAddresses(
	url: URL,
	{ allowPrivateAddresses, lookup }: ResolveOptions,
): Promise<CheckedAddress[]> {
	const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
	const addresses =
		isIP(hostname) === 0 ? await resolveName(hostname, url.host, lookup) : [hostname];
	if (!allowPrivateAddresses && !addresses.every(isPublicAddress)) {
		throw new CallError(
			'AUDIO_ADDRESS_BLOCKED',
			`The audio is not fetched from ${printable(url.host, 100)}: this is not a public address`,
		);
	}
	return addresses.map((address) => ({ address, family: isIP(address) === 4 ? 4 : 6 }));
}

async function resolveName(hostname: string, host: string, lookup: Lookup): Promise<string[]> {
	let found: readonly string[];
	try {
		found = await lookup(hostname);
	} catch (error) {
		throw unreachable(host, error);
	}
	const addresses = found.filter((address) => isIP(address) !== 0);
	if (addresses.length === 0) {
		throw unreachable(host, { code: 'ENOTFOUND' });
	}
	return addresses;
}
