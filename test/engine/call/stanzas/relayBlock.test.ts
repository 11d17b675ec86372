import fc from 'fast-check';
import type { BinaryNode } from '../../../../engine/call/stanzas/binaryNode';
import { parseRelayBlock } from '../../../../engine/call/stanzas/relayBlock';
import { readVectors, type NodeVector } from '../support/vectors';

describe('the relay block of an ack', () => {
	const ack = readVectors<NodeVector>('ack').get('ack.offer')?.inputs.node;
	const relay = (ack?.content as BinaryNode[]).find(({ tag }) => tag === 'relay') as BinaryNode;

	function without(...tags: string[]): BinaryNode {
		const content = (relay.content as BinaryNode[]).filter(({ tag }) => !tags.includes(tag));
		return { ...relay, content };
	}

	function withChild(child: BinaryNode): BinaryNode {
		return { ...relay, content: [...(without(child.tag).content as BinaryNode[]), child] };
	}

	it('is read as the vector wants it', () => {
		const block = parseRelayBlock(relay);
		expect(block?.key).toBe('MDEyMzQ1Njc4OWFiY2RlZg==');
		expect(block?.tagBytes).toBe(4);
		expect(block?.endpoints.length).toBeGreaterThan(0);
		for (const endpoint of block?.endpoints ?? []) {
			expect(endpoint.address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
			expect(endpoint.token.length).toBeGreaterThan(0);
		}
	});

	it.each([
		['399081390d96', '57.144.129.57', 3478],
		['aa4e36620d98', '170.78.54.98', 3480],
	])('reads the address %s', (hex, address, port) => {
		const content = Buffer.from(hex, 'hex');
		const attrs = { relay_id: '0', relay_name: 'x', token_id: '0', auth_token_id: '1' };
		expect(parseRelayBlock(withChild({ tag: 'te2', attrs, content }))?.endpoints).toMatchObject([
			{ address, port, isFna: false },
		]);
	});

	it.each([
		['an IPv6 address', { token_id: '0' }, '28043504ffff0001faceb00c33334df00d96'],
		['a broken address', { token_id: '0' }, '010203'],
		['another protocol', { token_id: '0', protocol: '1' }, '399081390d96'],
		['a missing token', { token_id: '40' }, '399081390d96'],
		['a token id that is none', { token_id: 'x' }, '399081390d96'],
	])('leaves out %s', (_what, attrs, hex) => {
		const te2 = { tag: 'te2', attrs, content: Buffer.from(hex, 'hex') };
		expect(parseRelayBlock(withChild(te2 as BinaryNode))?.endpoints).toEqual([]);
	});

	it.each([
		['8', 8],
		['20', 20],
		['0', undefined],
		['21', undefined],
		['four', undefined],
	])('takes a tag length of %s for %s', (text, expected) => {
		const block = parseRelayBlock(withChild({ tag: 'warp_mi_tag_len', attrs: {}, content: text }));
		expect(block?.tagBytes).toBe(expected);
	});

	it('is nothing without a key, and has the default tag without a length', () => {
		expect(parseRelayBlock(without('key'))).toBeUndefined();
		expect(parseRelayBlock(without('warp_mi_tag_len'))?.tagBytes).toBe(4);
	});

	it('never throws, whatever stands in it', () => {
		const children = fc.array(
			fc.record({
				tag: fc.constantFrom('te2', 'token', 'auth_token', 'key', 'warp_mi_tag_len'),
				attrs: fc.dictionary(
					fc.constantFrom('id', 'token_id', 'auth_token_id', 'protocol', 'c2r_rtt'),
					fc.string(),
				),
				content: fc.oneof(fc.string(), fc.uint8Array({ maxLength: 20 })),
			}),
		);
		fc.assert(
			fc.property(children, (content) => {
				parseRelayBlock({ tag: 'relay', attrs: {}, content });
			}),
		);
	});
});
