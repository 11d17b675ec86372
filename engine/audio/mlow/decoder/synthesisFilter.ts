import { LPC_ORDER } from '../frameParameters';

/** The synthesis filter 1 / A of MLow chapter 08; its memory goes on over subframes and packets. */
export class SynthesisFilter {
	/** The last 16 samples, then those of the call. */
	private readonly signal: Float64Array;

	/** @param samples of each call */
	constructor(private readonly samples: number) {
		this.signal = new Float64Array(LPC_ORDER + samples);
	}

	reset(): void {
		this.signal.fill(0);
	}

	/**
	 * @param lpc 17 coefficients, the first of them 1
	 * @param input excitation
	 * @param out receives as many samples from `start` on
	 */
	process(lpc: Float64Array, input: Float64Array, out: Float64Array, start: number): void {
		const { samples, signal } = this;
		for (let n = 0; n < samples; n++) {
			// The newest sample comes last: it is what the processor has to wait for.
			let even = 0;
			let odd = 0;
			for (let j = LPC_ORDER; j > 0; j -= 2) {
				even += lpc[j]! * signal[n + LPC_ORDER - j]!;
				odd += lpc[j - 1]! * signal[n + LPC_ORDER - j + 1]!;
			}
			const sample = input[n]! - even - odd;
			signal[n + LPC_ORDER] = sample;
			out[start + n] = sample;
		}
		signal.copyWithin(0, samples);
	}
}
