/** Samples that a filter still needs: appended at the end, discarded from the start. */
export class SampleBuffer {
	samples: Float32Array;
	length: number;

	/** @param silence samples of silence before the first one */
	constructor(silence: number) {
		this.samples = new Float32Array(Math.max(1024, 2 * silence));
		this.length = silence;
	}

	/**
	 * @param input samples, of which one in `stride` is taken
	 * @param offset the first one taken
	 */
	append(input: Float32Array, offset = 0, stride = 1): void {
		const added = Math.max(0, Math.ceil((input.length - offset) / stride));
		if (this.length + added > this.samples.length) {
			const grown = new Float32Array(2 * (this.length + added));
			grown.set(this.samples.subarray(0, this.length));
			this.samples = grown;
		}
		if (stride === 1 && offset === 0) this.samples.set(input, this.length);
		else {
			const { samples, length } = this;
			for (let index = 0, from = offset; index < added; index++, from += stride) {
				samples[length + index] = input[from]!;
			}
		}
		this.length += added;
	}

	/** @returns how many samples were discarded: `count`, or all there are */
	discard(count: number): number {
		const discarded = Math.min(count, this.length);
		this.samples.copyWithin(0, discarded, this.length);
		this.length -= discarded;
		return discarded;
	}
}
