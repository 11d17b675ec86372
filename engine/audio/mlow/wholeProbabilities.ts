/** What the last entry of a computed CDF does not exceed. */
const SCALE = 32767;

/**
 * Makes a CDF of whole numbers of the weights of its symbols: each symbol has a share of at least 1
 * (MLow chapters 02 and 06, toCdf).
 *
 * @param weights whole numbers, not negative, not all 0
 * @returns one entry more than there are weights, beginning with 0
 */
export function toWholeProbabilities(weights: ArrayLike<number>): number[] {
	const count = weights.length;
	let sum = 0;
	for (let symbol = 0; symbol < count; symbol++) sum += weights[symbol]!;
	const cdf = [0];
	let end = 0;
	for (let symbol = 0; symbol < count; symbol++) {
		end += Math.floor((weights[symbol]! * (SCALE - count)) / sum) + 1;
		cdf.push(end);
	}
	return cdf;
}
