import { SPECTRUM_BINS } from './predictionAnalysis';

const TRANSFORM_SAMPLES = 512;
/** Narrower harmonics than this many bins cannot be told apart. */
const MIN_SPACING = 1.97;
const UNDECIDED = 0.1;
/** Peaks and valleys in turn, from the first harmonic on. */
const WINDOWS = 9;
const HARMONICS = 4;
const POWER_FLOOR = 1e-30;
/** Lags for which round(1024 / lag) is equal share their result within an internal frame. */
const CACHE_SCALE = 1024;
const CACHE_SIZE = CACHE_SCALE / 32 + 1;

/**
 * How much the spectrum stands out at the first harmonics of a pitch lag over what lies between them
 * (MLow chapter 10, section 6).
 */
export class Harmonicity {
	private readonly tilted = new Float64Array(SPECTRUM_BINS);
	private readonly amplitudes = new Float64Array(WINDOWS);
	private readonly cache = new Float64Array(CACHE_SIZE);

	/** @param spectrum power of 257 bins of the internal frame */
	load(spectrum: Float64Array): void {
		const { tilted } = this;
		for (let bin = 2; bin < SPECTRUM_BINS; bin++) tilted[bin] = spectrum[bin]! * (bin + 3);
		this.cache.fill(NaN);
	}

	/** @param lag in samples, 32 to 320 */
	ofLag(lag: number): number {
		const key = Math.round(CACHE_SCALE / lag);
		const known = this.cache[key]!;
		if (!Number.isNaN(known)) return known;
		const value = this.compute(lag);
		this.cache[key] = value;
		return value;
	}

	private compute(lag: number): number {
		const spacing = TRANSFORM_SAMPLES / lag;
		if (spacing <= MIN_SPACING) return UNDECIDED;
		const { amplitudes, tilted } = this;
		for (let window = 0; window < WINDOWS; window++) {
			const from = 0.5 * window * spacing;
			const last = Math.floor(from + spacing);
			let sum = 0;
			let weights = 0;
			for (let bin = Math.ceil(from); bin <= last; bin++) {
				const position = (bin - from) / spacing;
				const weight = (position - position * position) ** 2;
				sum += weight * tilted[bin]!;
				weights += weight;
			}
			amplitudes[window] = Math.sqrt(sum / weights + POWER_FLOOR);
		}
		let sum = 0;
		let weights = 0;
		for (let harmonic = 0; harmonic < HARMONICS; harmonic++) {
			const below = amplitudes[2 * harmonic]!;
			const between = amplitudes[2 * harmonic + 1]!;
			const above = amplitudes[2 * harmonic + 2]!;
			const peak = below + 10 * between + above;
			const valley = 5 * below + 2 * between + 5 * above;
			const weight = Math.sqrt(peak + valley + POWER_FLOOR);
			sum += weight * Math.log(peak / valley);
			weights += weight;
		}
		return sum / weights;
	}
}
