import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lies beside this module in the sources and in what is built: tsc copies it. */
const FILE = join(__dirname, 'tables.json');

/**
 * The tables of the file as they stand there (MLow chapters 03 to 05). Every CDF is a list of
 * cumulative whole numbers with one entry more than there are symbols (MLow chapter 02). Q14 and Q10
 * stand for multiples of 1/16384 and 1/1024.
 */
export interface TableFile {
	lsf: LsfFile;
	pitch: PitchFile;
	gains: GainFile;
}

export interface LsfFile {
	/** Rows: first internal frame, after an unvoiced one, after a voiced one. Symbol 1 is voiced. */
	voicedCdf: number[][];
	interpolationCdf: number[];
	/** Weight of the new LSF for each subframe; one row for each interpolation index. */
	interpolationWeights: number[][];
	/** Offset of a stage-2 level in steps: min + scale * byte. */
	levelOffsetMin: number;
	levelOffsetScale: number;
	/** The step of the conditional centroid in steps of the others. */
	conditionalStepFactor: number;
	unvoiced: LsfKindFile;
	voiced: LsfKindFile;
}

/** What unvoiced and voiced frames have of their own. */
export interface LsfKindFile {
	/** [16 grids][16]: centroid minus mean = min + scale * entry, radians. */
	centroidMin: number;
	centroidScale: number;
	centroids: number[];
	/** [16], radians. */
	mean: number[];
	/** How far the conditional centroid is pulled from the previous LSF towards the mean, 0 to 1. */
	meanPull: number;
	/** [17], radians: first to 0, between neighbours, last to pi. */
	minimumSpacing: number[];
	/** [16 grids][16 i][16 k]: min + scale * entry. */
	rotationMin: number;
	rotationScale: number;
	rotations: number[];
	/** [16 i][16 k], of the conditional centroid. */
	conditionalRotationMin: number;
	conditionalRotationScale: number;
	conditionalRotation: number[];
	/** Lower triangle row by row: (0,0), (1,0), (1,1), (2,0) ... For encoders only. */
	inverseCovarianceMin: number;
	inverseCovarianceScale: number;
	inverseCovariance: number[];
	/** Stage-2 step. */
	step: number;
	/** [17 grids][16]: range of the stage-2 levels. */
	lowestLevels: number[];
	highestLevels: number[];
	/** [17 grids][16][levels], ragged: bytes of the offset and of the weight of every level. */
	levelOffsets: number[];
	levelWeights: number[];
	/** 16 grids; and 17 where the conditional centroid is allowed. */
	gridCdf: number[];
	conditionalGridCdf: number[];
}

export interface PitchFile {
	/** [217]: ranges (0 to 8) of the segments, and their lengths in lag blocks. */
	contours: [number[], number[]][];
	/** Contour -> symbol of `contourCdf`: a permutation. */
	contourSymbols: number[];
	contourCdf: number[];
	/** First and last symbol of the contours that begin in each range. */
	firstRangeSymbols: [number, number][];
	/** Rows: range before. Symbols: first range of the contour. */
	rangeTransitionCdf: number[][];
	/** Three modes; symbols: difference of lag indices + 127. */
	deltaLagCdf: number[][];
	/** First contour and number of contours that share a track of ranges. For encoders only. */
	tracks: [number, number][];
}

export interface GainFile {
	energyLevelCdf: number[];
	energyShapeCdf: number[];
	energyLevelStepQ14: number;
	energyLevelMinDb: number;
	/** [98][4 subframes], dB. */
	energyShapesQ10: number[][];
	/** Buckets of pulse counts: below 10, below 20, below 30, others. */
	unvoicedPulseGainCdf: number[][];
	/** [16]: taps g0 and g1. */
	pitchGainsQ14: [number, number][];
	/** Rows: none before, then the index before. */
	pitchGainCdf: number[][];
	voicedPulseGainCdf: number[];
	voicedPulseGainDeltaCdf: number[];
}

let tables: TableFile | undefined;

/** The tables of the codec, read from their file at the first call of the process. */
export function mlowTables(): TableFile {
	tables ??= JSON.parse(readFileSync(FILE, 'utf8')) as TableFile;
	return tables;
}
