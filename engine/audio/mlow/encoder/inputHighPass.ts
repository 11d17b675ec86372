/** Second-order high-pass at 35 Hz for 16 kHz (MLow chapter 10, section 1). */
const NUMERATOR = [0.99049276, -1.9809836, 0.99049276] as const;
const DENOMINATOR = [1, -1.9808896, 0.9810795] as const;

/** Takes rumble away before the analysis; the decoder's own filters would amplify it. */
export class InputHighPass {
	private memory0 = 0;
	private memory1 = 0;

	/**
	 * @param input samples, -1 to 1
	 * @param output where the filtered samples go, from `at`
	 */
	filter(input: Float64Array, output: Float64Array, at: number): void {
		let { memory0, memory1 } = this;
		for (let index = 0; index < input.length; index++) {
			const x = input[index]!;
			const y = NUMERATOR[0] * x + memory0;
			memory0 = NUMERATOR[1] * x - DENOMINATOR[1] * y + memory1;
			memory1 = NUMERATOR[2] * x - DENOMINATOR[2] * y;
			output[at + index] = y;
		}
		// A decaying tail would end in denormal numbers, on which processors are slow.
		this.memory0 = Math.abs(memory0) < 1e-30 ? 0 : memory0;
		this.memory1 = Math.abs(memory1) < 1e-30 ? 0 : memory1;
	}

	reset(): void {
		this.memory0 = 0;
		this.memory1 = 0;
	}
}
