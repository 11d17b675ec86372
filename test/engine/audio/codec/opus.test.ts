import fc from 'fast-check';

import { createOpusCodec, isComfortNoise } from '../../../../engine/audio/codec/opus';
import type { OpusCallCodec } from '../../../../engine/audio/codec/opus';
import { loadOpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import type { OpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import { joinFrames, splitPacket } from '../../../../engine/audio/codec/opusPacket';
import { FRAME_SAMPLES } from '../../../../engine/audio/types';
import { likeness } from './support/compare';
import { alertClip, concat, cut, noise, speak, tone } from './support/speech';

const SILK_WIDEBAND_60_MS = 0x58;
/** Samples by which libopus delays speech at 16 kHz. */
const LOOKAHEAD = 104;
const SILENCE = new Int16Array(FRAME_SAMPLES);
const hex = (packets: readonly Uint8Array[]) =>
	packets.map((packet) => Buffer.from(packet).toString('hex'));

let library: OpusLibrary;
let codec: OpusCallCodec;

beforeAll(async () => {
	library = await loadOpusLibrary();
	codec = createOpusCodec(library);
});

function encodeAll(pcm: Int16Array): Uint8Array[] {
	const encoder = codec.createEncoder();
	try {
		return cut(pcm, FRAME_SAMPLES).map((frame) => encoder.encode(frame).payload);
	} finally {
		encoder.close();
	}
}

function decodeAll(packets: ReadonlyArray<Uint8Array | null>): Int16Array {
	const decoder = codec.createDecoder();
	try {
		return concat(packets.map((packet) => decoder.decode(packet)));
	} finally {
		decoder.close();
	}
}

test('it is plain Opus and does not claim MLow', () => {
	expect(library.version).toMatch(/^libopus 1\./);
	expect(codec.name).toBe('opus');
	expect(codec.mlowCapability).toBe(false);
});

describe('encoding', () => {
	test.each<[string, () => Int16Array]>([
		['the alert clip', alertClip],
		['a sentence', () => speak('The water pump in building seven has stopped.')],
		['a tone of 440 Hz', () => tone(440, 32_000)],
		['a tone of 7 kHz', () => tone(7000, 32_000)],
		['loud noise', () => noise(32_000, 32_000)],
	])('%s becomes packets of one 60 ms frame of wideband SILK each', (_, source) => {
		const pcm = source();
		const packets = encodeAll(pcm);
		expect(packets).toHaveLength(Math.ceil(pcm.length / FRAME_SAMPLES));
		for (const packet of packets) {
			expect(packet[0]).toBe(SILK_WIDEBAND_60_MS);
			expect(packet.length).toBeLessThanOrEqual(1275);
			expect(splitPacket(packet)).toMatchObject({ durationMs: 60 });
		}
		const bitRate =
			(packets.reduce((sum, { length }) => sum + length, 0) * 8) / packets.length / 0.06;
		expect(bitRate).toBeLessThan(30_000);
	});

	test('silence becomes comfort noise of one or two bytes', () => {
		const encoder = codec.createEncoder();
		const frames = Array.from({ length: 100 }, () => encoder.encode(SILENCE));
		encoder.close();
		const quiet = frames.filter(({ comfortNoise }) => comfortNoise);
		expect(quiet.length).toBeGreaterThan(75);
		expect(quiet.every(({ payload }) => payload.length <= 2)).toBe(true);
		expect(frames.every(({ payload }) => payload[0] === SILK_WIDEBAND_60_MS)).toBe(true);
	});

	test('speech is not comfort noise', () => {
		const encoder = codec.createEncoder();
		const frames = cut(tone(440, 16_000), FRAME_SAMPLES).map((frame) => encoder.encode(frame));
		encoder.close();
		expect(frames.some(({ comfortNoise }) => comfortNoise)).toBe(false);
	});

	test('a reset encoder makes the same packets of the same sound as a new one', () => {
		const frames = cut(alertClip().subarray(0, 32_000), FRAME_SAMPLES);
		const encoder = codec.createEncoder();
		const rounds = [1, 2, 3].map(() => {
			encoder.reset();
			return hex(frames.map((frame) => encoder.encode(frame).payload));
		});
		encoder.close();
		expect(rounds[1]).toEqual(rounds[0]);
		expect(rounds[2]).toEqual(rounds[0]);
		expect(hex(encodeAll(concat(frames)))).toEqual(rounds[0]);
	});

	test('a frame of another length is refused, and so is work after close()', () => {
		const encoder = codec.createEncoder();
		expect(() => encoder.encode(new Int16Array(320))).toThrow(RangeError);
		encoder.close();
		encoder.close();
		expect(() => encoder.encode(SILENCE)).toThrow('closed');
		expect(() => encoder.reset()).toThrow('closed');
	});
});

test.each<[string, number, number, boolean]>([
	['one byte of SILK', 0x58, 1, true],
	['two bytes of SILK', 0x58, 2, true],
	['three bytes of SILK', 0x58, 3, false],
	['15 bytes with 0x08', 0x08, 15, true],
	['15 bytes with 0x0a', 0x0a, 15, true],
	['15 bytes with 0x0f', 0x0f, 15, true],
	['16 bytes with 0x08', 0x08, 16, false],
	['15 bytes with 0x10', 0x10, 15, false],
	['6 bytes with 0x3b', 0x3b, 6, true],
	['7 bytes with 0x30', 0x30, 7, false],
	['nothing', 0, 0, false],
])('%s: comfort noise as WhatsApp tells it', (_, first, length, expected) => {
	const payload = new Uint8Array(length).fill(first);
	expect(isComfortNoise(payload)).toBe(expected);
});

describe('decoding', () => {
	test.each<[string, () => Int16Array]>([
		['the alert clip', alertClip],
		['a sentence', () => speak('Please call the control room, the freezer is too warm.')],
	])('%s comes back alike', (_, source) => {
		const pcm = source();
		const decoded = decodeAll(encodeAll(pcm));
		const result = likeness(pcm, decoded);
		expect(decoded.length - pcm.length).toBeLessThan(FRAME_SAMPLES);
		expect(Math.abs(result.delay - LOOKAHEAD)).toBeLessThanOrEqual(4);
		expect(result.correlation).toBeGreaterThan(0.93);
		expect(result.spectralDistanceDb).toBeLessThan(3);
	});

	test.each([10, 20, 40, 60])('packets of %d ms are taken', (frameMs) => {
		const encoder = library.createEncoder({
			application: 'voip',
			sampleRateHz: 16_000,
			samplesPerPacket: frameMs * 16,
			bitRate: 24_000,
			complexity: 5,
			dtx: false,
			maxPacketBytes: 1275,
		});
		const packet = encoder.encode(tone(440, frameMs * 16));
		encoder.close();
		expect(decodeAll([packet])).toHaveLength(frameMs * 16);
	});

	test('a packet of 120 ms is taken', () => {
		const [first, second] = encodeAll(tone(440, 2 * FRAME_SAMPLES));
		const frames = [first, second].map((packet) => packet?.subarray(1) ?? new Uint8Array());
		const joined = joinFrames({ config: 11, stereo: false }, frames);
		expect(decodeAll([joined])).toHaveLength(2 * FRAME_SAMPLES);
	});

	test('three lost packets are made up, and then it is silent', () => {
		const packets = encodeAll(tone(440, 10 * FRAME_SAMPLES));
		const decoder = codec.createDecoder();
		packets.forEach((packet) => decoder.decode(packet));
		const made = Array.from({ length: 5 }, () => decoder.decode(null));
		expect(made.every(({ length }) => length === FRAME_SAMPLES)).toBe(true);
		expect(made.map((pcm) => pcm.some((sample) => sample !== 0))).toEqual([
			true,
			true,
			true,
			false,
			false,
		]);
		packets.forEach((packet) => decoder.decode(packet));
		expect(decoder.decode(null).some((sample) => sample !== 0)).toBe(true);
		decoder.close();
	});

	test('a lost packet is as long as the one before', () => {
		const decoder = codec.createDecoder();
		expect(decoder.decode(null)).toEqual(SILENCE);
		decoder.decode(Uint8Array.of(0x48, 1, 2, 3, 4, 5));
		expect(decoder.decode(null)).toHaveLength(320);
		decoder.close();
	});

	test('silence of one byte is decoded for its 60 ms', () => {
		const decoder = codec.createDecoder();
		encodeAll(tone(440, 4 * FRAME_SAMPLES)).forEach((packet) => decoder.decode(packet));
		expect(decoder.decode(Uint8Array.of(SILK_WIDEBAND_60_MS))).toHaveLength(FRAME_SAMPLES);
		expect(decoder.damagedPackets).toBe(0);
		decoder.close();
	});

	test('what is no Opus becomes 60 ms of silence and is counted', () => {
		const decoder = codec.createDecoder();
		const bad = [
			Uint8Array.of(),
			Uint8Array.of(0x4b),
			Uint8Array.of(0x49, 1),
			new Uint8Array(70_000),
		];
		for (const [index, payload] of bad.entries()) {
			expect(decoder.decode(payload)).toEqual(SILENCE);
			expect(decoder.damagedPackets).toBe(index + 1);
		}
		decoder.close();
		decoder.close();
	});

	test('no bytes from the network make it throw', () => {
		const decoder = codec.createDecoder();
		fc.assert(
			fc.property(fc.option(fc.uint8Array({ maxLength: 300 })), (payload) => {
				expect(decoder.decode(payload).length).toBeGreaterThan(0);
				expect(decoder.decode(payload).length).toBeLessThanOrEqual(1920);
			}),
			{ numRuns: 1000 },
		);
		decoder.close();
	});
});

test('a decoder of the library gives stereo at 48 kHz, as integers and as fractions', () => {
	const packets = encodeAll(tone(440, 4 * FRAME_SAMPLES));
	const [integers, fractions] = [
		library.createDecoder(48_000, 2),
		library.createDecoder(48_000, 2),
	];
	for (const packet of packets) {
		const pcm = integers.decode(packet);
		const same = fractions.decodeFloat(packet);
		expect(pcm).toHaveLength(2 * 2880);
		expect(same).toHaveLength(pcm.length);
		expect(Math.abs((same[4000] ?? 0) * 32_768 - (pcm[4000] ?? 0))).toBeLessThanOrEqual(1);
	}
	integers.close();
	fractions.close();
	expect(() => integers.decode(new Uint8Array(3))).toThrow('closed');
	expect(() => library.createDecoder(44_100, 1)).toThrow('libopus refused');
});

test('thousands of encoders and decoders leave no memory behind', () => {
	const use = (work: boolean) => {
		const encoder = codec.createEncoder();
		const decoder = codec.createDecoder();
		if (work) {
			const { payload } = encoder.encode(SILENCE);
			encoder.reset();
			decoder.decode(payload);
		}
		encoder.close();
		decoder.close();
	};
	use(true);
	const before = library.memoryBytes();
	for (let round = 0; round < 1000; round++) {
		use(true);
	}
	// So many that even the smallest buffer of each would not fit into the memory at the start.
	for (let round = 0; round < 12_000; round++) {
		use(false);
	}
	expect(library.memoryBytes()).toBe(before);
});
