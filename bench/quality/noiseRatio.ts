import type { AlignedPair } from './alignment';
import { decibels, energyOf, meanOf, segmentsOf, speechIn } from './segments';

/** 20 ms at 16 kHz. */
const SEGMENT_SAMPLES = 320;
const LOWEST_DB = -10;
const HIGHEST_DB = 35;
const TINY = 1e-20;

/** Energy of the signal to energy of the error, over everything, in dB. */
export function noiseRatioDb(pair: AlignedPair): number {
	return decibels(energyOf(pair.reference) / (energyOf(errorOf(pair)) + TINY));
}

/**
 * Mean over the segments in which somebody speaks of the ratio of each, held between -10 and 35 dB:
 * quiet passages count as much as loud ones.
 */
export function segmentalNoiseRatioDb(pair: AlignedPair): number {
	const segments = segmentsOf(pair.reference, SEGMENT_SAMPLES, SEGMENT_SAMPLES);
	const errors = segmentsOf(errorOf(pair), SEGMENT_SAMPLES, SEGMENT_SAMPLES).map(energyOf);
	const speech = speechIn(segments);
	const ratios = segments.map((segment, index) =>
		decibels(energyOf(segment) / (errors[index]! + TINY) + TINY),
	);
	return meanOf(
		ratios
			.filter((_, index) => speech[index])
			.map((ratio) => Math.min(HIGHEST_DB, Math.max(LOWEST_DB, ratio))),
	);
}

function errorOf({ reference, decoded, gain }: AlignedPair): Float64Array {
	return reference.map((sample, index) => sample - gain * decoded[index]!);
}
