import { QUALITY_BARS } from '../../../bench/mlowBars';
import { compareSpeech } from '../../../bench/quality/compareSpeech';
import type { SpeechQuality } from '../../../bench/quality/compareSpeech';
import { clipSamples, noise } from './support';

/** Half of the last digit that was printed, and a little. */
const PRINTED_PRECISION = 0.0006;

/**
 * What an independent implementation of the same measures (Python with numpy) prints for what went
 * into and came out of the reference codec.
 */
const KNOWN: ReadonlyArray<[clip: string, quality: SpeechQuality]> = [
	['s1_male_clean', quality(80, 0.927, 8.522, 6.08, 4.438, 0.983, 0.979, 0.006)],
	['s2_female_noise', quality(80, 0.932, 8.82, 6.568, 3.882, 0.995, 0.985, 0.078)],
	['s3_pt_quiet', quality(80, 0.921, 8.202, 6.809, 4.231, 0.994, 0.981, 0.048)],
	['ext_synth', quality(70, 0.604, 1.975, 1.351, 3.31, 0.978, 0.784, 0.641)],
];
const MEASURES = Object.keys(quality(0, 0, 0, 0, 0, 0, 0, 0)) as Array<keyof SpeechQuality>;

function quality(
	delaySamples: number,
	correlation: number,
	noiseRatioDb: number,
	segmentalNoiseRatioDb: number,
	spectralDistanceDb: number,
	envelopeCorrelation: number,
	intelligibility: number,
	levelDb: number,
): SpeechQuality {
	return {
		delaySamples,
		correlation,
		noiseRatioDb,
		segmentalNoiseRatioDb,
		spectralDistanceDb,
		envelopeCorrelation,
		intelligibility,
		levelDb,
	};
}

/** Two seconds of speech. */
function sentence(clip = 's1_male_clean'): Int16Array {
	return clipSamples(clip, 'in').subarray(0, 32_000);
}

function withNoise(samples: Int16Array, amplitude: number): Int16Array {
	const added = noise(samples.length);
	return samples.map((sample, index) => sample + Math.round(amplitude * added[index]!));
}

function later(samples: Int16Array, by: number): Int16Array {
	const shifted = new Int16Array(samples.length);
	shifted.set(samples.subarray(0, samples.length - by), by);
	return shifted;
}

const ofReference = new Map<string, SpeechQuality>();

function reference(clip: string): SpeechQuality {
	const measured =
		ofReference.get(clip) ?? compareSpeech(clipSamples(clip, 'in'), clipSamples(clip, 'dec'));
	ofReference.set(clip, measured);
	return measured;
}

test.each(KNOWN)('the numbers of the reference codec on %s come out', (clip, known) => {
	const measured = reference(clip);
	for (const measure of MEASURES) {
		expect(Math.abs(measured[measure] - known[measure])).toBeLessThan(PRINTED_PRECISION);
	}
});

test.each(QUALITY_BARS)('the bar of $clip is what the reference codec reaches', (bar) => {
	const measured = reference(bar.clip);
	expect(measured.correlation).toBeCloseTo(bar.correlation, 3);
	expect(measured.segmentalNoiseRatioDb).toBeCloseTo(bar.segmentalNoiseRatioDb, 1);
	expect(measured.spectralDistanceDb).toBeCloseTo(bar.spectralDistanceDb, 2);
	expect(measured.intelligibility).toBeCloseTo(bar.intelligibility, 3);
});

test('speech is like itself in every measure', () => {
	const speech = sentence();
	const same = compareSpeech(speech, speech);
	expect(same.delaySamples).toBe(0);
	expect(same.correlation).toBeCloseTo(1, 9);
	expect(same.noiseRatioDb).toBeGreaterThan(150);
	expect(same.segmentalNoiseRatioDb).toBe(35);
	expect(same.spectralDistanceDb).toBe(0);
	expect(same.envelopeCorrelation).toBeCloseTo(1, 9);
	expect(same.intelligibility).toBeCloseTo(1, 6);
	expect(same.levelDb).toBe(0);
});

test('a delay is found and costs nothing', () => {
	const speech = sentence();
	const delayed = compareSpeech(speech, later(speech, 237));
	expect(delayed.delaySamples).toBe(237);
	expect(delayed.intelligibility).toBeCloseTo(1, 6);
	expect(delayed.spectralDistanceDb).toBe(0);
});

test('half as loud is 6 dB less and otherwise the same', () => {
	const speech = sentence().map((sample) => sample & ~1);
	const soft = compareSpeech(
		speech,
		speech.map((sample) => sample / 2),
	);
	expect(soft.levelDb).toBeCloseTo(-6.02, 2);
	expect(soft.noiseRatioDb).toBeGreaterThan(150);
	expect(soft.intelligibility).toBeCloseTo(1, 6);
	// A little less than 6.02: in the weakest bins both are at the floor.
	expect(soft.spectralDistanceDb).toBeGreaterThan(4.5);
	expect(soft.spectralDistanceDb).toBeLessThan(6.02);
});

test('every measure gets worse with more noise', () => {
	const speech = sentence();
	const [none, some, much] = [0, 300, 3000].map((amplitude) =>
		compareSpeech(speech, withNoise(speech, amplitude)),
	) as [SpeechQuality, SpeechQuality, SpeechQuality];
	for (const measure of [
		'correlation',
		'noiseRatioDb',
		'segmentalNoiseRatioDb',
		'envelopeCorrelation',
		'intelligibility',
	] as const) {
		expect(some[measure]).toBeLessThan(none[measure]);
		expect(much[measure]).toBeLessThan(some[measure]);
	}
	expect(some.spectralDistanceDb).toBeGreaterThan(none.spectralDistanceDb);
	expect(much.spectralDistanceDb).toBeGreaterThan(some.spectralDistanceDb);
	expect(much.intelligibility).toBeLessThan(0.95);
});

test('other speech is not intelligible as this one', () => {
	const [speech, other] = [sentence(), sentence('s2_female_noise')];
	expect(compareSpeech(speech, other).intelligibility).toBeLessThan(0.5);
});

test('silence for an answer gives finite numbers', () => {
	const speech = sentence();
	const measured = compareSpeech(speech, new Int16Array(speech.length));
	for (const measure of MEASURES) {
		expect(Number.isFinite(measured[measure])).toBe(true);
	}
	expect(measured.correlation).toBe(0);
	expect(measured.intelligibility).toBeLessThan(0.1);
});
