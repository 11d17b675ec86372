import type { AlignedPair } from './alignment';
import { powerSpectrum } from './fourier';
import {
	decibels,
	hannWindow,
	maximumOf,
	meanOf,
	segmentsOf,
	speechIn,
	windowed,
} from './segments';

/** 32 ms at 16 kHz, half overlapping. */
const SEGMENT_SAMPLES = 512;
const STEP_SAMPLES = 256;
/** 94 Hz to 6.97 kHz. */
const FIRST_BIN = 3;
const END_BIN = 224;
/** A spectrum is smoothed over so many bins on either side. */
const SMOOTHING_BINS = 2;
/** What lies 60 dB below the strongest bin of the reference is not told from nothing. */
const FLOOR_RATIO = 1e-6;

const WINDOW = hannWindow(SEGMENT_SAMPLES);

/**
 * Log spectral distance in dB: root mean square of the differences of two smoothed spectra, mean
 * over the segments in which somebody speaks. 0 at best.
 */
export function spectralDistanceDb({ reference, decoded }: AlignedPair): number {
	const left = segmentsOf(reference, SEGMENT_SAMPLES, STEP_SAMPLES).map(shaped);
	const right = segmentsOf(decoded, SEGMENT_SAMPLES, STEP_SAMPLES).map(shaped);
	const speech = speechIn(left);
	const distances = left.flatMap((segment, index) =>
		speech[index] === true
			? [distance(smoothSpectrum(segment), smoothSpectrum(right[index]!))]
			: [],
	);
	return meanOf(distances);
}

function shaped(segment: Float64Array): Float64Array {
	return windowed(segment, WINDOW);
}

function distance(reference: Float64Array, decoded: Float64Array): number {
	const floor = maximumOf(reference) * FLOOR_RATIO;
	const squares = reference.map(
		(power, bin) => decibels((power + floor) / (decoded[bin]! + floor)) ** 2,
	);
	return Math.sqrt(meanOf(squares));
}

function smoothSpectrum(segment: Float64Array): Float64Array {
	const powers = powerSpectrum(segment);
	return Float64Array.from({ length: END_BIN - FIRST_BIN }, (_, index) => {
		let sum = 0;
		for (let offset = -SMOOTHING_BINS; offset <= SMOOTHING_BINS; offset++) {
			sum += powers[FIRST_BIN + index + offset]!;
		}
		return sum / (2 * SMOOTHING_BINS + 1);
	});
}
