import { SUBFRAMES, SUBFRAME_SAMPLES } from './frameParameters';
import { toWholeProbabilities } from './wholeProbabilities';

/** Unit pulses of an internal frame: of speech, and of background noise. */
export const MAX_PULSES = 160;
export const MAX_BACKGROUND_PULSES = 80;
/** Unit pulses of a subframe of speech. */
export const MAX_SUBFRAME_PULSES = MAX_PULSES / SUBFRAMES;
/** Unit pulses of half an internal frame. */
export const MAX_HALF_PULSES = 2 * MAX_SUBFRAME_PULSES;
/** The tables of runs are for numbers of samples that are multiples of it. */
export const RUN_LENGTH_STEP = 8;
const RUN_LENGTHS = SUBFRAME_SAMPLES / RUN_LENGTH_STEP;

const ONE = 2 ** 31;
/** Largest probability of a pulse at one sample. */
const CAP = 2147376274;

export interface PulseTables {
	/** CDFs of the total of an internal frame of speech, and of background noise. */
	totals: Uint16Array;
	backgroundTotals: Uint16Array;
	/** CDFs of how many of N pulses the first half gets; the one of N begins at `splitStarts[N]`. */
	splits: Uint16Array;
	/** [160]; the first symbol stands for `smallestShare(N)` pulses. */
	splitStarts: Int32Array;
	/** CDFs of the run to the next pulse; see `runStart`. */
	runs: Uint16Array;
	runStarts: Int32Array;
}

let tables: PulseTables | undefined;

/** The tables of MLow chapter 06, computed at the first call of the process. */
export function pulseTables(): PulseTables {
	tables ??= {
		totals: totalCdf(MAX_PULSES),
		backgroundTotals: totalCdf(MAX_BACKGROUND_PULSES),
		...computeSplits(),
		...computeRuns(),
	};
	return tables;
}

/** The fewest of N pulses that the first half can get. */
export function smallestShare(pulses: number): number {
	return Math.max(pulses - MAX_HALF_PULSES, 0);
}

/**
 * Where in `runs` the CDF begins for `eighths * 8` samples and that many pulses left, 1 to 40.
 */
export function runStart({ runStarts }: PulseTables, eighths: number, pulsesLeft: number): number {
	return runStarts[(eighths - 1) * MAX_SUBFRAME_PULSES + pulsesLeft - 1]!;
}

/** CDF of a total of 0 to `limit` pulses (MLow chapter 06, "Total n"). */
function totalCdf(limit: number): Uint16Array {
	return Uint16Array.from({ length: limit + 2 }, (_, entry) => {
		const pulses = entry - 1;
		return entry === 0 ? 0 : (pulses + 2) * (limit + 1) - ((pulses - 1) * (pulses - 2)) / 2;
	});
}

function computeSplits(): Pick<PulseTables, 'splits' | 'splitStarts'> {
	const cdfs: number[] = [];
	const splitStarts = new Int32Array(MAX_PULSES);
	for (let pulses = 1; pulses < MAX_PULSES; pulses++) {
		splitStarts[pulses] = cdfs.length;
		cdfs.push(...splitCdf(pulses));
	}
	return { splits: Uint16Array.from(cdfs), splitStarts };
}

function splitCdf(pulses: number): number[] {
	const probabilities: number[] = [];
	const last = Math.min(pulses, MAX_HALF_PULSES);
	for (let share = smallestShare(pulses); share <= last; share++) {
		const t =
			logFactorial(pulses) - logFactorial(share) - logFactorial(pulses - share) - 32768 * pulses;
		probabilities.push(t === 0 ? 2 ** 30 : Math.floor(2 ** 30 / log2lin(Math.floor(-t / 256))));
	}
	return toWholeProbabilities(probabilities);
}

/** log2(m!) in Q15, by Stirling. */
function logFactorial(m: number): number {
	if (m === 0) return 0;
	return (2 * m + 1) * (lin2log(m) * 128) - 47274 * m + 43442 + Math.floor(47274 / (12 * m));
}

function computeRuns(): Pick<PulseTables, 'runs' | 'runStarts'> {
	const cdfs: number[] = [];
	const runStarts = new Int32Array(RUN_LENGTHS * MAX_SUBFRAME_PULSES);
	for (let eighths = 1; eighths <= RUN_LENGTHS; eighths++) {
		const samples = eighths * RUN_LENGTH_STEP;
		const without = Float64Array.from(
			{ length: samples },
			(_, n) => ONE - Math.floor(ONE / (samples - n)),
		);
		const none = without.slice();
		for (let pulses = 1; pulses <= MAX_SUBFRAME_PULSES; pulses++) {
			runStarts[(eighths - 1) * MAX_SUBFRAME_PULSES + pulses - 1] = cdfs.length;
			cdfs.push(...runCdf(none, pulses));
			for (let n = 0; n < samples; n++) none[n] = productQ31(none[n]!, without[n]!);
		}
	}
	return { runs: Uint16Array.from(cdfs), runStarts };
}

/** @param none for each sample the probability in Q31 that none of the pulses left is there */
function runCdf(none: Float64Array, pulses: number): number[] {
	const samples = none.length;
	const probabilities: number[] = [];
	const excess =
		pulses > samples
			? lin2log(Math.floor((pulses * 1024) / samples)) - 1280
			: 1280 - lin2log(Math.floor((samples * 1024) / pulses));
	const scale = 36000 - ((10000 * sigm((excess >> 2) + 146)) >> 15);
	let left = ONE;
	for (let sample = 0; sample < samples; sample++) {
		let here = Math.min(ONE - none[sample]!, CAP);
		here = ONE - log2lin(((scale * (lin2log(ONE - here) - 3968)) >> 15) + 3968);
		here = Math.min(here, CAP);
		probabilities.push(productQ31(left, here));
		left = productQ31(left, ONE - here);
	}
	return toWholeProbabilities(probabilities);
}

/** (a * b) >> 31 for whole numbers up to 2^31, exact: the product is taken in two parts. */
function productQ31(a: number, b: number): number {
	const high = Math.floor(a / 65536);
	const low = a % 65536;
	return Math.floor((high * b + Math.floor((low * b) / 65536)) / 32768);
}

/** 128 * log2(x), the approximation that SILK uses (RFC 6716 section 4.2.7.6.1 has its inverse). */
export function lin2log(x: number): number {
	const zeros = Math.clz32(x);
	const fraction = ((x << zeros) >>> 24) & 127;
	return (31 - zeros) * 128 + fraction + ((fraction * (128 - fraction) * 179) >> 16);
}

/** 2^(y / 128), the inverse of `lin2log`. */
export function log2lin(y: number): number {
	if (y < 0) return 0;
	if (y >= 3967) return ONE - 1;
	const whole = 2 ** (y >> 7);
	const fraction = y & 127;
	const grown = fraction + ((fraction * (128 - fraction) * -174) >> 16);
	return y < 2048 ? whole + ((whole * grown) >> 7) : whole + (whole >> 7) * grown;
}

const SIGMOID_SLOPES = [237, 153, 73, 30, 12, 7];
const SIGMOID_POSITIVE = [16384, 23955, 28861, 31213, 32178, 32548];
const SIGMOID_NEGATIVE = [16384, 8812, 3906, 1554, 589, 219];

/** 1 / (1 + e^-x) in Q15 of x in Q5, by straight lines. */
export function sigm(x: number): number {
	const distance = Math.abs(x);
	if (distance >= 192) return x < 0 ? 0 : 32767;
	const line = distance >> 5;
	const step = SIGMOID_SLOPES[line]! * (distance & 31);
	return x < 0 ? SIGMOID_NEGATIVE[line]! - step : SIGMOID_POSITIVE[line]! + step;
}
