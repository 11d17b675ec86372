import { LPC_ORDER } from '../frameParameters';
import { GRIDS, type LsfCodebook, lsfCodebook } from '../lsfCodebook';

/** What the search derives from a codebook once. */
export interface LsfSearchTables {
	codebook: LsfCodebook;
	/** [16 grids][16]: inverse covariance times base vector. */
	projections: Float64Array;
	/** [16 grids]: half the product of base vector and projection. */
	offsets: Float64Array;
	/** Bits of each stage-2 symbol, where `codebook.values` has its value. */
	symbolBits: Float64Array;
	gridBits: Float64Array;
	conditionalGridBits: Float64Array;
}

function bitsOfSymbols(cdf: ArrayLike<number>, start: number, count: number): Float64Array {
	const total = cdf[start + count]! - cdf[start]!;
	return Float64Array.from({ length: count }, (_, symbol) =>
		Math.log2(total / (cdf[start + symbol + 1]! - cdf[start + symbol]!)),
	);
}

/** Fills inverse covariance times base vector; returns half its product with the base vector. */
export function projectBase(
	codebook: LsfCodebook,
	base: Float64Array,
	projection: Float64Array,
): number {
	let product = 0;
	for (let row = 0; row < LPC_ORDER; row++) {
		let sum = 0;
		for (let column = 0; column < LPC_ORDER; column++) {
			sum += codebook.inverseCovariance[row * LPC_ORDER + column]! * base[column]!;
		}
		projection[row] = sum;
		product += sum * base[row]!;
	}
	return product / 2;
}

/** @returns the tables of voiced or of unvoiced frames: to be kept, they take a moment */
export function deriveLsfSearchTables(voiced: boolean): LsfSearchTables {
	const codebook = lsfCodebook(voiced);
	const projections = new Float64Array(GRIDS * LPC_ORDER);
	const offsets = new Float64Array(GRIDS);
	for (let grid = 0; grid < GRIDS; grid++) {
		const [from, to] = [grid * LPC_ORDER, (grid + 1) * LPC_ORDER];
		offsets[grid] = projectBase(
			codebook,
			codebook.bases.subarray(from, to),
			projections.subarray(from, to),
		);
	}
	const symbolBits = new Float64Array(codebook.values.length);
	codebook.counts.forEach((count, table) => {
		const bits = bitsOfSymbols(codebook.cdfs, codebook.cdfStarts[table]!, count);
		symbolBits.set(bits, codebook.valueStarts[table]);
	});
	return {
		codebook,
		projections,
		offsets,
		symbolBits,
		gridBits: bitsOfSymbols(codebook.gridCdf, 0, GRIDS),
		conditionalGridBits: bitsOfSymbols(codebook.conditionalGridCdf, 0, GRIDS + 1),
	};
}
