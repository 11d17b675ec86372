import { classifyDatagram, classifyMessage } from '../../../engine/relay/demux';
import { build, StunType } from '../../../engine/relay/stun';
import { errorCodeOf, findAttribute, parseStun } from '../../../engine/relay/stunParser';
import { recordsOf } from '../../../engine/relay/werift/dtlsRecords';
import { hex, stunVector } from './support/vectors';

const ROUNDS = 100_000;

/** mulberry32: the same bytes in every run. */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return (mixed ^ (mixed >>> 14)) >>> 0;
	};
}

function seeds(): Buffer[] {
	const known = [
		'stun.allocate.web',
		'stun.allocateError.401',
		'stun.allocateSuccess.minimal',
		'stun.bindingSuccessReply',
	].map((id) => hex(stunVector(id).expected.packet));
	const record = Buffer.from('16fefd0000000000000001000401020304', 'hex');
	return [...known, build(StunType.pong, Buffer.alloc(12), {}), record, Buffer.alloc(0)];
}

function mutate(original: Buffer, next: () => number): Buffer {
	const bytes = Buffer.concat([original, Buffer.alloc(next() % 8, next() & 255)]);
	for (let change = next() % 5; change > 0; change -= 1) {
		if (bytes.length > 0) {
			bytes[next() % bytes.length] = next() & 255;
		}
	}
	return bytes.subarray(0, next() % 4 === 0 ? next() % (bytes.length + 1) : bytes.length);
}

it('hostile datagrams never make the demultiplexer or the parsers throw', () => {
	const next = generator(20_260_101);
	const known = seeds();
	let understood = 0;
	for (let round = 0; round < ROUNDS; round += 1) {
		const original = known[next() % known.length] ?? Buffer.alloc(0);
		const bytes =
			round % 3 === 0
				? Buffer.from(Array.from({ length: next() % 64 }, () => next() & 255))
				: mutate(original, next);
		classifyDatagram(bytes);
		classifyMessage(bytes);
		for (const record of recordsOf(bytes)) {
			expect(record.bytes.length).toBeLessThanOrEqual(bytes.length);
		}
		const message = parseStun(bytes);
		if (message !== undefined) {
			understood += 1;
			errorCodeOf(message);
			findAttribute(message, next() & 0xffff);
		}
	}
	expect(understood).toBeGreaterThan(ROUNDS / 20);
});
