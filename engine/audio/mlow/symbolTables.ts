import { mlowTables } from './tables';

/** Pulse counts of a subframe below 10, below 20, below 30 and others have gain tables of their own. */
const PULSE_GAIN_BUCKETS = 4;
const PULSES_PER_BUCKET = 10;

/** CDFs and codebooks of gains and lags as flat arrays, for the symbols of MLow chapters 04 and 05. */
export interface SymbolTables {
	/** [3 rows][3]: see `LsfFile.voicedCdf`. */
	voicedCdf: Uint16Array;
	interpolationCdf: Uint16Array;
	energyLevelCdf: Uint16Array;
	energyShapeCdf: Uint16Array;
	/** [98][4 subframes]. */
	energyShapesQ10: Int32Array;
	/** [4 buckets][177]; a window of 91 symbols is used. */
	unvoicedPulseGainCdf: Uint16Array;
	/** [17 rows][17]: row 0 without an index before, then the index before + 1. */
	pitchGainCdf: Uint16Array;
	/** [16][2]: taps g0 and g1. */
	pitchGainsQ14: Int32Array;
	voicedPulseGainCdf: Uint16Array;
	voicedPulseGainDeltaCdf: Uint16Array;
	contourCdf: Uint16Array;
	/** Contour -> symbol, and back. */
	contourSymbols: Uint8Array;
	contourOfSymbol: Uint8Array;
	/** [9][2]: first and last contour symbol of each first range. */
	firstRangeSymbols: Uint8Array;
	/** [9 rows][10]. */
	rangeTransitionCdf: Uint16Array;
	/** [3 modes][320]; a window of 64 symbols is used. */
	deltaLagCdf: Uint16Array;
	/** [218]: where the segments of each contour begin in the two arrays after it. */
	segmentStarts: Int32Array;
	segmentRanges: Uint8Array;
	/** Lag blocks. */
	segmentLengths: Uint8Array;
	energyLevelStepQ14: number;
	energyLevelMinQ14: number;
}

export const VOICED_CDF_ENTRIES = 3;
export const UNVOICED_PULSE_GAINS = 91;
export const UNVOICED_PULSE_GAIN_ENTRIES = 177;
export const PITCH_GAINS = 16;
export const PITCH_GAIN_ENTRIES = 17;
export const VOICED_PULSE_GAINS = 34;
export const ENERGY_LEVELS = 84;
export const ENERGY_SHAPES = 98;
export const CONTOURS = 217;
export const LAG_RANGES = 9;
export const RANGE_TRANSITION_ENTRIES = 10;
export const DELTA_LAG_ENTRIES = 320;
/** Lag indices of a range. */
export const FINE_LAGS = 64;

let tables: SymbolTables | undefined;

/** The tables, made at the first call of the process. */
export function symbolTables(): SymbolTables {
	tables ??= make();
	return tables;
}

function make(): SymbolTables {
	const { lsf, pitch, gains } = mlowTables();
	return {
		voicedCdf: Uint16Array.from(lsf.voicedCdf.flat()),
		interpolationCdf: Uint16Array.from(lsf.interpolationCdf),
		energyLevelCdf: Uint16Array.from(gains.energyLevelCdf),
		energyShapeCdf: Uint16Array.from(gains.energyShapeCdf),
		energyShapesQ10: Int32Array.from(gains.energyShapesQ10.flat()),
		unvoicedPulseGainCdf: Uint16Array.from(gains.unvoicedPulseGainCdf.flat()),
		pitchGainCdf: Uint16Array.from(gains.pitchGainCdf.flat()),
		pitchGainsQ14: Int32Array.from(gains.pitchGainsQ14.flat()),
		voicedPulseGainCdf: Uint16Array.from(gains.voicedPulseGainCdf),
		voicedPulseGainDeltaCdf: Uint16Array.from(gains.voicedPulseGainDeltaCdf),
		contourCdf: Uint16Array.from(pitch.contourCdf),
		contourSymbols: Uint8Array.from(pitch.contourSymbols),
		contourOfSymbol: inverse(pitch.contourSymbols),
		firstRangeSymbols: Uint8Array.from(pitch.firstRangeSymbols.flat()),
		rangeTransitionCdf: Uint16Array.from(pitch.rangeTransitionCdf.flat()),
		deltaLagCdf: Uint16Array.from(pitch.deltaLagCdf.flat()),
		...segments(pitch.contours),
		energyLevelStepQ14: gains.energyLevelStepQ14,
		energyLevelMinQ14: gains.energyLevelMinDb * 16384,
	};
}

function inverse(permutation: number[]): Uint8Array {
	const result = new Uint8Array(permutation.length);
	permutation.forEach((to, from) => {
		result[to] = from;
	});
	return result;
}

function segments(
	contours: [number[], number[]][],
): Pick<SymbolTables, 'segmentLengths' | 'segmentRanges' | 'segmentStarts'> {
	const segmentStarts = new Int32Array(contours.length + 1);
	contours.forEach(([ranges], contour) => {
		segmentStarts[contour + 1] = segmentStarts[contour]! + ranges.length;
	});
	return {
		segmentStarts,
		segmentRanges: Uint8Array.from(contours.flatMap(([ranges]) => ranges)),
		segmentLengths: Uint8Array.from(contours.flatMap(([, lengths]) => lengths)),
	};
}

/**
 * Energy of the residual of a subframe of an unvoiced frame, Q14 dB, exact (MLow chapter 05).
 *
 * @param level 0 to 83
 * @param shape 0 to 97
 */
export function energyQ14(
	{ energyLevelStepQ14, energyLevelMinQ14, energyShapesQ10 }: SymbolTables,
	level: number,
	shape: number,
	subframe: number,
): number {
	return (
		level * energyLevelStepQ14 + energyLevelMinQ14 + 16 * energyShapesQ10[shape * 4 + subframe]!
	);
}

/**
 * Where in `unvoicedPulseGainCdf` the window of 91 pulse gains begins.
 *
 * @param pulses unit pulses of the subframe, at least 1
 * @param energy Q14 dB: see `energyQ14`
 */
export function unvoicedPulseGainStart(pulses: number, energy: number): number {
	const bucket = Math.min(Math.floor(pulses / PULSES_PER_BUCKET), PULSE_GAIN_BUCKETS - 1);
	const decibels = Math.max((energy + 8192) >> 14, -85);
	return bucket * UNVOICED_PULSE_GAIN_ENTRIES + Math.max(-decibels, 0);
}

/** Which of the three tables of lag differences fits the pitch gains of the frame (MLow chapter 04). */
export function deltaLagMode({ pitchGainsQ14 }: SymbolTables, pitchGains: Uint8Array): number {
	let sum = 0;
	for (const gain of pitchGains) {
		sum += pitchGainsQ14[2 * gain]! + 2 * pitchGainsQ14[2 * gain + 1]!;
	}
	const mean = Math.trunc(sum / pitchGains.length);
	if (mean < 10007) return 0;
	return mean < 14085 ? 1 : 2;
}

/** Where in `deltaLagCdf` the window of 64 fine lags begins, for a segment after another lag. */
export function deltaLagStart(mode: number, range: number, previousLagIndex: number): number {
	return mode * DELTA_LAG_ENTRIES + FINE_LAGS * range - previousLagIndex + 127;
}

/** Whether the first segment of a contour is coded as a difference from the lag before. */
export function isNearRange(range: number, previousRange: number): boolean {
	return range - previousRange >= -1 && range - previousRange <= 2;
}
