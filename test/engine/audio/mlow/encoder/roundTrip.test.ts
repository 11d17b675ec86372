import { MlowDecoder } from '../../../../../engine/audio/mlow/decoder/mlowDecoder';
import { MlowEncoder } from '../../../../../engine/audio/mlow/encoder/mlowEncoder';
import { clip, packetsOf, vectorJson } from './traceVectors';

/** What encoder and decoder together delay the sound by. */
const DELAY_SAMPLES = 80;

function roundTrip(packets: Float32Array[]): Float32Array {
	const encoder = new MlowEncoder();
	const decoder = new MlowDecoder();
	const output = new Float32Array(960 * packets.length);
	packets.forEach((packet, index) => {
		output.set(decoder.decode(encoder.encode(packet)), 960 * index);
	});
	expect(decoder.malformedFrames).toBe(0);
	return output;
}

function energy(samples: Float32Array): number {
	return samples.reduce((sum, sample) => sum + sample * sample, 0);
}

function levelDb(decoded: Float32Array, original: Float32Array): number {
	return 10 * Math.log10(energy(decoded) / energy(original));
}

/** Correlation of what was decoded with what was encoded, from -1 to 1. */
function correlation(decoded: Float32Array, original: Float32Array): number {
	const late = decoded.subarray(DELAY_SAMPLES);
	const early = original.subarray(0, late.length);
	const product = early.reduce((sum, sample, n) => sum + sample * late[n]!, 0);
	return product / Math.sqrt(energy(late) * energy(early));
}

function joined(packets: Float32Array[]): Float32Array {
	const samples = new Float32Array(960 * packets.length);
	packets.forEach((packet, index) => samples.set(packet, 960 * index));
	return samples;
}

it.each([
	['s1_male_clean', 0.917],
	['s2_female_noise', 0.922],
	['s3_pt_quiet', 0.911],
])('%s comes out nearly as from the reference', (name, atLeast) => {
	const packets = packetsOf(clip(name));
	const original = joined(packets);
	const decoded = roundTrip(packets);
	expect(correlation(decoded, original)).toBeGreaterThan(atLeast);
	expect(Math.abs(levelDb(decoded, original))).toBeLessThan(0.7);
});

it('speech goes on after digital silence as if there had been none', () => {
	const speech = packetsOf(clip('s1_male_clean')).slice(10, 40);
	const silence = Array.from({ length: 5 }, () => new Float32Array(960));
	const decoded = roundTrip([...speech, ...silence, ...speech]);
	const again = decoded.subarray(960 * (speech.length + silence.length));
	expect(correlation(again, joined(speech))).toBeGreaterThan(0.9);
	// The second packet of silence is nothing but silence.
	const quiet = decoded.subarray(960 * (speech.length + 2), 960 * (speech.length + 4));
	expect(Math.max(...quiet.map(Math.abs))).toBeLessThan(0.005);
});

describe('the short signals of the vectors', () => {
	const { cases } = vectorJson<{ cases: { name: string; pcm: number[] | string }[] }>(
		'full_frames.json',
	);

	it.each(cases.filter(({ pcm }) => Array.isArray(pcm)))('$name keeps its level', ({ pcm }) => {
		const packets = packetsOf(Float32Array.from(pcm as number[], (sample) => sample / 32768));
		const decoded = roundTrip(packets);
		expect(Math.abs(levelDb(decoded, joined(packets)))).toBeLessThan(2);
	});
});
