import { LPC_ORDER } from './frameParameters';
import { mlowTables } from './tables';
import type { LsfFile, LsfKindFile } from './tables';
import { toWholeProbabilities } from './wholeProbabilities';

/** Grids with a centroid of their own. */
export const GRIDS = 16;
/** The grid whose centroid is the previous LSF, pulled towards the mean. */
export const CONDITIONAL_GRID = 16;
const ALL_GRIDS = GRIDS + 1;
const ROTATION_SIZE = LPC_ORDER * LPC_ORDER;
/** Gaps between line spectral frequencies are never taken as smaller, radians. */
const SMALLEST_GAP = 0.001;

/** All that quantises the LSF of voiced or of unvoiced frames (MLow chapter 03), ready to use. */
export interface LsfCodebook {
	/** [16 grids][16], radians. Of the conditional grid: see `lsfBase`. */
	bases: Float64Array;
	/** [16 grids][16]: see `lsfWeights`. */
	weights: Float64Array;
	/** [17 grids][16 i][16 k]. */
	rotations: Float64Array;
	/** [17 grids]: stage-2 step. */
	steps: Float64Array;
	/** [16], radians. */
	mean: Float64Array;
	/** How far the conditional centroid is pulled towards the mean, 0 to 1. */
	meanPull: number;
	/** [17], radians: first to 0, between neighbours, last to pi. */
	minimumSpacing: Float64Array;
	/** [16][16], symmetric. For encoders. */
	inverseCovariance: Float64Array;
	/** [17 grids][16]: number of stage-2 symbols. */
	counts: Int32Array;
	/** [17 grids][16]: stage-2 level of symbol 0. */
	lowestLevels: Int32Array;
	/** [17 grids][16]: where in `values` those of the symbols begin. */
	valueStarts: Int32Array;
	/** What each stage-2 symbol stands for, step included. */
	values: Float64Array;
	/** [17 grids][16]: where in `cdfs` the CDF of the symbols begins. */
	cdfStarts: Int32Array;
	cdfs: Uint16Array;
	/** CDFs of the grid: 16 symbols; and 17 where the conditional grid is allowed. */
	gridCdf: Uint16Array;
	conditionalGridCdf: Uint16Array;
}

let codebooks: { unvoiced: LsfCodebook; voiced: LsfCodebook } | undefined;

/** The codebook of voiced or unvoiced frames; both are expanded at the first call of the process. */
export function lsfCodebook(voiced: boolean): LsfCodebook {
	if (codebooks === undefined) {
		const { lsf } = mlowTables();
		codebooks = { unvoiced: expand(lsf, lsf.unvoiced), voiced: expand(lsf, lsf.voiced) };
	}
	return voiced ? codebooks.voiced : codebooks.unvoiced;
}

/**
 * The base vector of a grid.
 *
 * @param previous quantised LSF of the internal frame before; only the conditional grid reads it
 * @param base receives 16 angles in radians
 */
export function lsfBase(
	codebook: LsfCodebook,
	grid: number,
	previous: Float64Array,
	base: Float64Array,
): void {
	const { bases, mean, meanPull } = codebook;
	for (let k = 0; k < LPC_ORDER; k++) {
		base[k] =
			grid === CONDITIONAL_GRID
				? previous[k]! + meanPull * (mean[k]! - previous[k]!)
				: bases[grid * LPC_ORDER + k]!;
	}
}

/** Weight of each line of a base vector: the closer its neighbours, the larger. */
export function lsfWeights(base: Float64Array, weights: Float64Array): void {
	let below = Math.max(base[0]!, SMALLEST_GAP);
	for (let k = 0; k < LPC_ORDER; k++) {
		const next = k < LPC_ORDER - 1 ? base[k + 1]! : Math.PI;
		const above = Math.max(next - base[k]!, SMALLEST_GAP);
		weights[k] = Math.sqrt(1 / below + 1 / above);
		below = above;
	}
}

function expand(shared: LsfFile, kind: LsfKindFile): LsfCodebook {
	const steps = new Float64Array(ALL_GRIDS).fill(kind.step);
	steps[CONDITIONAL_GRID]! *= shared.conditionalStepFactor;
	return {
		...expandBases(kind),
		...expandStage2(shared, kind, steps),
		rotations: expandRotations(kind),
		steps,
		mean: Float64Array.from(kind.mean),
		meanPull: kind.meanPull,
		minimumSpacing: Float64Array.from(kind.minimumSpacing),
		inverseCovariance: expandCovariance(kind),
		gridCdf: Uint16Array.from(kind.gridCdf),
		conditionalGridCdf: Uint16Array.from(kind.conditionalGridCdf),
	};
}

function expandBases(kind: LsfKindFile): Pick<LsfCodebook, 'bases' | 'weights'> {
	const { centroids, centroidMin, centroidScale, mean } = kind;
	const bases = Float64Array.from(
		centroids,
		(entry, index) => centroidMin + centroidScale * entry + mean[index % LPC_ORDER]!,
	);
	const weights = new Float64Array(bases.length);
	for (let start = 0; start < bases.length; start += LPC_ORDER) {
		const end = start + LPC_ORDER;
		lsfWeights(bases.subarray(start, end), weights.subarray(start, end));
	}
	return { bases, weights };
}

function expandRotations(kind: LsfKindFile): Float64Array {
	const rotations = new Float64Array(ALL_GRIDS * ROTATION_SIZE);
	kind.rotations.forEach((entry, index) => {
		rotations[index] = kind.rotationMin + kind.rotationScale * entry;
	});
	kind.conditionalRotation.forEach((entry, index) => {
		rotations[CONDITIONAL_GRID * ROTATION_SIZE + index] =
			kind.conditionalRotationMin + kind.conditionalRotationScale * entry;
	});
	return rotations;
}

function expandStage2(
	shared: LsfFile,
	kind: LsfKindFile,
	steps: Float64Array,
): Pick<LsfCodebook, 'cdfs' | 'cdfStarts' | 'counts' | 'lowestLevels' | 'values' | 'valueStarts'> {
	const { levelOffsetMin, levelOffsetScale } = shared;
	const { lowestLevels, highestLevels, levelOffsets, levelWeights } = kind;
	const counts = Int32Array.from(highestLevels, (high, index) => high - lowestLevels[index]! + 1);
	const valueStarts = new Int32Array(counts.length);
	const cdfStarts = new Int32Array(counts.length);
	const values = new Float64Array(levelOffsets.length);
	const cdfs = new Uint16Array(levelOffsets.length + counts.length);
	let start = 0;
	counts.forEach((count, table) => {
		valueStarts[table] = start;
		cdfStarts[table] = start + table;
		const step = steps[Math.floor(table / LPC_ORDER)]!;
		for (let symbol = 0; symbol < count; symbol++) {
			const offset = levelOffsetMin + levelOffsetScale * levelOffsets[start + symbol]!;
			values[start + symbol] = (offset + symbol + lowestLevels[table]!) * step;
		}
		cdfs.set(weightsToCdf(levelWeights.slice(start, start + count)), start + table);
		start += count;
	});
	return {
		cdfs,
		cdfStarts,
		counts,
		lowestLevels: Int32Array.from(lowestLevels),
		values,
		valueStarts,
	};
}

/** MLow chapter 02, "Weights-to-CDF rule". */
function weightsToCdf(bytes: number[]): number[] {
	return toWholeProbabilities(bytes.map((byte) => Math.min((byte + 1) ** 2, 65535)));
}

function expandCovariance(kind: LsfKindFile): Float64Array {
	const { inverseCovariance, inverseCovarianceMin, inverseCovarianceScale } = kind;
	const matrix = new Float64Array(ROTATION_SIZE);
	let index = 0;
	for (let row = 0; row < LPC_ORDER; row++) {
		for (let column = 0; column <= row; column++) {
			const value = inverseCovarianceMin + inverseCovarianceScale * inverseCovariance[index++]!;
			matrix[row * LPC_ORDER + column] = value;
			matrix[column * LPC_ORDER + row] = value;
		}
	}
	return matrix;
}
