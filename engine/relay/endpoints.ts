import type { RelayEndpoint } from './types';

/** Some relays answer here whatever port the server named. */
export const SECOND_PORT = 3480;

/** Every port a relay may answer on, the server's first. */
export function portsOf({ port }: RelayEndpoint): number[] {
	return port === SECOND_PORT ? [port] : [port, SECOND_PORT];
}

/**
 * The order in which relays are tried (protocol page 04, section 2): those on 3480, which route both
 * ways, then those outside of providers' networks, with a token for ICE first; among equals the
 * nearest. One address of each relay comes before the second of any.
 */
export function orderEndpoints(endpoints: readonly RelayEndpoint[]): RelayEndpoint[] {
	const sorted = [...endpoints].sort(
		(a, b) => rankOf(a) - rankOf(b) || roundTripOf(a) - roundTripOf(b),
	);
	const seen = new Set<string>();
	const isFirst = ({ relayId }: RelayEndpoint): boolean => {
		const first = !seen.has(relayId);
		seen.add(relayId);
		return first;
	};
	const firsts = sorted.filter(isFirst);
	return [...firsts, ...sorted.filter((endpoint) => !firsts.includes(endpoint))];
}

export function isSameEndpoint(a: RelayEndpoint, b: RelayEndpoint): boolean {
	return a.address === b.address && a.port === b.port && Buffer.from(a.token).equals(b.token);
}

function rankOf({ authToken, isFna, port }: RelayEndpoint): number {
	if (port === SECOND_PORT) {
		return 0;
	}
	return isFna ? 3 : authToken === undefined ? 2 : 1;
}

/** Unmeasured counts as far, yet is subtracted: no infinity. */
function roundTripOf({ roundTripMs }: RelayEndpoint): number {
	return roundTripMs ?? Number.MAX_SAFE_INTEGER;
}
