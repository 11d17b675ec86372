import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../codecs';
import type { Line } from '../relay/line';
import type { Relay } from '../relay/relay';
import type { Settings } from '../settings';
import { node } from '../wire/node';

/** Nobody's address: documentation (RFC 3849). */
const IPV6 = Buffer.from('20010db8000000000000000000000001', 'hex');
const OTHER_PROTOCOL_PORT = 443;

/** How much of it is told. */
export type Extent = Extract<Settings['relayBlock'], 'full' | 'noTokens' | 'ipv6'>;

/**
 * The `<relay>` of an offer's ack (page 02 section 5): each relay by IPv4, by IPv6, and with a protocol
 * that is not UDP.
 * @param participants addresses of the calling device, then of the devices that ring
 */
export function relayBlock(
	line: Line,
	call: { id: string; creator: string },
	participants: readonly string[],
	relays: readonly Relay[],
	extent: Extent = 'full',
): BinaryNode {
	const attributes = {
		'call-id': call.id,
		'call-creator': call.creator,
		uuid: randomBytes(12).toString('base64'),
		self_pid: '1',
		peer_pid: '2',
	};
	const tickets = extent === 'noTokens' ? [] : line.tickets;
	return node('relay', attributes, [
		...participants.map((jid, index) => node('participant', { jid, pid: String(index + 1) })),
		...tickets.map(({ token }, id) => node('token', { id: String(id) }, token)),
		...tickets.map(({ authToken }, id) => node('auth_token', { id: String(id) }, authToken)),
		node('key', {}, Buffer.from(line.key)),
		node('hbh_key', {}, Buffer.from(line.hopByHopKey)),
		node('warp_mi_tag_len', {}, Buffer.from(String(line.tagBytes))),
		...relays.flatMap((relay, index) => endpoints(relay, String(index), extent)),
	]);
}

function endpoints({ name, host, port }: Relay, index: string, extent: Extent): BinaryNode[] {
	const endpoint = (protocol: string, at: number, address: Buffer): BinaryNode => {
		const bytes = Buffer.alloc(2);
		bytes.writeUInt16BE(at);
		const attributes = {
			relay_id: index,
			relay_name: name,
			token_id: index,
			auth_token_id: index,
			protocol,
			c2r_rtt: String(30 + Number(index)),
		};
		return node('te2', attributes, Buffer.concat([address, bytes]));
	};
	const ipv4 = Buffer.from(host.split('.').map(Number));
	const sixth = endpoint('0', port, IPV6);
	if (extent === 'ipv6') return [sixth];
	return [endpoint('0', port, ipv4), sixth, endpoint('1', OTHER_PROTOCOL_PORT, ipv4)];
}
