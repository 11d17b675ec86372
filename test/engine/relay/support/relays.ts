import type { RelayEndpoint } from '../../../../engine/relay';

export const KEY = 'MDEyMzQ1Njc4OWFiY2RlZg==';
export const SSRCS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** RTP enough to be told from STUN and RTCP. */
export function rtp(sequence = 1): Buffer {
	return Buffer.from([
		0x90,
		120,
		sequence >> 8,
		sequence & 255,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		1,
		0xde,
		0xbe,
		0,
		0,
	]);
}

export function relay(last: number, changes: Partial<RelayEndpoint> = {}): RelayEndpoint {
	return {
		relayId: String(last),
		relayName: `rel${last}`,
		address: `198.51.100.${last}`,
		port: 3478,
		isFna: false,
		token: Buffer.from(`token ${last}`),
		authToken: Buffer.from(`auth ${last}`),
		...changes,
	};
}

export function addressOf(last: number): string {
	return `198.51.100.${last}`;
}
