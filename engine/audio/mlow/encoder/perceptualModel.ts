import { levinson } from './levinson';
import { PowerSpectrum } from './powerSpectrum';

/** Samples of a pair of subframes, for which one spectrum is taken. */
export const PAIR_SAMPLES = 160;
const LOOK_BACK = 384;
const BUFFER_SAMPLES = 576;
const RISE_SAMPLES = 352;
const FALL_START = 512;
/** The last pair of a packet sees only so many samples of the falling part. */
const LAST_FALL_SAMPLES = 32;
const BINS = BUFFER_SAMPLES / 2 + 1;
/** Lags 0 to 32 of the autocorrelation of the smoothed spectrum. */
export const PERCEPTUAL_LAGS = 33;
const POWER_FLOOR = 1e-12;
const BIN_HZ = 16000 / BUFFER_SAMPLES;
const SMOOTHING_BANDWIDTH = 0.1158;
const SMOOTHING_OFFSET_HZ = 320;
const WHITE_NOISE = 1.001;

/** Taps of the filter that weights the pulse search, and of the one for the pitch analysis. */
export const SEARCH_TAPS = 32;
export const PITCH_TAPS = 17;

function pairWindow(fallSamples: number): Float64Array {
	const window = new Float64Array(BUFFER_SAMPLES).fill(1, 0, FALL_START);
	for (let index = 0; index < RISE_SAMPLES; index++) {
		window[index] = Math.sin(((index + 1) / (RISE_SAMPLES + 1)) * (Math.PI / 2));
	}
	for (let index = 0; index < fallSamples; index++) {
		window[FALL_START + index] = Math.cos(((index + 1) / (fallSamples + 1)) * (Math.PI / 2));
	}
	return window;
}

function smoothingFactors(): Float64Array {
	return Float64Array.from({ length: BINS }, (_, bin) => {
		const width = (SMOOTHING_BANDWIDTH * (bin * BIN_HZ + SMOOTHING_OFFSET_HZ)) / BIN_HZ;
		return width / (width + 1);
	});
}

/**
 * What noise the ear forgives: spectra smoothed as broadly as hearing does it, turned into filters
 * that weight an error by how audible it is (MLow chapter 10, section 3).
 */
export class PerceptualModel {
	/** For each of the internal frame's four subframes 33 lags of the autocorrelation. */
	readonly correlations = [0, 1, 2, 3].map(() => new Float64Array(PERCEPTUAL_LAGS));

	private readonly window = pairWindow(BUFFER_SAMPLES - FALL_START);
	private readonly lastWindow = pairWindow(LAST_FALL_SAMPLES);
	private readonly smoothing = smoothingFactors();
	private readonly cosines = Float64Array.from({ length: BUFFER_SAMPLES }, (_, index) =>
		Math.cos((2 * Math.PI * index) / BUFFER_SAMPLES),
	);
	private readonly transform = new PowerSpectrum(BUFFER_SAMPLES);
	private readonly buffer = new Float64Array(BUFFER_SAMPLES);
	private readonly power = new Float64Array(BINS);
	private readonly even = new Float64Array(BINS);
	private readonly odd = new Float64Array(BINS);
	private readonly previous = new Float64Array(PERCEPTUAL_LAGS);
	private readonly emphasised = new Float64Array(SEARCH_TAPS);

	/** Silence before: what a new stream begins with. */
	reset(): void {
		this.previous.fill(0);
	}

	/**
	 * @param signal high-passed samples, readable from 384 before the internal frame to 352 after its
	 *   beginning (zeros, where the future is unknown)
	 * @param frameStart where the internal frame begins in `signal`
	 * @param last whether it is the last one of its packet
	 */
	analyse(signal: Float64Array, frameStart: number, last: boolean): void {
		const { correlations, previous } = this;
		for (let pair = 0; pair < 2; pair++) {
			const start = frameStart + pair * PAIR_SAMPLES - LOOK_BACK;
			const window = last && pair === 1 ? this.lastWindow : this.window;
			for (let index = 0; index < BUFFER_SAMPLES; index++) {
				this.buffer[index] = window[index]! * signal[start + index]!;
			}
			this.transform.compute(this.buffer, this.power);
			this.smooth();
			const first = correlations[2 * pair]!;
			const second = correlations[2 * pair + 1]!;
			this.correlate(second);
			for (let lag = 0; lag < PERCEPTUAL_LAGS; lag++) {
				first[lag] = 0.5 * (previous[lag]! + second[lag]!);
				previous[lag] = second[lag]!;
			}
		}
	}

	/** First-order smoothing over frequency, upwards and then downwards. */
	private smooth(): void {
		const { power, smoothing } = this;
		for (let bin = 0; bin < BINS; bin++) power[bin]! += POWER_FLOOR;
		let smoothed = power[0]!;
		for (let bin = 1; bin < BINS; bin++) {
			const value = power[bin]!;
			smoothed = value + smoothing[bin]! * (smoothed - value);
			power[bin] = smoothed;
		}
		for (let bin = BINS - 2; bin >= 0; bin--) {
			const value = power[bin]!;
			smoothed = value + smoothing[bin]! * (smoothed - value);
			power[bin] = smoothed;
		}
	}

	/** Inverse transform of the power spectrum, folded at its middle: even lags need sums, odd ones differences. */
	private correlate(correlation: Float64Array): void {
		const { power, even, odd, cosines } = this;
		const middle = (BINS - 1) / 2;
		even[0] = power[0]! + power[BINS - 1]!;
		odd[0] = power[0]! - power[BINS - 1]!;
		for (let bin = 1; bin < middle; bin++) {
			even[bin] = 2 * (power[bin]! + power[BINS - 1 - bin]!);
			odd[bin] = 2 * (power[bin]! - power[BINS - 1 - bin]!);
		}
		even[middle] = 2 * power[middle]!;
		odd[middle] = 0;
		for (let lag = 0; lag < PERCEPTUAL_LAGS; lag++) {
			const folded = lag % 2 === 0 ? even : odd;
			let sum = 0;
			let position = 0;
			for (let bin = 0; bin <= middle; bin++) {
				sum += folded[bin]! * cosines[position]!;
				position += lag;
				if (position >= BUFFER_SAMPLES) position -= BUFFER_SAMPLES;
			}
			correlation[lag] = sum / BUFFER_SAMPLES;
		}
	}

	/**
	 * @param correlation of the subframe, one of `correlations`
	 * @param emphasis first-order emphasis, -1 to 0
	 * @param taps length of the filter, at most 32
	 * @param filter receives the weighting filter, the first tap is 1
	 */
	weightingFilter(
		correlation: Float64Array,
		emphasis: number,
		taps: number,
		filter: Float64Array,
	): void {
		const { emphasised } = this;
		const centre = 1 + emphasis * emphasis;
		for (let lag = 0; lag < taps; lag++) {
			emphasised[lag] =
				centre * correlation[lag]! +
				emphasis * (correlation[lag + 1]! + correlation[lag === 0 ? 1 : lag - 1]!);
		}
		emphasised[0]! *= WHITE_NOISE;
		levinson(emphasised, taps - 1, filter);
	}
}
