import fc from 'fast-check';
import { InboundCodec } from '../../../engine/media/inboundCodec';

const packet = (first: number, bytes = 40): Buffer => Buffer.alloc(bytes, first);
/** An escape packet: CELT wideband, three frames of 20 ms and the same size. */
const ESCAPE = Buffer.concat([Buffer.from([0xdd, 0x03]), Buffer.alloc(30)]);

/** What each packet was taken for. */
function identify(codec: InboundCodec, packets: readonly Buffer[], payloadType = 120) {
	return packets.map((payload) => codec.add(payloadType, payload));
}

describe('the codec of the recipient', () => {
	test('is unknown before the first packet', () => {
		expect(new InboundCodec(false).codec).toBeUndefined();
	});

	test('is native Opus when MLow was not offered, whatever single packets look like', () => {
		const codec = new InboundCodec(false);
		const packets = [packet(0x58), packet(0x90, 1), ESCAPE, packet(0x50), packet(0x48)];
		expect(new Set(identify(codec, packets))).toEqual(new Set(['opus']));
		expect(codec.codec).toBe('opus');
	});

	test('is what each packet is when MLow was offered', () => {
		const codec = new InboundCodec(true);
		expect(codec.decided).toBe(true);
		expect(
			identify(codec, [packet(0x50), packet(0x90, 1), ESCAPE, packet(0xdd, 1), packet(0x12)]),
		).toEqual(['mlow', 'mlow', 'escape', 'mlow', 'mlow']);
		expect(identify(codec, [packet(0x58), packet(0x58, 1), packet(0x5b)])).toEqual([
			...['opus', 'opus', 'opus'],
		]);
		// Twice MLow, three times Opus: short packets do not count where there are others.
		expect(codec.codec).toBe('mlow');
	});

	test('is escape also where most packets are its silence', () => {
		const codec = new InboundCodec(true);
		identify(codec, [packet(0x90, 1)]);
		expect(codec.codec).toBe('mlow');
		expect(identify(codec, [ESCAPE, packet(0x90, 1), packet(0x90, 1)])).toEqual([
			...['escape', 'escape', 'escape'],
		]);
		expect(codec.codec).toBe('escape');
	});

	test('is told by silence alone, where nothing else comes', () => {
		const codec = new InboundCodec(true);
		identify(codec, [packet(0x58, 1), packet(0x58, 1)]);
		expect(codec.codec).toBe('opus');
	});

	test('is Opus when the recipient says that it has no MLow', () => {
		const codec = new InboundCodec(true);
		codec.expectMlow(false);
		expect(identify(codec, [packet(0x58)])).toEqual(['opus']);
	});

	test('follows from other payload types, and video and data are no sound', () => {
		const codec = new InboundCodec(false);
		expect(identify(codec, [packet(1)], 121)).toEqual(['mlow']);
		expect(identify(codec, [packet(1)], 111)).toEqual(['opus']);
		expect(identify(codec, [packet(1)], 97)).toEqual([undefined]);
		expect(identify(codec, [packet(1)], 119)).toEqual([undefined]);
	});

	test.each([
		[16, 'opus'],
		[17, 'mlow'],
		[20, 'mlow'],
	])('%i of the first 20 packets that look like MLow make it %s', (count, expected) => {
		const codec = new InboundCodec(false);
		const looks = [0x50, 0x10, 0x12];
		const like = Array.from({ length: count }, (_, index) => packet(looks[index % 3] ?? 0));
		const unlike = Array.from({ length: 20 - count }, () => packet(0x58));
		const silence = Array.from({ length: 50 }, () => packet(0x50, 15));
		identify(codec, [...silence, ...unlike, ...like, ...silence]);
		expect(codec.codec).toBe(expected);
		expect(codec.decided).toBe(true);
		identify(
			codec,
			Array.from({ length: 50 }, () => packet(expected === 'mlow' ? 0x58 : 0x50)),
		);
		expect(codec.codec).toBe(expected);
	});

	test('is decided after four packets that are not MLow', () => {
		const codec = new InboundCodec(false);
		identify(codec, [packet(0x58), packet(0x58), packet(0x58)]);
		expect(codec.decided).toBe(false);
		identify(codec, [packet(0x58)]);
		expect(codec.decided).toBe(true);
	});

	test('nothing makes it throw', () => {
		fc.assert(
			fc.property(
				fc.boolean(),
				fc.integer({ min: 0, max: 127 }),
				fc.uint8Array({ maxLength: 60 }),
				(mlow, payloadType, payload) => {
					new InboundCodec(mlow).add(payloadType, payload);
				},
			),
			{ numRuns: 3000 },
		);
	});
});
