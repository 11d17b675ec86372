import { INTERNAL_FRAME_SAMPLES, INTERNAL_FRAMES, LPC_ORDER } from '../frameParameters';
import { levinson } from './levinson';
import { PowerSpectrum } from './powerSpectrum';

/** Samples before the internal frame where the analysis begins. */
const LOOK_BACK = 96;
const WINDOW_SAMPLES = 448;
const RISE_SAMPLES = 264;
const FALL_START = 384;
/** The last internal frame of a packet sees only so many samples of the falling part. */
const LAST_FALL_SAMPLES = 32;
const TRANSFORM_SAMPLES = 512;
/** Bins of the power spectrum, 31.25 Hz apart. */
export const SPECTRUM_BINS = TRANSFORM_SAMPLES / 2 + 1;
/** Noise floor of the autocorrelation at lag 0, relative and absolute. */
const RELATIVE_FLOOR = 5e-7;
const ABSOLUTE_FLOOR = 1e-12;
const BANDWIDTH_EXPANSION = 0.9999;

function analysisWindow(fallSamples: number): Float64Array {
	const window = new Float64Array(WINDOW_SAMPLES).fill(1, 0, FALL_START);
	for (let index = 0; index < RISE_SAMPLES; index++) {
		window[index] = Math.sin(((index + 1) / (RISE_SAMPLES + 1)) * (Math.PI / 2));
	}
	for (let index = 0; index < fallSamples; index++) {
		window[FALL_START + index] = Math.cos(((index + 1) / (fallSamples + 1)) * (Math.PI / 2));
	}
	return window;
}

/** Linear prediction and spectrum of one internal frame (MLow chapter 10, section 2). */
export class PredictionAnalysis {
	/** 17 coefficients of the prediction error filter, the first is 1. */
	readonly coefficients = new Float64Array(LPC_ORDER + 1);
	/** Power spectrum of the windowed samples, 257 bins; valid after `computeSpectrum`. */
	readonly spectrum = new Float64Array(SPECTRUM_BINS);
	/** The windowed samples, followed by zeros up to 512. */
	readonly windowed = new Float64Array(TRANSFORM_SAMPLES);

	private readonly window = analysisWindow(WINDOW_SAMPLES - FALL_START);
	private readonly lastWindow = analysisWindow(LAST_FALL_SAMPLES);
	private readonly autocorrelation = new Float64Array(LPC_ORDER + 1);
	private readonly transform = new PowerSpectrum(TRANSFORM_SAMPLES);

	/**
	 * @param signal high-passed samples; readable (as zeros, where the future is unknown) up to 352
	 *   samples after the internal frame begins, and from 96 before
	 * @param packetStart where the packet begins in `signal`
	 * @param frame internal frame of the packet, 0 to 2
	 */
	analyse(signal: Float64Array, packetStart: number, frame: number): void {
		const { windowed, autocorrelation, coefficients } = this;
		const start = packetStart + frame * INTERNAL_FRAME_SAMPLES - LOOK_BACK;
		const window = frame === INTERNAL_FRAMES - 1 ? this.lastWindow : this.window;
		for (let index = 0; index < WINDOW_SAMPLES; index++) {
			windowed[index] = window[index]! * signal[start + index]!;
		}
		for (let lag = 0; lag <= LPC_ORDER; lag++) {
			let sum = 0;
			for (let index = lag; index < WINDOW_SAMPLES; index++) {
				sum += windowed[index]! * windowed[index - lag]!;
			}
			autocorrelation[lag] = sum;
		}
		autocorrelation[0] = autocorrelation[0]! * (1 + RELATIVE_FLOOR) + ABSOLUTE_FLOOR;
		levinson(autocorrelation, LPC_ORDER, coefficients);
		let factor = 1;
		for (let tap = 1; tap <= LPC_ORDER; tap++) {
			factor *= BANDWIDTH_EXPANSION;
			coefficients[tap]! *= factor;
		}
	}

	/** Fills `spectrum` from the samples of the last `analyse`: only the search for voice needs it. */
	computeSpectrum(): void {
		this.transform.compute(this.windowed, this.spectrum);
	}
}
