import fc from 'fast-check';

import { createEscapeCodec, fromEscape, toEscape } from '../../../../engine/audio/codec/escape';
import { createOpusCodec } from '../../../../engine/audio/codec/opus';
import type { OpusCallCodec } from '../../../../engine/audio/codec/opus';
import { loadOpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import type { OpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import { splitPacket } from '../../../../engine/audio/codec/opusPacket';
import { FRAME_SAMPLES } from '../../../../engine/audio/types';
import { likeness } from './support/compare';
import { alertClip, concat, cut } from './support/speech';

const bytes = (...values: number[]) => Uint8Array.from(values);
const COMFORT_NOISE = bytes(0x90);
const SILENCE = new Int16Array(FRAME_SAMPLES);

describe('to escape', () => {
	test('three 20 ms frames of wideband CELT: BB becomes DD and the rest stays', () => {
		expect(toEscape(bytes(0xbb, 0x83, 1, 1, 5, 6, 7))).toEqual(bytes(0xdd, 0x83, 1, 1, 5, 6, 7));
	});

	test('code 0 gets no frame count', () => {
		expect(toEscape(bytes(0xb8, 5, 6))).toEqual(bytes(0xdc, 5, 6));
	});

	test('code 1 gets a count of two equal frames', () => {
		expect(toEscape(bytes(0xb9, 5, 6))).toEqual(bytes(0xdd, 0x02, 5, 6));
	});

	test('code 2 gets a count of two different frames', () => {
		expect(toEscape(bytes(0xba, 1, 5, 6, 7))).toEqual(bytes(0xdd, 0x82, 1, 5, 6, 7));
	});

	test('stereo and the lowest and highest configuration are kept', () => {
		expect(toEscape(bytes(0x84, 5, 6))?.[0]).toBe(0xc2);
		expect(toEscape(bytes(0xfc, 5, 6))?.[0]).toBe(0xfe);
	});

	test.each([
		['an empty packet', bytes()],
		['one byte', bytes(0xbb)],
		['two bytes', bytes(0xbb, 3)],
		['a frame of CELT silence', bytes(0xb8, 0xff, 0xfe)],
		['silent and empty frames', bytes(0xbb, 0x83, 2, 0, 0xff, 0xfe)],
	])('%s is comfort noise', (_, packet) => {
		expect(toEscape(packet)).toEqual(COMFORT_NOISE);
	});

	test.each([
		['SILK', bytes(0x58, 1, 2, 3)],
		['hybrid', bytes(0x78, 1, 2, 3)],
		['code 1 with an odd body', bytes(0xb9, 1, 2, 3)],
		['code 2 with a first frame beyond the end', bytes(0xba, 9, 2, 3)],
		['code 3 with no frame', bytes(0xbb, 0x80, 2, 3)],
		['code 3 with 49 frames', bytes(0x83, 49, ...new Uint8Array(49))],
	])('%s is refused', (_, packet) => {
		expect(toEscape(packet)).toBeUndefined();
	});
});

describe('from escape', () => {
	test('DD becomes BB and the rest stays', () => {
		const packet = bytes(0xbb, 0x83, 1, 1, 5, 6, 7);
		expect(fromEscape(bytes(0xdd, 0x83, 1, 1, 5, 6, 7))).toEqual({ kind: 'opus', packet });
	});

	test('90 is comfort noise when it is all', () => {
		expect(fromEscape(COMFORT_NOISE)).toEqual({ kind: 'comfortNoise' });
		expect(fromEscape(bytes(0x90, 1))).toBeUndefined();
	});

	test.each([
		['nothing', bytes()],
		['MLow speech', bytes(0x50, 1, 2, 3)],
		['plain SILK', bytes(0x58, 1, 2, 3)],
		['a frame count of 0', bytes(0xdd, 0, 1)],
		['lengths beyond the end', bytes(0xdd, 0x83, 9, 9, 1)],
	])('%s is not an escape packet', (_, payload) => {
		expect(fromEscape(payload)).toBeUndefined();
	});

	test('every CELT packet comes back with the same frames', () => {
		const body = fc.uint8Array({ minLength: 2, maxLength: 200 });
		fc.assert(
			fc.property(fc.integer({ min: 0x80, max: 0xff }), body, (toc, rest) => {
				const packet = bytes(toc, ...rest);
				const payload = toEscape(packet);
				fc.pre(payload !== undefined && payload.length > 1);
				const back = fromEscape(payload ?? bytes());
				const parsed = splitPacket(back?.kind === 'opus' ? back.packet : bytes());
				expect(parsed?.frames).toEqual(splitPacket(packet)?.frames);
				expect(parsed?.toc.config).toBe(toc >> 3);
			}),
			{ numRuns: 1000 },
		);
	});

	test('no payload makes it throw or change its bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
				const before = payload.slice();
				fromEscape(payload);
				toEscape(payload);
				expect(payload).toEqual(before);
			}),
			{ numRuns: 1000 },
		);
	});
});

describe('the codec', () => {
	let library: OpusLibrary;
	let codec: OpusCallCodec;

	beforeAll(async () => {
		library = await loadOpusLibrary();
		codec = createEscapeCodec(library);
	});

	test('speech goes out as DD and comes back alike', () => {
		const pcm = alertClip();
		const encoder = codec.createEncoder();
		const decoder = codec.createDecoder();
		const frames = cut(pcm, FRAME_SAMPLES).map((frame) => encoder.encode(frame));
		const decoded = concat(frames.map(({ payload }) => decoder.decode(payload)));
		encoder.close();
		for (const { payload, comfortNoise } of frames) {
			expect(payload[0]).toBe(comfortNoise ? 0x90 : 0xdd);
			expect(payload.length).toBeLessThanOrEqual(1275);
		}
		expect(frames.filter(({ comfortNoise }) => !comfortNoise).length).toBeGreaterThan(100);
		expect(decoded).toHaveLength(frames.length * FRAME_SAMPLES);
		expect(decoder.damagedPackets).toBe(0);
		decoder.close();
		const result = likeness(pcm, decoded);
		expect(result.correlation).toBeGreaterThan(0.93);
		expect(result.spectralDistanceDb).toBeLessThan(4);
	});

	test('silence goes out as one byte of comfort noise and comes back silent', () => {
		const encoder = codec.createEncoder();
		const decoder = codec.createDecoder();
		for (let index = 0; index < 20; index++) {
			const { payload, comfortNoise } = encoder.encode(SILENCE);
			expect(payload).toEqual(COMFORT_NOISE);
			expect(comfortNoise).toBe(true);
			expect(decoder.decode(payload)).toEqual(SILENCE);
		}
		encoder.close();
		decoder.close();
	});

	test('plain Opus, which phones send in this profile, is decoded', () => {
		const opus = createOpusCodec(library);
		const encoder = opus.createEncoder();
		const [plain, escape] = [opus.createDecoder(), codec.createDecoder()];
		for (const frame of cut(alertClip().subarray(0, 48_000), FRAME_SAMPLES)) {
			const { payload } = encoder.encode(frame);
			expect(escape.decode(payload)).toEqual(plain.decode(payload));
		}
		expect(escape.decode(null)).toEqual(plain.decode(null));
		expect(escape.decode(bytes())).toEqual(SILENCE);
		expect(escape.damagedPackets).toBe(1);
		encoder.close();
		plain.close();
		escape.close();
	});
});
