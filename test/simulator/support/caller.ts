import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../../../simulator/codecs';
import type { Phone } from '../../../simulator';
import { node } from '../../../simulator/wire/node';
import type { TestClient } from './client';

/** The parts of an offer, for a test to spoil. */
export interface OfferParts {
	callId: string;
	callKey: Buffer;
	envelope: Record<string, string>;
	attributes: Record<string, string>;
	content: BinaryNode[];
}

/** An offer as page 02 section 4 wants it, made with Baileys' own functions. */
export async function makeOffer(client: TestClient, phone: Phone): Promise<OfferParts> {
	const { socket } = client;
	const devices = await socket.getUSyncDevices([phone.jid], false, false);
	const lids = devices.map(({ device }) =>
		device ? phone.lid.replace('@', `:${device}@`) : phone.lid,
	);
	await socket.assertSessions(lids);
	const callKey = randomBytes(32);
	const { nodes, shouldIncludeDeviceIdentity } = await socket.createParticipantNodes(
		lids,
		{ call: { callKey } },
		{ count: '0' },
	);
	const callId = `00${randomBytes(15).toString('hex').toUpperCase()}`;
	const { account, me } = socket.authState.creds;
	const baileys = await import('@whiskeysockets/baileys');
	const identity = account && Buffer.from(baileys.encodeSignedDeviceIdentity(account, true));
	return {
		callId,
		callKey,
		envelope: { to: phone.lid, id: socket.generateMessageTag() },
		attributes: { 'call-id': callId, 'call-creator': me?.lid ?? '' },
		content: [
			node('audio', { enc: 'opus', rate: '16000' }),
			node('net', { medium: '3' }),
			node('capability', { ver: '1' }, Buffer.from('0105f709e0bb13', 'hex')),
			node('destination', {}, nodes),
			node('encopt', { keygen: '2' }),
			...(shouldIncludeDeviceIdentity ? [node('device-identity', {}, identity)] : []),
		],
	};
}

/** Sends an offer; answers its ack, or undefined when none came within `milliseconds`. */
export async function sendOffer(
	client: TestClient,
	offer: OfferParts,
	milliseconds = 4_000,
): Promise<BinaryNode | undefined> {
	const { socket } = client;
	const { id } = offer.envelope;
	const ack = id === undefined ? undefined : socket.waitForMessage<BinaryNode>(id, milliseconds);
	await socket.sendNode(
		node('call', offer.envelope, [node('offer', offer.attributes, offer.content)]),
	);
	return ack;
}

/** Hangs up towards one device. */
export async function sendTerminate(
	client: TestClient,
	offer: OfferParts,
	to: string,
	reason?: string,
): Promise<void> {
	const id = client.socket.generateMessageTag();
	const action = node('terminate', { ...offer.attributes, reason });
	await client.socket.sendNode(node('call', { to, id }, [action]));
}

/** Collects what the client hears about its calls. */
export function listen(client: TestClient): { receipts: BinaryNode[]; calls: BinaryNode[] } {
	const heard: { receipts: BinaryNode[]; calls: BinaryNode[] } = { receipts: [], calls: [] };
	client.socket.ws.on('CB:receipt', (stanza: BinaryNode) => heard.receipts.push(stanza));
	client.socket.ws.on('CB:call', (stanza: BinaryNode) => heard.calls.push(stanza));
	return heard;
}
