import { SUBFRAME_SAMPLES } from './frameParameters';

/** Samples of a lag block: 2.5 ms. */
export const LAG_BLOCK_SAMPLES = 40;
/** Smallest lag, samples; each lag index adds half a sample. */
export const SMALLEST_LAG = 32;
/** Largest lag index: 319.5 samples. */
export const MAX_LAG_INDEX = 575;

/** Past samples that are kept: the largest lag and what the filter reaches beyond it. */
const PAST_SAMPLES = 336;

/** First half of the symmetric filter that reads between two samples (MLow chapter 08, K). */
const HALF_SAMPLE_TAPS = new Float64Array([
	-6.3925986e-6, 1.1064114e-4, -9.153038e-4, 4.84772e-3, -1.8698348e-2, 5.759091e-2, -0.15997477,
	0.6170455,
]);

/**
 * Past excitation, and what it predicts of the next subframe at given lags: the adaptive codebook of
 * MLow chapter 08.
 */
export class AdaptiveCodebook {
	/** The past, then the subframe that is being predicted and one sample of slack. */
	private readonly history = new Float64Array(PAST_SAMPLES + SUBFRAME_SAMPLES + 1);

	reset(): void {
		this.history.fill(0);
	}

	/**
	 * Predicts the next subframe; leaves the history as it is.
	 *
	 * @param firstLag lag index of the first 40 samples, 0 to 575
	 * @param secondLag lag index of the last 40
	 * @param centre receives e0, the signal a lag ago
	 * @param sides receives e1, the sum of its neighbours on both sides
	 */
	predict(firstLag: number, secondLag: number, centre: Float64Array, sides: Float64Array): void {
		this.predictBlock(0, firstLag, centre, sides);
		this.predictBlock(LAG_BLOCK_SAMPLES, secondLag, centre, sides);
	}

	/** Makes 80 samples of excitation the newest of the past. */
	append(excitation: Float64Array): void {
		const { history } = this;
		history.copyWithin(0, SUBFRAME_SAMPLES, PAST_SAMPLES);
		history.set(excitation, PAST_SAMPLES - SUBFRAME_SAMPLES);
	}

	/** Makes the past quieter. */
	attenuate(gain: number): void {
		const { history } = this;
		for (let n = 0; n < PAST_SAMPLES; n++) history[n]! *= gain;
	}

	private predictBlock(
		offset: number,
		lagIndex: number,
		centre: Float64Array,
		sides: Float64Array,
	): void {
		const start = PAST_SAMPLES + offset;
		const lag = SMALLEST_LAG + (lagIndex >> 1);
		if ((lagIndex & 1) === 0) this.copyBlock(start, lag, offset, centre, sides);
		else this.interpolateBlock(start, lag, offset, centre, sides);
	}

	private copyBlock(
		start: number,
		lag: number,
		offset: number,
		centre: Float64Array,
		sides: Float64Array,
	): void {
		const { history } = this;
		for (let n = 0; n < LAG_BLOCK_SAMPLES; n++) {
			const source = start + n - lag;
			const value = history[source]!;
			centre[offset + n] = value;
			// A lag shorter than the block repeats what was just predicted.
			history[start + n] = value;
			sides[offset + n] = history[source - 1]! + history[source + 1]!;
		}
	}

	private interpolateBlock(
		start: number,
		lag: number,
		offset: number,
		centre: Float64Array,
		sides: Float64Array,
	): void {
		const { history } = this;
		let before = this.between(start - 1 - lag);
		let value = this.between(start - lag);
		for (let n = 0; n < LAG_BLOCK_SAMPLES; n++) {
			centre[offset + n] = value;
			history[start + n] = value;
			const after = this.between(start + n + 1 - lag);
			sides[offset + n] = before + after;
			before = value;
			value = after;
		}
	}

	/** The signal half a sample before `position`. */
	private between(position: number): number {
		const { history } = this;
		let sum = 0;
		for (let tap = 0; tap < HALF_SAMPLE_TAPS.length; tap++) {
			sum += HALF_SAMPLE_TAPS[tap]! * (history[position - 8 + tap]! + history[position + 7 - tap]!);
		}
		return sum;
	}
}
