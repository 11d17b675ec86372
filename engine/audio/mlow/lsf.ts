import { LPC_ORDER, SUBFRAMES } from './frameParameters';
import { CONDITIONAL_GRID, lsfBase, lsfCodebook, lsfWeights } from './lsfCodebook';
import { mlowTables } from './tables';

const MARGINS = LPC_ORDER + 1;
const MAX_SPACING_STEPS = 1000;
/** What a line is moved beyond the minimum, growing with each step so that the end is reached. */
const SPACING_EXCESS = 2 ** -20;

/** Makes line spectral frequencies of their symbols (MLow chapter 03, "Reconstruction"). */
export class LsfReconstruction {
	private readonly base = new Float64Array(LPC_ORDER);
	private readonly weights = new Float64Array(LPC_ORDER);
	private readonly margins = new Float64Array(MARGINS);

	/**
	 * @param symbols 16 stage-2 symbols
	 * @param previous quantised LSF of the internal frame before; only grid 16 reads it
	 * @param lsf receives 16 rising angles between 0 and pi; may be `previous`
	 */
	reconstruct(
		voiced: boolean,
		grid: number,
		symbols: Uint8Array,
		previous: Float64Array,
		lsf: Float64Array,
	): void {
		const codebook = lsfCodebook(voiced);
		const { base, weights } = this;
		const { rotations, values, valueStarts } = codebook;
		lsfBase(codebook, grid, previous, base);
		this.readWeights(voiced, grid);
		lsf.fill(0);
		for (let i = 0; i < LPC_ORDER; i++) {
			const value = values[valueStarts[grid * LPC_ORDER + i]! + symbols[i]!]!;
			const row = (grid * LPC_ORDER + i) * LPC_ORDER;
			for (let k = 0; k < LPC_ORDER; k++) lsf[k]! += rotations[row + k]! * value;
		}
		for (let k = 0; k < LPC_ORDER; k++) lsf[k] = base[k]! + lsf[k]! / weights[k]!;
		this.space(lsf, codebook.minimumSpacing);
	}

	private readWeights(voiced: boolean, grid: number): void {
		const { base, weights } = this;
		if (grid === CONDITIONAL_GRID) {
			lsfWeights(base, weights);
			return;
		}
		const table = lsfCodebook(voiced).weights;
		for (let k = 0; k < LPC_ORDER; k++) weights[k] = table[grid * LPC_ORDER + k]!;
	}

	/**
	 * Moves lines apart until none is closer than allowed to its neighbours, to 0 and to pi.
	 *
	 * @param lsf 16 angles in radians, changed in place
	 * @param minimum 17 distances: see `LsfCodebook.minimumSpacing`
	 */
	space(lsf: Float64Array, minimum: Float64Array): void {
		const { margins } = this;
		let below = 0;
		for (let k = 0; k < LPC_ORDER; k++) {
			margins[k] = lsf[k]! - below - minimum[k]!;
			below = lsf[k]!;
		}
		margins[LPC_ORDER] = Math.PI - below - minimum[LPC_ORDER]!;

		let smallest = smallestIndex(margins);
		if (margins[smallest]! >= 0) return;
		for (let step = 0; step <= MAX_SPACING_STEPS && margins[smallest]! < 0; step++) {
			const missing = step * SPACING_EXCESS - margins[smallest]!;
			margins[smallest]! += missing;
			if (smallest === 0) margins[1]! -= missing;
			else if (smallest === LPC_ORDER) margins[LPC_ORDER - 1]! -= missing;
			else {
				margins[smallest - 1]! -= missing / 2;
				margins[smallest + 1]! -= missing / 2;
			}
			smallest = smallestIndex(margins);
		}
		let angle = 0;
		for (let k = 0; k < LPC_ORDER; k++) {
			angle += margins[k]! + minimum[k]!;
			lsf[k] = angle;
		}
	}
}

function smallestIndex(values: Float64Array): number {
	let smallest = 0;
	for (let index = 1; index < values.length; index++) {
		if (values[index]! < values[smallest]!) smallest = index;
	}
	return smallest;
}

/** Weights of the new LSF in each subframe, [2 interpolation indices][4]. */
export function interpolationWeights(): Float64Array {
	return Float64Array.from(mlowTables().lsf.interpolationWeights.flat());
}

/**
 * LSF of a subframe between those of two internal frames (MLow chapter 03, "Interpolation and LPC").
 *
 * @param weights see `interpolationWeights`
 * @param index interpolation index, 0 or 1
 * @param subframe 0 to 3
 * @param out receives 16 angles
 */
export function interpolateLsf(
	weights: Float64Array,
	index: number,
	subframe: number,
	previous: Float64Array,
	current: Float64Array,
	out: Float64Array,
): void {
	const weight = weights[index * SUBFRAMES + subframe]!;
	for (let k = 0; k < LPC_ORDER; k++) {
		out[k] = (1 - weight) * previous[k]! + weight * current[k]!;
	}
}

/** Makes the prediction filter of line spectral frequencies (MLow chapter 03). */
export class LsfToLpc {
	private readonly even = new Float64Array(LPC_ORDER + 2);
	private readonly odd = new Float64Array(LPC_ORDER + 2);

	/**
	 * @param lsf 16 angles in radians
	 * @param lpc receives 17 coefficients, the first of them 1; the prediction error of a signal h is
	 *   the sum of lpc[j] * h[n - j]
	 */
	convert(lsf: Float64Array, lpc: Float64Array): void {
		const { even, odd } = this;
		product(lsf, 0, 1, even);
		product(lsf, 1, -1, odd);
		for (let j = 0; j <= LPC_ORDER; j++) lpc[j] = (even[j]! + odd[j]!) / 2;
	}
}

/** (1 + last z^-1) times the factors 1 - 2 cos(lsf[k]) z^-1 + z^-2 of every other k. */
function product(lsf: Float64Array, first: number, last: number, polynomial: Float64Array): void {
	polynomial.fill(0);
	polynomial[0] = 1;
	polynomial[1] = last;
	let degree = 1;
	for (let k = first; k < LPC_ORDER; k += 2) {
		const middle = -2 * Math.cos(lsf[k]!);
		degree += 2;
		for (let j = degree; j >= 2; j--) {
			polynomial[j]! += middle * polynomial[j - 1]! + polynomial[j - 2]!;
		}
		polynomial[1]! += middle;
	}
}
