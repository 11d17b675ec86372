import type { AlignedPair } from './alignment';
import { decibels, energyOf, meanOf, segmentsOf } from './segments';

/** 10 ms at 16 kHz. */
const SEGMENT_SAMPLES = 160;
/** Energy of a segment below which all are equally silent. */
const SILENCE = 1e-7;
const TINY = 1e-20;

/** How much the loudness of both rises and falls together: correlation of their energies in dB. */
export function envelopeCorrelation({ reference, decoded }: AlignedPair): number {
	const left = centred(envelope(reference));
	const right = centred(envelope(decoded));
	const both = left.reduce((sum, value, index) => sum + value * right[index]!, 0);
	return both / Math.sqrt(squares(left) * squares(right) + TINY);
}

/** By how much the decoded signal is louder, in dB. */
export function levelDifferenceDb({ reference, decoded }: AlignedPair): number {
	return decibels((energyOf(decoded) + TINY) / (energyOf(reference) + TINY));
}

function envelope(samples: Float64Array): number[] {
	return segmentsOf(samples, SEGMENT_SAMPLES, SEGMENT_SAMPLES).map((segment) =>
		decibels(energyOf(segment) + SILENCE),
	);
}

function centred(values: number[]): number[] {
	const mean = meanOf(values);
	return values.map((value) => value - mean);
}

function squares(values: number[]): number {
	return values.reduce((sum, value) => sum + value * value, 0);
}
