import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { LinkedDevice } from '../linkedDevice';
import type { Arrival } from '../wire/connection';
import { node, now, SERVER_JID } from '../wire/node';

const ROUTING_BYTES = 12;

export type Login =
	| { kind: 'registration' }
	| { kind: 'device'; device: LinkedDevice }
	/** 401: a device that is not linked (any more). `why` is undefined when the phone removed it. */
	| { kind: 'refused'; why?: string };

/** Who it is that connected, by its ClientPayload and its Noise key. */
export function findLogin(context: NetworkContext, { staticKey, payload }: Arrival): Login {
	const client = context.codecs.proto.ClientPayload.decode(payload);
	if (client.devicePairingData) return { kind: 'registration' };
	const number = String(client.username ?? '');
	const id = client.device ?? 0;
	for (const device of context.linked) {
		if (device.account.number !== number || device.id !== id) continue;
		if (!device.noiseKey.equals(staticKey)) break;
		return { kind: 'device', device };
	}
	if (context.removed.has(`${number}:${id}`)) return { kind: 'refused' };
	return { kind: 'refused', why: `${number}:${id} logs in and is not linked with this key` };
}

/** What the server says after a login (as Baileys' client expects it). */
export function success(device: LinkedDevice): BinaryNode[] {
	const routing = node('routing_info', {}, randomBytes(ROUTING_BYTES));
	const dirty = node('dirty', { type: 'account_sync', timestamp: now() });
	return [
		node('success', {
			t: now(),
			props: '27',
			location: 'sim',
			lid: device.lid,
			display_name: 'Simulator',
		}),
		node('ib', { from: SERVER_JID }, [node('edge_routing', {}, [routing])]),
		node('ib', { from: SERVER_JID }, [dirty]),
	];
}
