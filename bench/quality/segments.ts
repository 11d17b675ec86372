/** So much below the loudest segment nobody speaks: 40 dB, as a ratio of energies. */
const PAUSE_RATIO = 10 ** -4;

/**
 * Cuts a signal into pieces of one length; what is left at the end is dropped.
 *
 * @param step samples from the start of one to the start of the next
 * @returns views, not copies
 */
export function segmentsOf(samples: Float64Array, length: number, step: number): Float64Array[] {
	const count = Math.floor((samples.length - length) / step) + 1;
	return Array.from({ length: Math.max(0, count) }, (_, index) =>
		samples.subarray(index * step, index * step + length),
	);
}

export function energyOf(samples: Float64Array): number {
	return dot(samples, samples);
}

/** Sum of the products of two signals of one length. */
export function dot(left: Float64Array, right: Float64Array): number {
	let sum = 0;
	for (let index = 0; index < left.length; index++) {
		sum += left[index]! * right[index]!;
	}
	return sum;
}

/** Whether somebody speaks in each segment: those less than 40 dB below the loudest. */
export function speechIn(segments: readonly Float64Array[]): boolean[] {
	const energies = segments.map(energyOf);
	const threshold = maximumOf(energies) * PAUSE_RATIO;
	return energies.map((energy) => energy > threshold);
}

export function maximumOf(values: readonly number[] | Float64Array): number {
	let maximum = Number.NEGATIVE_INFINITY;
	for (const value of values) {
		maximum = Math.max(maximum, value);
	}
	return maximum;
}

/** NaN of nothing. */
export function meanOf(values: readonly number[] | Float64Array): number {
	let sum = 0;
	for (const value of values) {
		sum += value;
	}
	return sum / values.length;
}

/** Half a wave from zero to zero, both ends included: 0.5 - 0.5 cos(2 pi n / (length - 1)). */
export function hannWindow(length: number): Float64Array {
	return Float64Array.from(
		{ length },
		(_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (length - 1)),
	);
}

export function windowed(samples: Float64Array, window: Float64Array): Float64Array {
	return samples.map((sample, index) => sample * window[index]!);
}

/** 10 log10. */
export function decibels(ratio: number): number {
	return 10 * Math.log10(ratio);
}
