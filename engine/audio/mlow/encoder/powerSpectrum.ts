/** Radixes in the order in which a length is split. */
const RADIXES = [4, 2, 3];

const SQRT3_HALF = Math.sqrt(3) / 2;

interface Stage {
	radix: number;
	/** Length of the transforms that this stage splits, divided by the radix. */
	groups: number;
	/** How many of them are interleaved. */
	stride: number;
	/** For each group radix - 1 pairs (real, imaginary). */
	twiddles: Float64Array;
}

function factorise(length: number): number[] {
	const factors: number[] = [];
	let rest = length;
	for (const radix of RADIXES) {
		while (rest % radix === 0) {
			factors.push(radix);
			rest /= radix;
		}
	}
	if (rest !== 1) throw new RangeError(`A transform of ${length} points is not made of 2, 3 and 4`);
	return factors;
}

function planStages(length: number): Stage[] {
	let size = length;
	let stride = 1;
	return factorise(length).map((radix) => {
		const groups = size / radix;
		const twiddles = new Float64Array(groups * (radix - 1) * 2);
		for (let group = 0, at = 0; group < groups; group++) {
			for (let power = 1; power < radix; power++) {
				const angle = (-2 * Math.PI * group * power) / size;
				twiddles[at++] = Math.cos(angle);
				twiddles[at++] = Math.sin(angle);
			}
		}
		const stage = { radix, groups, stride, twiddles };
		size = groups;
		stride *= radix;
		return stage;
	});
}

/**
 * Power spectrum of real signals of one length: |DFT|^2. The signal is folded into half as many complex
 * numbers, transformed by a self-sorting mixed-radix transform (Stockham), and unfolded.
 */
export class PowerSpectrum {
	private readonly half: number;
	private readonly stages: Stage[];
	private readonly unfoldCosine: Float64Array;
	private readonly unfoldSine: Float64Array;
	private real: Float64Array;
	private imaginary: Float64Array;
	private nextReal: Float64Array;
	private nextImaginary: Float64Array;

	/** @param length number of samples: twice a product of twos and threes */
	constructor(readonly length: number) {
		this.half = length / 2;
		this.stages = planStages(this.half);
		this.unfoldCosine = new Float64Array(this.half + 1);
		this.unfoldSine = new Float64Array(this.half + 1);
		for (let bin = 0; bin <= this.half; bin++) {
			this.unfoldCosine[bin] = Math.cos((2 * Math.PI * bin) / length);
			this.unfoldSine[bin] = Math.sin((2 * Math.PI * bin) / length);
		}
		this.real = new Float64Array(this.half);
		this.imaginary = new Float64Array(this.half);
		this.nextReal = new Float64Array(this.half);
		this.nextImaginary = new Float64Array(this.half);
	}

	/**
	 * @param input `length` samples
	 * @param output filled with length / 2 + 1 powers, bin 0 first
	 */
	compute(input: Float64Array, output: Float64Array): void {
		const { half, unfoldCosine, unfoldSine } = this;
		for (let index = 0; index < half; index++) {
			this.real[index] = input[2 * index]!;
			this.imaginary[index] = input[2 * index + 1]!;
		}
		for (const stage of this.stages) this.run(stage);

		const { real, imaginary } = this;
		for (let bin = 0; bin <= half; bin++) {
			const low = bin === half ? 0 : bin;
			const high = bin === 0 ? 0 : half - bin;
			const evenReal = 0.5 * (real[low]! + real[high]!);
			const evenImaginary = 0.5 * (imaginary[low]! - imaginary[high]!);
			const oddReal = 0.5 * (imaginary[low]! + imaginary[high]!);
			const oddImaginary = -0.5 * (real[low]! - real[high]!);
			const cosine = unfoldCosine[bin]!;
			const sine = unfoldSine[bin]!;
			const sumReal = evenReal + cosine * oddReal + sine * oddImaginary;
			const sumImaginary = evenImaginary + cosine * oddImaginary - sine * oddReal;
			output[bin] = sumReal * sumReal + sumImaginary * sumImaginary;
		}
	}

	private run(stage: Stage): void {
		if (stage.radix === 4) this.runRadix4(stage);
		else if (stage.radix === 2) this.runRadix2(stage);
		else this.runRadix3(stage);
		[this.real, this.nextReal] = [this.nextReal, this.real];
		[this.imaginary, this.nextImaginary] = [this.nextImaginary, this.imaginary];
	}

	private runRadix2({ groups, stride, twiddles }: Stage): void {
		const { real, imaginary, nextReal, nextImaginary } = this;
		const reach = stride * groups;
		for (let group = 0; group < groups; group++) {
			const cosine = twiddles[2 * group]!;
			const sine = twiddles[2 * group + 1]!;
			for (let lane = 0; lane < stride; lane++) {
				const from = lane + stride * group;
				const to = lane + stride * 2 * group;
				const re0 = real[from]!;
				const im0 = imaginary[from]!;
				const re1 = real[from + reach]!;
				const im1 = imaginary[from + reach]!;
				nextReal[to] = re0 + re1;
				nextImaginary[to] = im0 + im1;
				const re = re0 - re1;
				const im = im0 - im1;
				nextReal[to + stride] = re * cosine - im * sine;
				nextImaginary[to + stride] = re * sine + im * cosine;
			}
		}
	}

	private runRadix3({ groups, stride, twiddles }: Stage): void {
		const { real, imaginary, nextReal, nextImaginary } = this;
		const reach = stride * groups;
		for (let group = 0; group < groups; group++) {
			const cosine1 = twiddles[4 * group]!;
			const sine1 = twiddles[4 * group + 1]!;
			const cosine2 = twiddles[4 * group + 2]!;
			const sine2 = twiddles[4 * group + 3]!;
			for (let lane = 0; lane < stride; lane++) {
				const from = lane + stride * group;
				const to = lane + stride * 3 * group;
				const re0 = real[from]!;
				const im0 = imaginary[from]!;
				const sumRe = real[from + reach]! + real[from + 2 * reach]!;
				const sumIm = imaginary[from + reach]! + imaginary[from + 2 * reach]!;
				const differenceRe = SQRT3_HALF * (real[from + reach]! - real[from + 2 * reach]!);
				const differenceIm = SQRT3_HALF * (imaginary[from + reach]! - imaginary[from + 2 * reach]!);
				nextReal[to] = re0 + sumRe;
				nextImaginary[to] = im0 + sumIm;
				const middleRe = re0 - 0.5 * sumRe;
				const middleIm = im0 - 0.5 * sumIm;
				const re1 = middleRe + differenceIm;
				const im1 = middleIm - differenceRe;
				nextReal[to + stride] = re1 * cosine1 - im1 * sine1;
				nextImaginary[to + stride] = re1 * sine1 + im1 * cosine1;
				const re2 = middleRe - differenceIm;
				const im2 = middleIm + differenceRe;
				nextReal[to + 2 * stride] = re2 * cosine2 - im2 * sine2;
				nextImaginary[to + 2 * stride] = re2 * sine2 + im2 * cosine2;
			}
		}
	}

	private runRadix4({ groups, stride, twiddles }: Stage): void {
		const { real, imaginary, nextReal, nextImaginary } = this;
		const reach = stride * groups;
		for (let group = 0; group < groups; group++) {
			const cosine1 = twiddles[6 * group]!;
			const sine1 = twiddles[6 * group + 1]!;
			const cosine2 = twiddles[6 * group + 2]!;
			const sine2 = twiddles[6 * group + 3]!;
			const cosine3 = twiddles[6 * group + 4]!;
			const sine3 = twiddles[6 * group + 5]!;
			for (let lane = 0; lane < stride; lane++) {
				const from = lane + stride * group;
				const to = lane + stride * 4 * group;
				const evenRe = real[from]! + real[from + 2 * reach]!;
				const evenIm = imaginary[from]! + imaginary[from + 2 * reach]!;
				const evenRe2 = real[from]! - real[from + 2 * reach]!;
				const evenIm2 = imaginary[from]! - imaginary[from + 2 * reach]!;
				const oddRe = real[from + reach]! + real[from + 3 * reach]!;
				const oddIm = imaginary[from + reach]! + imaginary[from + 3 * reach]!;
				const oddRe2 = real[from + reach]! - real[from + 3 * reach]!;
				const oddIm2 = imaginary[from + reach]! - imaginary[from + 3 * reach]!;
				nextReal[to] = evenRe + oddRe;
				nextImaginary[to] = evenIm + oddIm;
				const re1 = evenRe2 + oddIm2;
				const im1 = evenIm2 - oddRe2;
				nextReal[to + stride] = re1 * cosine1 - im1 * sine1;
				nextImaginary[to + stride] = re1 * sine1 + im1 * cosine1;
				const re2 = evenRe - oddRe;
				const im2 = evenIm - oddIm;
				nextReal[to + 2 * stride] = re2 * cosine2 - im2 * sine2;
				nextImaginary[to + 2 * stride] = re2 * sine2 + im2 * cosine2;
				const re3 = evenRe2 - oddIm2;
				const im3 = evenIm2 + oddRe2;
				nextReal[to + 3 * stride] = re3 * cosine3 - im3 * sine3;
				nextImaginary[to + 3 * stride] = re3 * sine3 + im3 * cosine3;
			}
		}
	}
}
