/**
 * Levinson-Durbin recursion: the prediction error filter that fits an autocorrelation.
 *
 * @param autocorrelation lags 0 to order; lag 0 above zero
 * @param order of the prediction
 * @param filter receives order + 1 coefficients, the first is 1: error[n] = sum of filter[j] * x[n - j]
 * @returns energy of the prediction error
 */
export function levinson(
	autocorrelation: Float64Array,
	order: number,
	filter: Float64Array,
): number {
	filter[0] = 1;
	let error = autocorrelation[0]!;
	for (let step = 1; step <= order; step++) {
		let sum = autocorrelation[step]!;
		for (let tap = 1; tap < step; tap++) sum += filter[tap]! * autocorrelation[step - tap]!;
		const reflection = -sum / error;
		const remaining = error * (1 - reflection * reflection);
		// Rounding has eaten the positive definiteness: what is found so far is the best there is.
		if (!(remaining > 0)) {
			filter.fill(0, step, order + 1);
			return error;
		}
		for (let low = 1, high = step - 1; low <= high; low++, high--) {
			const first = filter[low]!;
			const last = filter[high]!;
			filter[low] = first + reflection * last;
			filter[high] = last + reflection * first;
		}
		filter[step] = reflection;
		error = remaining;
	}
	return error;
}
