import { MlowDecoder } from '../../../../../engine/audio/mlow';
import { decodePackets } from '../support/decodeClip';
import { energy, seededRandom, signalToNoiseDb } from '../support/signals';
import { ORIGINAL_CLIP, SPEECH_CLIPS, readPackets } from '../support/vectorFiles';

const MUTATED_FRAMES = 50_000;

/** Whether 960 samples from -1 to 1 came back. */
function isSound(samples: Float32Array): boolean {
	if (samples.length !== 960) return false;
	for (let n = 0; n < 960; n++) {
		const sample = samples[n] ?? Number.NaN;
		if (!(sample >= -1 && sample <= 1)) return false;
	}
	return true;
}

/** Changes bits, bytes or the length of a packet; most often not its first byte. */
function mutate(packet: Uint8Array, random: (limit: number) => number): Uint8Array {
	const way = random(5);
	const bytes = Uint8Array.from(packet);
	if (way === 0) return bytes.subarray(0, random(bytes.length + 1));
	if (way === 1) {
		return Uint8Array.from([...bytes, ...Array.from({ length: random(30) }, () => random(256))]);
	}
	const changes = 1 + random(way === 2 ? 1 : 8);
	for (let change = 0; change < changes; change++) {
		const position = way === 4 ? random(bytes.length) : 1 + random(bytes.length - 1);
		bytes[position] = way === 2 ? (bytes[position] ?? 0) ^ (1 << random(8)) : random(256);
	}
	return bytes;
}

describe('any bytes', () => {
	test(`${MUTATED_FRAMES} mutated frames give sound or counted silence, and the stream comes back`, () => {
		const random = seededRandom(7);
		const packets = [...SPEECH_CLIPS, ORIGINAL_CLIP].flatMap(readPackets);
		const decoder = new MlowDecoder();
		let silent = 0;
		let unsound = 0;
		let counted = 0;
		for (let frame = 0; frame < MUTATED_FRAMES; frame++) {
			const before = decoder.malformedFrames;
			const bytes = mutate(packets[random(packets.length)] ?? new Uint8Array(0), random);
			const samples = decoder.decode(bytes);
			if (!isSound(samples)) unsound++;
			if (decoder.malformedFrames > before) {
				counted++;
				if (energy(samples) === 0) silent++;
			}
		}
		expect(unsound).toBe(0);
		expect(counted).toBe(decoder.malformedFrames);
		expect(silent).toBe(counted);
		expect(counted).toBeGreaterThan(MUTATED_FRAMES / 10);

		// The noise is drawn anew, so that it cannot be sample by sample the same.
		const clip = readPackets('s1_male_clean');
		const after = decodePackets(clip, decoder).subarray(960 * 12);
		expect(signalToNoiseDb(after, decodePackets(clip).subarray(960 * 12))).toBeGreaterThan(12);
	});

	test('random bytes of every length up to 400, behind every kind of first byte, never throw', () => {
		const random = seededRandom(8);
		const decoder = new MlowDecoder();
		for (let length = 0; length <= 400; length++) {
			for (const first of [0x50, 0x12, 0x10, random(256)]) {
				const bytes = Uint8Array.from({ length }, (_, n) => (n === 0 ? first : random(256)));
				expect(isSound(decoder.decode(bytes))).toBe(true);
			}
			if (random(20) === 0) expect(isSound(decoder.conceal())).toBe(true);
		}
	});

	test('bytes of zeros and of ones, and a thousand of them, never throw', () => {
		const decoder = new MlowDecoder();
		for (const fill of [0, 255, 0xaa]) {
			for (const length of [1, 2, 5, 20, 150, 300, 1000]) {
				for (const first of [0x50, 0x12, 0x10]) {
					const bytes = new Uint8Array(length).fill(fill);
					bytes[0] = first;
					expect(isSound(decoder.decode(bytes))).toBe(true);
				}
			}
		}
	});

	test.each([
		['nothing', []],
		['10 ms', [0x40, 1, 2, 3]],
		['20 ms', [0x48, 1, 2, 3]],
		['120 ms', [0x58, 1, 2, 3]],
		['an internal rate of 32 kHz', [0x70, 1, 2, 3]],
		['the low rate', [0x54, 1, 2, 3]],
		['an Opus packet in disguise', [0xdd, 0x83, 1, 1, 5, 6, 7]],
		['a packet that ends after its first byte', [0x50]],
	])('%s is 960 zeros and counted', (_, bytes) => {
		const decoder = new MlowDecoder();
		decodePackets(readPackets('s1_male_clean').slice(0, 20), decoder);
		const samples = decoder.decode(Uint8Array.from(bytes));
		expect(samples).toHaveLength(960);
		expect(energy(samples)).toBe(0);
		expect(decoder.malformedFrames).toBe(1);
	});

	test('most of what is no MLow at all is recognised, though it begins like speech', () => {
		const random = seededRandom(9);
		const decoder = new MlowDecoder();
		for (let frame = 0; frame < 1000; frame++) {
			const length = 20 + random(200);
			decoder.decode(Uint8Array.from({ length }, (_, n) => (n === 0 ? 0x50 : random(256))));
		}
		expect(decoder.malformedFrames).toBeGreaterThan(600);
	});
});
