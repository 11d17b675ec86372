import { dot, energyOf } from './segments';

/** Keeps ratios of silent signals finite. */
const TINY = 1e-20;

/** A reference and what a codec made of it, from the moment on where both run in step. */
export interface AlignedPair {
	reference: Float64Array;
	/** As many samples as the reference. */
	decoded: Float64Array;
	/** Samples by which the decoded signal is later. */
	delaySamples: number;
	/** The gain of `decoded` that brings it closest to the reference. */
	gain: number;
	/** Of the waveforms, 1 at best. */
	correlation: number;
}

/**
 * Finds the delay at which two signals resemble each other most.
 *
 * @param mostDelay in samples; a decoded signal is never earlier than its reference
 */
export function align(
	reference: Float64Array,
	decoded: Float64Array,
	mostDelay: number,
): AlignedPair {
	const length = Math.min(reference.length, decoded.length);
	let delaySamples = 0;
	let most = Number.NEGATIVE_INFINITY;
	for (let delay = 0; delay <= Math.min(mostDelay, length - 1); delay++) {
		const likeness = dot(reference.subarray(0, length - delay), decoded.subarray(delay, length));
		if (likeness > most) {
			most = likeness;
			delaySamples = delay;
		}
	}
	const left = reference.subarray(0, length - delaySamples);
	const right = decoded.subarray(delaySamples, length);
	const both = dot(left, right);
	return {
		reference: left,
		decoded: right,
		delaySamples,
		gain: both / (energyOf(right) + TINY),
		correlation: both / Math.sqrt(energyOf(left) * energyOf(right) + TINY),
	};
}
