import type { AlignedPair } from './alignment';
import { complexSignal, inverse, powerSpectrum, realSignal, transform } from './fourier';
import {
	decibels,
	energyOf,
	hannWindow,
	maximumOf,
	meanOf,
	segmentsOf,
	windowed,
} from './segments';

/** What the measure is defined at; signals come with 16 kHz. */
const RATE_HZ = 10_000;
const INPUT_RATE_HZ = 16_000;
const SEGMENT_SAMPLES = 256;
const STEP_SAMPLES = SEGMENT_SAMPLES / 2;
const TRANSFORM_LENGTH = 512;
/** Third octaves, the first around 150 Hz. */
const BANDS = 15;
const FIRST_BAND_HZ = 150;
/** What is compared at a time: 30 segments, 384 ms. */
const STRETCH_SEGMENTS = 30;
/** The decoded level counts at most so much above the reference. */
const CLIPPING = 1 + 10 ** (15 / 20);
/** Segments so far below the loudest are pauses and are cut out. */
const PAUSE_DB = 40;
const TINY = 1e-12;

/** Without the two zeros at its ends. */
const WINDOW = hannWindow(SEGMENT_SAMPLES + 2).subarray(1, SEGMENT_SAMPLES + 1);

/**
 * Short-time objective intelligibility (Taal, Hendriks, Heusdens and Jensen, 2011): how well the
 * envelopes of 15 third octaves of the decoded speech follow those of the reference. 1 at best.
 *
 * @returns NaN for less than 0.4 s of speech
 */
export function intelligibility({ reference, decoded }: AlignedPair): number {
	const [left, right] = withoutPauses(resampled(reference), resampled(decoded));
	const [wanted, heard] = [bandLevels(left), bandLevels(right)];
	const scores: number[] = [];
	for (let end = STRETCH_SEGMENTS; end <= wanted.length; end++) {
		const start = end - STRETCH_SEGMENTS;
		scores.push(likeness(wanted.slice(start, end), heard.slice(start, end)));
	}
	return meanOf(scores);
}

/** 16 kHz to 10 kHz, by cutting the spectrum off. */
function resampled(samples: Float64Array): Float64Array {
	const length = Math.round((samples.length * RATE_HZ) / INPUT_RATE_HZ);
	const spectrum = transform(realSignal(samples));
	const cut = complexSignal(length);
	const scale = length / samples.length;
	for (let bin = 0; bin <= length / 2; bin++) {
		// A spectrum of real samples: what is above half the rate mirrors what is below.
		const mirror = (length - bin) % length;
		const imaginary = mirror === bin ? 0 : spectrum.imaginary[bin]! * scale;
		cut.real[bin] = spectrum.real[bin]! * scale;
		cut.imaginary[bin] = imaginary;
		cut.real[mirror] = spectrum.real[bin]! * scale;
		cut.imaginary[mirror] = -imaginary;
	}
	return inverse(cut).real;
}

/** Takes segments out of both where the reference is silent, and joins the rest. */
function withoutPauses(
	reference: Float64Array,
	decoded: Float64Array,
): [reference: Float64Array, decoded: Float64Array] {
	const left = shapedSegments(reference);
	const right = shapedSegments(decoded);
	const levels = left.map((segment) => 2 * decibels(Math.sqrt(energyOf(segment)) + TINY));
	const threshold = maximumOf(levels) - PAUSE_DB;
	const isSpeech = (_: Float64Array, index: number): boolean => levels[index]! > threshold;
	return [overlapped(left.filter(isSpeech)), overlapped(right.filter(isSpeech))];
}

function overlapped(segments: readonly Float64Array[]): Float64Array {
	const joined = new Float64Array(STEP_SAMPLES * (segments.length - 1) + SEGMENT_SAMPLES);
	segments.forEach((segment, position) => {
		segment.forEach((sample, index) => {
			joined[position * STEP_SAMPLES + index]! += sample;
		});
	});
	return joined;
}

function shapedSegments(samples: Float64Array): Float64Array[] {
	return segmentsOf(samples, SEGMENT_SAMPLES, STEP_SAMPLES).map((segment) =>
		windowed(segment, WINDOW),
	);
}

/** For each segment the levels of the third octaves. */
function bandLevels(samples: Float64Array): Float64Array[] {
	const edges = Array.from({ length: BANDS }, (_, band) => [
		binOf(FIRST_BAND_HZ * 2 ** ((2 * band - 1) / 6)),
		binOf(FIRST_BAND_HZ * 2 ** ((2 * band + 1) / 6)),
	]);
	return shapedSegments(samples).map((segment) => {
		const powers = powerSpectrum(segment, TRANSFORM_LENGTH);
		return Float64Array.from(edges, ([first, end]) => {
			let sum = 0;
			for (let bin = first!; bin < end!; bin++) {
				sum += powers[bin]!;
			}
			return Math.sqrt(sum);
		});
	});
}

function binOf(frequencyHz: number): number {
	return Math.round((frequencyHz * TRANSFORM_LENGTH) / RATE_HZ);
}

/** Mean over the bands of the correlation of both envelopes in one stretch. */
function likeness(wanted: readonly Float64Array[], heard: readonly Float64Array[]): number {
	const correlations = Array.from({ length: BANDS }, (_, band) => {
		const reference = wanted.map((levels) => levels[band]!);
		const decoded = heard.map((levels) => levels[band]!);
		const gain = norm(reference) / (norm(decoded) + TINY);
		const limited = decoded.map((level, index) =>
			Math.min(level * gain, reference[index]! * CLIPPING),
		);
		return correlation(centred(reference), centred(limited));
	});
	return meanOf(correlations);
}

function correlation(left: number[], right: number[]): number {
	const both = left.reduce((sum, value, index) => sum + value * right[index]!, 0);
	return both / (norm(left) * norm(right) + TINY);
}

function centred(values: number[]): number[] {
	const mean = meanOf(values);
	return values.map((value) => value - mean);
}

function norm(values: number[]): number {
	return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
