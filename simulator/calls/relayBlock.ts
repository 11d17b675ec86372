import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { BinaryNode } from '../codecs';
import { node } from '../wire/node';

const STUN_KEY_BYTES = 16;
const HOP_BY_HOP_KEY_BYTES = 30;
const TOKEN_BYTES = 160;
const AUTH_TOKEN_BYTES = 16;

/** The secrets of one call's relays, as a simulated relay would need them. */
export interface RelaySecrets {
	/** ASCII base64: the text itself is the STUN integrity key (page 02 section 5). */
	key: string;
	hopByHopKey: string;
	token: Buffer;
	authToken: Buffer;
}

export function relaySecrets(): RelaySecrets {
	return {
		key: randomBytes(STUN_KEY_BYTES).toString('base64'),
		hopByHopKey: randomBytes(HOP_BY_HOP_KEY_BYTES).toString('base64'),
		token: randomBytes(TOKEN_BYTES),
		authToken: randomBytes(AUTH_TOKEN_BYTES),
	};
}

/** The `<relay>` of an offer's ack (page 02 section 5). */
export function relayBlock(
	call: { id: string; creator: string },
	participants: readonly string[],
	relays: readonly { host: string; port: number }[],
	secrets: RelaySecrets,
): BinaryNode {
	const attributes = {
		'call-id': call.id,
		'call-creator': call.creator,
		uuid: randomBytes(12).toString('base64'),
		self_pid: '1',
		peer_pid: '2',
	};
	return node('relay', attributes, [
		...participants.map((jid, index) => node('participant', { jid, pid: String(index + 1) })),
		node('token', { id: '0' }, secrets.token),
		node('auth_token', { id: '0' }, secrets.authToken),
		node('key', {}, Buffer.from(secrets.key)),
		node('hbh_key', {}, Buffer.from(secrets.hopByHopKey)),
		node('warp_mi_tag_len', {}, Buffer.from('4')),
		...relays.map(({ host, port }, index) =>
			node(
				'te2',
				{
					relay_id: String(index),
					relay_name: `sim${index}c01`,
					token_id: '0',
					auth_token_id: '0',
					protocol: '0',
				},
				endpoint(host, port),
			),
		),
	]);
}

function endpoint(host: string, port: number): Buffer {
	if (!isIPv4(host)) throw new Error(`The simulator's relays have IPv4 addresses, not ${host}`);
	const bytes = Buffer.alloc(6);
	bytes.set(host.split('.').map(Number));
	bytes.writeUInt16BE(port, 4);
	return bytes;
}
