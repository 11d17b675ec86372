const FACTOR = 196314165;
const INCREMENT = 907633515;
const SCALE = 8.1e-10;

/** The decoder's white noise (MLow chapter 07, "Random source"): the same in every decoder. */
export class WhiteNoise {
	/** Signed 32 bits. */
	seed = 0;

	/** @param out receives samples of about -1.74 to 1.74; its length is a multiple of 4 */
	fill(out: Float64Array): void {
		let { seed } = this;
		for (let n = 0; n < out.length; n += 4) {
			seed = (INCREMENT + Math.imul(seed, FACTOR)) | 0;
			out[n] = seed * SCALE;
			out[n + 1] = (seed << 8) * SCALE;
			out[n + 2] = (seed << 16) * SCALE;
			out[n + 3] = (seed << 24) * SCALE;
		}
		this.seed = seed;
	}
}
