/** Sum of squares. */
export function energy(signal: Float64Array): number {
	let sum = 0;
	for (let n = 0; n < signal.length; n++) sum += signal[n]! * signal[n]!;
	return sum;
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
	return 1 / (1 + Math.exp(-x));
}
