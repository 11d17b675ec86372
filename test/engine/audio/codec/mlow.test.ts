import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import { createMlowCodec, isMlowComfortNoise } from '../../../../engine/audio/codec/mlow';
import { FRAME_SAMPLES } from '../../../../engine/audio/types';
import { likeness } from './support/compare';
import { alertClip, concat, cut, noise, tone } from './support/speech';

const SPEECH = 0x50;
const COMFORT_NOISE = Uint8Array.of(0x90);
const SILENCE = new Int16Array(FRAME_SAMPLES);
/** Samples by which MLow delays speech (MLow chapter 01). */
const DELAY = 80;

const codec = createMlowCodec();
const hex = (packets: readonly Uint8Array[]) =>
	packets.map((packet) => Buffer.from(packet).toString('hex'));

function encodeAll(pcm: Int16Array): Uint8Array[] {
	const encoder = codec.createEncoder();
	return cut(pcm, FRAME_SAMPLES).map((frame) => encoder.encode(frame).payload);
}

function decodeAll(packets: ReadonlyArray<Uint8Array | null>): Int16Array {
	const decoder = codec.createDecoder();
	return concat(packets.map((packet) => decoder.decode(packet)));
}

function loudest(pcm: Int16Array): number {
	return pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

/** Of one sample to the next. */
function steepest(pcm: Int16Array): number {
	return pcm.reduce(
		(most, sample, index) =>
			index === 0 ? most : Math.max(most, Math.abs(sample - (pcm[index - 1] ?? 0))),
		0,
	);
}

test('it is MLow and claims it', () => {
	expect(codec.name).toBe('mlow');
	expect(codec.mlowCapability).toBe(true);
});

describe('encoding', () => {
	test.each<[string, () => Int16Array]>([
		['the alert clip', alertClip],
		['a tone of 440 Hz', () => tone(440, 16_000)],
		['noise at full scale', () => noise(16_000, 32_000)],
	])('%s becomes packets of 60 ms of speech', (_, source) => {
		const pcm = source();
		const encoder = codec.createEncoder();
		const frames = cut(pcm, FRAME_SAMPLES).map((frame) => encoder.encode(frame));
		encoder.close();
		const speech = frames.filter(({ comfortNoise }) => !comfortNoise);
		expect(speech.length).toBeGreaterThan(0.8 * frames.length);
		expect(speech.every(({ payload }) => payload[0] === SPEECH)).toBe(true);
		expect(frames.every(({ payload }) => payload.length <= 400)).toBe(true);
	});

	test('digital silence is one byte of comfort noise, after speech too', () => {
		const encoder = codec.createEncoder();
		for (const frame of cut(tone(300, 4800), FRAME_SAMPLES)) {
			encoder.encode(frame);
		}
		const frames = Array.from({ length: 20 }, () => encoder.encode(SILENCE));
		expect(frames.at(-1)).toEqual({ payload: COMFORT_NOISE, comfortNoise: true });
		for (const { payload, comfortNoise } of frames) {
			expect(comfortNoise).toBe(payload.length === 1);
		}
		encoder.close();
	});

	test('a reset encoder makes the same packets of the same sound as a new one', () => {
		const frames = cut(alertClip().subarray(0, 16_000), FRAME_SAMPLES);
		const encoder = codec.createEncoder();
		const rounds = [1, 2].map(() => {
			encoder.reset();
			return hex(frames.map((frame) => encoder.encode(frame).payload));
		});
		expect(rounds[1]).toEqual(rounds[0]);
		expect(hex(encodeAll(concat(frames)))).toEqual(rounds[0]);
	});

	test('a packet stays what it is when the next one is made', () => {
		const [first, second] = cut(alertClip().subarray(16_000, 17_920), FRAME_SAMPLES);
		const encoder = codec.createEncoder();
		const { payload } = encoder.encode(first ?? SILENCE);
		const before = payload.slice();
		encoder.encode(second ?? SILENCE);
		expect(payload).toEqual(before);
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

test.each<[string, readonly number[], boolean]>([
	['a silence descriptor of 60 ms', [0x90], true],
	['a silence descriptor with a body', [0x90, 1, 2, 3], true],
	['one of 20 ms', [0x88], true],
	['speech', [0x50, 1, 2, 3], false],
	['background noise', [0x10, 1, 2, 3], false],
	['the end of speech', [0x12, 1, 2, 3], false],
	['embedded Opus', [0xdd, 1, 2, 3], false],
	['nothing', [], false],
])('%s: comfort noise as WhatsApp tells it', (_, bytes, expected) => {
	expect(isMlowComfortNoise(Uint8Array.from(bytes))).toBe(expected);
});

describe('decoding', () => {
	test('speech comes back alike, 5 ms later', () => {
		const pcm = alertClip();
		const decoder = codec.createDecoder();
		const decoded = concat(encodeAll(pcm).map((payload) => decoder.decode(payload)));
		expect(decoder.damagedPackets).toBe(0);
		expect(decoded).toHaveLength(Math.ceil(pcm.length / FRAME_SAMPLES) * FRAME_SAMPLES);
		const result = likeness(pcm, decoded);
		expect(result.delay).toBe(DELAY);
		expect(result.correlation).toBeGreaterThan(0.87);
		expect(result.spectralDistanceDb).toBeLessThan(5);
	});

	test('what the reference encoder makes is understood', () => {
		const clip = join(__dirname, '../mlow/vectors/e2e/s1_male_clean');
		const file = readFileSync(`${clip}.frames`);
		const packets: Uint8Array[] = [];
		for (let at = 0; at < file.length; at += 2 + file.readUInt16LE(at)) {
			packets.push(file.subarray(at + 2, at + 2 + file.readUInt16LE(at)));
		}
		const expected = readFileSync(`${clip}.dec.s16`);
		const decoded = decodeAll(packets);
		expect(decoded).toHaveLength(expected.length / 2);
		let most = 0;
		decoded.forEach((sample, index) => {
			most = Math.max(most, Math.abs(sample - expected.readInt16LE(2 * index)));
		});
		expect(most).toBeLessThan(0.02 * loudest(decoded));
	});

	test('sound at full scale is clipped, not turned over', () => {
		const pcm = tone(200, 48_000, 32_767);
		const decoded = decodeAll(encodeAll(pcm)).subarray(4800);
		expect(loudest(decoded)).toBeGreaterThan(25_000);
		expect(steepest(decoded)).toBeLessThan(12_000);
	});

	test('comfort noise is silence', () => {
		expect(loudest(decodeAll([COMFORT_NOISE, COMFORT_NOISE]))).toBe(0);
	});

	test('lost packets are made up without a click, and a long gap falls silent', () => {
		const decoder = codec.createDecoder();
		const pcm = tone(200, 9600, 8000);
		const heard = encodeAll(pcm).map((payload) => decoder.decode(payload));
		const before = heard.at(-1) ?? SILENCE;
		const lost = Array.from({ length: 10 }, () => decoder.decode(null));
		expect(lost.every(({ length }) => length === FRAME_SAMPLES)).toBe(true);
		expect(steepest(concat([before, ...lost]))).toBeLessThan(2 * steepest(before));
		expect(loudest(lost.at(-1) ?? before)).toBeLessThan(100);
		expect(decoder.damagedPackets).toBe(0);
	});

	test('what is no MLow is silence and is counted', () => {
		const decoder = codec.createDecoder();
		const escape = Uint8Array.of(0xdd, 0x83, 1, 1, 5, 6, 7);
		expect(decoder.decode(escape)).toHaveLength(FRAME_SAMPLES);
		expect(decoder.damagedPackets).toBe(1);
	});

	test('samples handed out stay what they are', () => {
		const [first, second] = encodeAll(alertClip().subarray(16_000, 17_920));
		const decoder = codec.createDecoder();
		const samples = decoder.decode(first ?? null);
		const before = samples.slice();
		decoder.decode(second ?? null);
		expect(samples).toEqual(before);
	});

	test('no bytes make it throw or give anything but a frame of samples', () => {
		const decoder = codec.createDecoder();
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, speech) => {
				const payload = Uint8Array.from(bytes);
				if (speech && payload.length > 0) {
					payload[0] = SPEECH;
				}
				expect(decoder.decode(payload)).toHaveLength(FRAME_SAMPLES);
			}),
			{ numRuns: 500 },
		);
		decoder.close();
		decoder.close();
	});
});
