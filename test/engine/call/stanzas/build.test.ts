import { buildTerminate, buildUnmuted } from '../../../../engine/call/stanzas/actions';
import type { BinaryNode } from '../../../../engine/call/stanzas/binaryNode';
import { newCallId, newStanzaId } from '../../../../engine/call/stanzas/ids';
import { buildOffer, type OfferParts } from '../../../../engine/call/stanzas/offer';
import { readVectors, type NodeVector } from '../support/vectors';

const nodes = readVectors<NodeVector>('nodes');
const call = { callId: '00112233445566778899AABBCCDDEEFF', creator: '111111111111111:23@lid' };
const peer = '222222222222222@lid';
const companion = '222222222222222:5@lid';
const stanzaId = 'ABCDEF0123456789ABCDEF0123456789';

const wrapped = (jid: string, type: string, hex: string): BinaryNode => ({
	tag: 'to',
	attrs: { jid },
	content: [{ tag: 'enc', attrs: { v: '2', type, count: '0' }, content: Buffer.from(hex, 'hex') }],
});

const parts: OfferParts = {
	peer,
	stanzaId,
	...call,
	codec: 'opus',
	encryptedKeys: [wrapped(peer, 'msg', '33aabb'), wrapped(companion, 'pkmsg', '33ccddee')],
	deviceCount: 2,
	token: Buffer.from('0401', 'hex'),
	identity: () => Buffer.from('0a02aabb', 'hex'),
};

async function encode(node: BinaryNode): Promise<string> {
	const { encodeBinaryNode } = await import('@whiskeysockets/baileys');
	return encodeBinaryNode(node).toString('hex');
}

function vector(id: string): NodeVector {
	const found = nodes.get(id);
	if (found === undefined) {
		throw new Error(`no vector ${id}`);
	}
	return found;
}

function offerOf(node: BinaryNode): BinaryNode[] {
	const [offer] = node.content as BinaryNode[];
	return offer?.content as BinaryNode[];
}

const tags = (list: readonly BinaryNode[]): string[] => list.map(({ tag }) => tag);

describe('bytes on the wire', () => {
	it('an offer is the vector, byte for byte', async () => {
		expect(await encode(buildOffer(parts))).toBe(vector('node.offer_opus').expected.encoded);
	});

	it('an offer of MLow differs from the vector by the audio node of 8000 that today is left out', () => {
		const expected = offerOf(vector('node.offer_mlow').inputs.node).filter(
			({ attrs }) => attrs.rate !== '8000',
		);
		const built = offerOf(buildOffer({ ...parts, codec: 'mlow' }));
		expect(tags(built)).toEqual(tags(expected));
		expect(built.map(({ attrs }) => attrs)).toEqual(expected.map(({ attrs }) => attrs));
		expect(Buffer.from(built[3]?.content as Uint8Array)).toEqual(expected[3]?.content);
	});

	it.each([
		['node.terminate', buildTerminate(call, companion, stanzaId)],
		['node.terminate_elsewhere', buildTerminate(call, companion, stanzaId, 'accepted_elsewhere')],
		['node.mute', buildUnmuted(call, companion, stanzaId)],
	])('%s is the vector, byte for byte', async (id, built) => {
		expect(built).toEqual(vector(id).inputs.node);
		expect(await encode(built)).toBe(vector(id).expected.encoded);
	});

	it('the capability bytes are those of the vectors', () => {
		const capability = readVectors<{ expected: Record<string, string> }>('capability').get(
			'capability',
		)?.expected;
		for (const [codec, hex] of [
			['mlow', capability?.offer],
			['opus', capability?.offerOpus],
		] as const) {
			const sent = offerOf(buildOffer({ ...parts, codec })).find(({ tag }) => tag === 'capability');
			expect(Buffer.from(sent?.content as Uint8Array).toString('hex')).toBe(hex);
		}
	});

	it('the call key travels as the message of the vector', async () => {
		const { proto } = await import('@whiskeysockets/baileys');
		const vector = readVectors<{
			inputs: { callKey: string };
			expected: { protobuf: string };
		}>('callKey').get('callKey.message');
		const callKey = Buffer.from(vector?.inputs.callKey ?? '', 'hex');
		const bytes = proto.Message.encode({ call: { callKey } }).finish();
		expect(Buffer.from(bytes).toString('hex')).toBe(vector?.expected.protobuf);
	});
});

describe('an offer', () => {
	const order = ['privacy', 'audio', 'net', 'capability', 'destination', 'encopt'];

	it('has its children in the order that the server enforces', () => {
		expect(tags(offerOf(buildOffer(parts)))).toEqual([...order, 'device-identity']);
	});

	it('leaves out privacy when there is no token, or an empty one', () => {
		for (const token of [undefined, new Uint8Array()]) {
			expect(tags(offerOf(buildOffer({ ...parts, token })))).not.toContain('privacy');
		}
	});

	it('brings the device identity with a pkmsg only', () => {
		const known = [wrapped(peer, 'msg', '01'), wrapped(companion, 'msg', '02')];
		const identity = jest.fn(() => new Uint8Array([1]));
		expect(tags(offerOf(buildOffer({ ...parts, encryptedKeys: known, identity })))).toEqual(order);
		expect(identity).not.toHaveBeenCalled();
	});

	it('to a person with nothing but a phone carries the key without a destination', () => {
		const built = offerOf(
			buildOffer({ ...parts, encryptedKeys: [wrapped(peer, 'pkmsg', '01')], deviceCount: 1 }),
		);
		expect(built[4]).toEqual({
			tag: 'enc',
			attrs: { v: '2', type: 'pkmsg', count: '0' },
			content: Buffer.from([1]),
		});
		expect(tags(built)).toContain('device-identity');
	});

	it('keeps the destination when only one key of several could be wrapped', () => {
		const built = offerOf(buildOffer({ ...parts, encryptedKeys: [wrapped(peer, 'msg', '01')] }));
		expect(built[4]?.tag).toBe('destination');
	});

	it('keeps the destination when the only device is not the phone', () => {
		const encryptedKeys = [wrapped(companion, 'msg', '01')];
		const built = offerOf(buildOffer({ ...parts, encryptedKeys, deviceCount: 1 }));
		expect(built[4]?.tag).toBe('destination');
	});

	it('has nothing but call-id and call-creator, and its stanza nothing but to and id', () => {
		const built = buildOffer(parts);
		expect(built.attrs).toEqual({ to: peer, id: stanzaId });
		expect((built.content as BinaryNode[])[0]?.attrs).toEqual({
			'call-id': call.callId,
			'call-creator': call.creator,
		});
	});
});

describe('ids', () => {
	it('a call id is 00 and 30 more upper-case hex characters, new each time', () => {
		const ids = new Set(Array.from({ length: 50 }, () => newCallId()));
		expect(ids.size).toBe(50);
		for (const id of ids) {
			expect(id).toMatch(/^00[0-9A-F]{30}$/);
		}
	});

	it('a stanza id is 32 upper-case hex characters', () => {
		expect(newStanzaId(() => new Uint8Array(16).fill(0xab))).toBe('AB'.repeat(16));
	});
});
