import { LPC_ORDER, SUBFRAME_SAMPLES } from '../frameParameters';
import { SEARCH_TAPS } from './perceptualModel';

/** Samples of the impulse response, and of the ringing of the error before. */
export const RESPONSE_SAMPLES = 32;
/** Zeros on both sides of a signal spare the product its limits. */
const PADDING = RESPONSE_SAMPLES - 1;
const ERROR_PAST = SEARCH_TAPS - 1;

const RESPONSE_WINDOW = Float64Array.from({ length: RESPONSE_SAMPLES }, (_, index) =>
	Math.sin((Math.PI * (RESPONSE_SAMPLES + 1 + index)) / (2 * RESPONSE_SAMPLES + 1)),
);

/**
 * The weighted error of a subframe as a quadratic form of its excitation (MLow chapter 10, section 9
 * a to c): with the autocorrelation of the weighted synthesis filter as a Toeplitz matrix, and with what
 * the error of the subframe before leaves ringing.
 */
export class SubframeTarget {
	/** Impulse response of the weighted synthesis filter. */
	readonly response = new Float64Array(RESPONSE_SAMPLES);
	/** Its autocorrelation, lags 0 to 31. */
	readonly autocorrelation = new Float64Array(RESPONSE_SAMPLES);
	/** Weighted ringing of the error before. */
	readonly ringing = new Float64Array(RESPONSE_SAMPLES);
	/** Correlation of what is wanted with every sample of the excitation. */
	readonly wanted = new Float64Array(SUBFRAME_SAMPLES);

	private readonly error = new Float64Array(ERROR_PAST + RESPONSE_SAMPLES);
	private readonly ringingCorrelation = new Float64Array(RESPONSE_SAMPLES);
	private readonly product = new Float64Array(SUBFRAME_SAMPLES);
	private readonly padded = new Float64Array(PADDING + SUBFRAME_SAMPLES + PADDING);
	private readonly convolved = new Float64Array(SUBFRAME_SAMPLES + RESPONSE_SAMPLES);

	/**
	 * @param prediction 17 coefficients of the prediction error filter of the subframe
	 * @param weighting 32 taps of its weighting filter
	 * @param residual 80 samples
	 * @param pastError synthesis error up to the subframe; its last 31 samples count
	 */
	load(
		prediction: Float64Array,
		weighting: Float64Array,
		residual: Float64Array,
		pastError: Float64Array,
	): void {
		this.computeResponse(prediction, weighting);
		this.computeRinging(prediction, weighting, pastError);
		const { product, wanted, ringingCorrelation } = this;
		this.multiply(residual, product);
		wanted.set(product);
		for (let index = 0; index < RESPONSE_SAMPLES; index++) {
			wanted[index]! += ringingCorrelation[index]!;
		}
	}

	/** Weighted energy of the residual given to `load` together with the ringing: the error of silence. */
	energy(residual: Float64Array): number {
		const { product, ringing, ringingCorrelation } = this;
		let sum = 0;
		for (let index = 0; index < SUBFRAME_SAMPLES; index++)
			sum += product[index]! * residual[index]!;
		for (let index = 0; index < RESPONSE_SAMPLES; index++) {
			sum += 2 * ringingCorrelation[index]! * residual[index]! + ringing[index]! ** 2;
		}
		return sum;
	}

	/** output = Toeplitz matrix * input, 80 samples each. */
	multiply(input: Float64Array, output: Float64Array): void {
		const { padded, autocorrelation } = this;
		padded.set(input, PADDING);
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			const centre = PADDING + index;
			let sum = autocorrelation[0]! * padded[centre]!;
			for (let lag = 1; lag < RESPONSE_SAMPLES; lag++) {
				sum += autocorrelation[lag]! * (padded[centre - lag]! + padded[centre + lag]!);
			}
			output[index] = sum;
		}
	}

	/** Energy of an excitation after weighted synthesis, with the ringing, to its last sample. */
	weightedEnergy(excitation: Float64Array): number {
		const { convolved, response, ringing } = this;
		convolved.fill(0);
		convolved.set(ringing);
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			const amplitude = excitation[index]!;
			for (let tap = 0; tap < RESPONSE_SAMPLES; tap++) {
				convolved[index + tap]! += amplitude * response[tap]!;
			}
		}
		let sum = 0;
		for (let index = 0; index < convolved.length; index++) sum += convolved[index]! ** 2;
		return sum;
	}

	private computeResponse(prediction: Float64Array, weighting: Float64Array): void {
		const { response, autocorrelation } = this;
		for (let index = 0; index < RESPONSE_SAMPLES; index++) {
			let value = weighting[index]!;
			const last = Math.min(index, LPC_ORDER);
			for (let tap = 1; tap <= last; tap++) value -= prediction[tap]! * response[index - tap]!;
			response[index] = value;
		}
		for (let index = 0; index < RESPONSE_SAMPLES; index++) {
			response[index]! *= RESPONSE_WINDOW[index]!;
		}
		for (let lag = 0; lag < RESPONSE_SAMPLES; lag++) {
			let sum = 0;
			for (let index = lag; index < RESPONSE_SAMPLES; index++) {
				sum += response[index]! * response[index - lag]!;
			}
			autocorrelation[lag] = sum;
		}
	}

	private computeRinging(
		prediction: Float64Array,
		weighting: Float64Array,
		pastError: Float64Array,
	): void {
		const { error, ringing, ringingCorrelation, response } = this;
		const past = pastError.length - ERROR_PAST;
		for (let index = 0; index < ERROR_PAST; index++) error[index] = pastError[past + index]!;
		for (let index = ERROR_PAST; index < error.length; index++) {
			let value = 0;
			for (let tap = 1; tap <= LPC_ORDER; tap++) value -= prediction[tap]! * error[index - tap]!;
			error[index] = value;
		}
		for (let index = 0; index < RESPONSE_SAMPLES; index++) {
			let sum = 0;
			for (let tap = 0; tap < SEARCH_TAPS; tap++) {
				sum += weighting[tap]! * error[ERROR_PAST + index - tap]!;
			}
			ringing[index] = sum;
		}
		for (let shift = 0; shift < RESPONSE_SAMPLES; shift++) {
			let sum = 0;
			for (let index = shift; index < RESPONSE_SAMPLES; index++) {
				sum += response[index - shift]! * ringing[index]!;
			}
			ringingCorrelation[shift] = sum;
		}
	}
}
