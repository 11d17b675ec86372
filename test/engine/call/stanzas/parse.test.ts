import fc from 'fast-check';
import type { BinaryNode } from '../../../../engine/call/stanzas/binaryNode';
import {
	accountOf,
	isLid,
	normalizeDeviceJid,
	parseDeviceJid,
} from '../../../../engine/call/stanzas/jid';
import { parseStanza } from '../../../../engine/call/stanzas/parse';
import { readVectors, type NodeVector } from '../support/vectors';

const callId = '00112233445566778899AABBCCDDEEFF';
const creator = '111111111111111:23@lid';
const peer = '222222222222222@lid';
const companion = '222222222222222:5@lid';

function inCall(
	child: Partial<BinaryNode> & { tag: string },
	attrs: Record<string, string> = {},
): BinaryNode {
	return {
		tag: 'call',
		attrs: { from: peer, id: 'X1', t: '1766847151', ...attrs },
		content: [
			{
				...child,
				attrs: { 'call-id': callId, 'call-creator': creator, ...child.attrs },
			},
		],
	};
}

describe('the ack of an offer', () => {
	const ack = readVectors<NodeVector>('ack').get('ack.offer');
	const node = ack?.inputs.node as BinaryNode;

	it('gives the relay block as it came, and the devices that ring', () => {
		expect(parseStanza(node)).toEqual({
			kind: 'ack',
			stanzaId: 'ABCDEF0123456789ABCDEF0123456789',
			relay: (node.content as BinaryNode[])[0],
			devices: [peer, companion],
		});
	});

	it('is read from its bytes', async () => {
		const { decodeBinaryNode } = await import('@whiskeysockets/baileys');
		const decoded = await decodeBinaryNode(Buffer.from(ack?.expected.encoded ?? '', 'hex'));
		const parsed = parseStanza(decoded);
		expect(parsed).toMatchObject({ kind: 'ack', devices: [peer, companion] });
		expect(parsed).toHaveProperty('relay.attrs.call-id', callId);
	});

	it('finds the relay block wherever it lies', () => {
		const deep: BinaryNode = {
			...node,
			content: [{ tag: 'wrap', attrs: {}, content: node.content }],
		};
		expect(parseStanza(deep)).toHaveProperty('relay.tag', 'relay');
	});

	it.each([
		['an attribute', { error: '463' }, undefined, '463'],
		['a child with a code', {}, [{ tag: 'error', attrs: { code: '439' } }], '439'],
		['both', { error: '479' }, [{ tag: 'error', attrs: { 'call-id': callId } }], '479'],
		['a child that says no more', {}, [{ tag: 'error', attrs: {} }], 'unknown'],
	])('says its refusal by %s', (_how, attrs, content, error) => {
		const refusal = { tag: 'ack', attrs: { class: 'call', id: 'S1', ...attrs }, content };
		expect(parseStanza(refusal)).toEqual({ kind: 'ack', stanzaId: 'S1', error, devices: [] });
	});

	it('of a message is not about a call', () => {
		expect(parseStanza({ tag: 'ack', attrs: { class: 'message', id: 'S1' } })).toEqual({
			kind: 'unknown',
		});
	});
});

describe('a receipt', () => {
	const offer = { tag: 'offer', attrs: { 'call-id': callId, 'call-creator': creator } };

	it('says which device has the offer', () => {
		expect(
			parseStanza({ tag: 'receipt', attrs: { id: 'S1', from: companion }, content: [offer] }),
		).toEqual({ kind: 'receipt', stanzaId: 'S1', sender: companion, callId, offline: false });
	});

	it('of a message is not about a call', () => {
		expect(parseStanza({ tag: 'receipt', attrs: { id: 'S1', from: companion } })).toEqual({
			kind: 'unknown',
		});
	});
});

describe('a stanza of a call', () => {
	it('comes from its participant where it has one', () => {
		expect(parseStanza(inCall({ tag: 'accept' }, { participant: companion }))).toHaveProperty(
			'sender',
			companion,
		);
		expect(parseStanza(inCall({ tag: 'accept' }))).toHaveProperty('sender', peer);
	});

	it('writes device 0 without its number, whoever sent it with one', () => {
		expect(
			parseStanza(inCall({ tag: 'accept' }, { from: '222222222222222:0@lid' })),
		).toHaveProperty('sender', peer);
	});

	it.each([
		[
			'agreed',
			[
				{ enc: 'opus', rate: '8000' },
				{ enc: 'opus', rate: '16000' },
			],
		],
		['mismatch', [{ enc: 'opus', rate: '8000' }]],
		['unsaid', []],
	])('accepts with audio %s', (audio, list) => {
		const content = list.map((attrs) => ({ tag: 'audio', attrs }));
		for (const tag of ['accept', 'preaccept']) {
			expect(parseStanza(inCall({ tag, content }))).toMatchObject({ kind: tag, audio });
		}
	});

	it('hands over the capability and the settings of an accept', () => {
		const content: BinaryNode[] = [
			{ tag: 'capability', attrs: { ver: '1' }, content: Buffer.from([1, 2]) },
			{ tag: 'voip_settings', attrs: {}, content: '{}' },
		];
		expect(parseStanza(inCall({ tag: 'accept', content }))).toMatchObject({
			capability: Buffer.from([1, 2]),
			settings: { tag: 'voip_settings', attrs: {}, content: '{}' },
		});
	});

	it.each(['reject', 'terminate'])('tells the reason of a %s, or that there is none', (tag) => {
		expect(parseStanza(inCall({ tag, attrs: { reason: 'busy' } }))).toMatchObject({
			kind: tag,
			reason: 'busy',
		});
		expect(parseStanza(inCall({ tag }))).not.toHaveProperty('reason');
	});

	it('is marked when it is a replay', () => {
		expect(parseStanza(inCall({ tag: 'terminate' }, { offline: '0' }))).toMatchObject({
			offline: true,
		});
	});

	it.each(['transport', 'relaylatency'])(
		'from the vectors: %s is known but asks for nothing',
		(tag) => {
			const node = readVectors<NodeVector>('nodes').get(`node.${tag}`)?.inputs.node as BinaryNode;
			const received = { ...node, attrs: { ...node.attrs, from: companion } };
			expect(parseStanza(received)).toEqual({
				kind: 'other',
				tag,
				callId,
				creator,
				sender: companion,
				offline: false,
			});
		},
	);
});

describe('hostile input', () => {
	it.each([
		['nothing', undefined],
		['text', '<call/>'],
		['no attributes', { tag: 'call' }],
		['no children', { tag: 'call', attrs: { from: peer } }],
		['bytes for children', { tag: 'call', attrs: { from: peer }, content: new Uint8Array(4) }],
		['children that are no elements', { tag: 'call', attrs: { from: peer }, content: [null, 3] }],
		['no sender', inCall({ tag: 'accept' }, { from: '' })],
		['a sender that is no device', inCall({ tag: 'accept' }, { from: '12@g.us@x' })],
		['no call id', inCall({ tag: 'accept', attrs: { 'call-id': '' } })],
		['no creator', inCall({ tag: 'accept', attrs: { 'call-creator': 'x' } })],
		[
			'attributes from a prototype',
			{ tag: 'ack', attrs: Object.create({ class: 'call', id: '1' }) },
		],
		['another tag', { tag: 'message', attrs: { from: peer, id: '1' } }],
	])('%s is unknown', (_what, input) => {
		expect(parseStanza(input)).toEqual({ kind: 'unknown' });
	});

	it('a relay block buried a million deep is not searched for', () => {
		let node: BinaryNode = { tag: 'relay', attrs: {} };
		for (let depth = 0; depth < 100_000; depth += 1) {
			node = { tag: 'x', attrs: {}, content: [node] };
		}
		const parsed = parseStanza({ tag: 'ack', attrs: { class: 'call', id: '1' }, content: [node] });
		expect(parsed).not.toHaveProperty('relay');
	});

	it('never throws', () => {
		const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
			tree: fc.record(
				{
					tag: fc.oneof(
						fc.constantFrom('call', 'ack', 'receipt', 'offer', 'accept', 'error', 'user', 'device'),
						fc.anything(),
					),
					attrs: fc.oneof(
						fc.dictionary(
							fc.constantFrom('id', 'from', 'class', 'error', 'call-id', 'call-creator', 'jid'),
							fc.oneof(fc.constantFrom('call', peer, creator), fc.anything()),
						),
						fc.anything(),
					),
					content: fc.oneof(
						{ maxDepth: 4 },
						fc.anything(),
						fc.array(tie('tree'), { maxLength: 3 }),
					),
				},
				{ requiredKeys: [] },
			),
		}));
		fc.assert(
			fc.property(tree, (input) => {
				expect(typeof parseStanza(input).kind).toBe('string');
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe('addresses of devices', () => {
	it('are read and written one way', () => {
		expect(parseDeviceJid(companion)).toEqual({
			user: '222222222222222',
			device: 5,
			server: 'lid',
		});
		expect(normalizeDeviceJid('222222222222222_1:0@lid')).toBe(peer);
		expect(accountOf(companion)).toBe(peer);
		for (const text of [undefined, '', '@lid', 'x@lid', '1:x@lid', '1@lid/2', 's.whatsapp.net']) {
			expect(parseDeviceJid(text)).toBeUndefined();
		}
	});

	it('are hidden ids only on the server lid', () => {
		expect(isLid(companion)).toBe(true);
		expect(isLid('1@hosted.lid')).toBe(false);
		expect(isLid('1@s.whatsapp.net')).toBe(false);
	});
});
