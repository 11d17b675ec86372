/** Sum of squares of a signal, or of a part of it. */
export function energy(signal: ArrayLike<number>, start = 0, end = signal.length): number {
	let sum = 0;
	for (let n = start; n < end; n++) sum += (signal[n] ?? 0) ** 2;
	return sum;
}

/** By how much a signal is above its difference from the expected one, dB; endless when they agree. */
export function signalToNoiseDb(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
	if (actual.length !== expected.length) return Number.NEGATIVE_INFINITY;
	let noise = 0;
	for (let n = 0; n < expected.length; n++) noise += ((actual[n] ?? 0) - (expected[n] ?? 0)) ** 2;
	return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(energy(expected) / noise);
}

/** Largest difference between neighbouring samples. */
export function largestStep(signal: ArrayLike<number>): number {
	let largest = 0;
	for (let n = 1; n < signal.length; n++) {
		largest = Math.max(largest, Math.abs((signal[n] ?? 0) - (signal[n - 1] ?? 0)));
	}
	return largest;
}

/** Whole numbers below `limit`, the same ones for each seed. */
export function seededRandom(seed: number): (limit: number) => number {
	let state = seed >>> 0;
	return (limit) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
	};
}
