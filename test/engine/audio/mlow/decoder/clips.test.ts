import { MlowDecoder } from '../../../../../engine/audio/mlow';
import { decodePackets } from '../support/decodeClip';
import { energy, signalToNoiseDb } from '../support/signals';
import { ORIGINAL_CLIP, SPEECH_CLIPS, readPackets, readSamples } from '../support/vectorFiles';

/** As 16-bit samples, which is what the clips hold. */
function toPcm(samples: Float32Array): Float32Array {
	return samples.map((sample) => Math.round(sample * 32768) / 32768);
}

describe('whole clips', () => {
	// Reached: 71, 69 and 55 dB; the last is quiet, and its 16 bits are coarse.
	test.each([
		['s1_male_clean', 68],
		['s2_female_noise', 66],
		['s3_pt_quiet', 52],
	])('%s sounds as the reference decoder has it', (clip, requiredDb) => {
		const decoded = toPcm(decodePackets(readPackets(clip)));
		expect(signalToNoiseDb(decoded, readSamples(clip, 'dec'))).toBeGreaterThan(requiredDb);
	});

	test('background noise, hangover and all sound as the original decoder has them', () => {
		const packets = readPackets(ORIGINAL_CLIP);
		const kinds = new Set(packets.map(([first]) => first));
		expect(kinds).toEqual(new Set([0x50, 0x12, 0x10]));
		const decoded = toPcm(decodePackets(packets));
		const expected = readSamples(ORIGINAL_CLIP, 'dec');
		expect(signalToNoiseDb(decoded, expected)).toBeGreaterThan(37);
		packets.forEach(([first], index) => {
			if (first !== 0x10) return;
			const part = expected.subarray(960 * index, 960 * index + 960);
			// Below that the 16 bits of the vectors are all there is.
			if (energy(part) / 960 < (20 / 32768) ** 2) return;
			const own = decoded.subarray(960 * index, 960 * index + 960);
			expect(signalToNoiseDb(own, part)).toBeGreaterThan(30);
		});
	});

	test('after reset a decoder is as new', () => {
		const packets = readPackets('s1_male_clean');
		const decoder = new MlowDecoder();
		const first = decodePackets(packets, decoder);
		decoder.conceal();
		decoder.decode(new Uint8Array(0));
		decoder.reset();
		expect(decoder.malformedFrames).toBe(0);
		expect(decodePackets(packets, decoder)).toEqual(first);
	});

	test('decoders do not disturb each other', () => {
		const one = new MlowDecoder();
		const other = new MlowDecoder();
		const packets = readPackets('s1_male_clean').slice(0, 30);
		const others = readPackets('s2_female_noise');
		const alone = decodePackets(packets);
		packets.forEach((packet, index) => {
			const own = one.decode(packet).slice();
			other.decode(others[index] ?? packet);
			expect(own).toEqual(alone.slice(960 * index, 960 * index + 960));
		});
	});

	test('no packet of the clips is taken for damaged', () => {
		for (const clip of [...SPEECH_CLIPS, ORIGINAL_CLIP]) {
			const decoder = new MlowDecoder();
			decodePackets(readPackets(clip), decoder);
			expect(decoder.malformedFrames).toBe(0);
		}
	});
});
