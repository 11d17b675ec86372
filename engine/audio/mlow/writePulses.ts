import { SUBFRAMES, SUBFRAME_SAMPLES } from './frameParameters';
import {
	MAX_HALF_PULSES,
	MAX_PULSES,
	RUN_LENGTH_STEP,
	pulseTables,
	runStart,
	smallestShare,
} from './pulseTables';
import type { PulseTables } from './pulseTables';
import type { RangeEncoder } from './rangeEncoder';

/** Signs that share one symbol. */
export const SIGN_GROUP = 15;

/** Counts the unit pulses of each of the four subframes of 320 signed amplitudes. */
export function countPulses(pulses: Int16Array, counts: Int32Array): void {
	for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
		const end = (subframe + 1) * SUBFRAME_SAMPLES;
		let count = 0;
		for (let n = end - SUBFRAME_SAMPLES; n < end; n++) {
			const amplitude = pulses[n]!;
			count += amplitude < 0 ? -amplitude : amplitude;
		}
		counts[subframe] = count;
	}
}

/**
 * Writes the pulses of an internal frame: total, split, positions and signs (MLow chapter 06).
 *
 * @param pulses signed number of unit pulses at each of 320 samples
 * @param counts unit pulses of each subframe: see `countPulses`; a quarter of `limit` at most
 * @param limit unit pulses that a frame of this kind may have: MAX_PULSES or MAX_BACKGROUND_PULSES
 */
export function writePulses(
	range: RangeEncoder,
	pulses: Int16Array,
	counts: Int32Array,
	limit: number,
): void {
	const tables = pulseTables();
	const first = counts[0]! + counts[1]!;
	const total = first + counts[2]! + counts[3]!;
	const totals = limit === MAX_PULSES ? tables.totals : tables.backgroundTotals;
	range.encodeSymbol(totals, 0, limit + 1, total);
	if (total === 0) return;

	const subframeLimit = limit / SUBFRAMES;
	writeShare(range, tables, total, first, 2 * subframeLimit, MAX_HALF_PULSES);
	writeShare(range, tables, first, counts[0]!, subframeLimit, subframeLimit);
	writeShare(range, tables, total - first, counts[2]!, subframeLimit, subframeLimit);
	for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
		writePositions(range, tables, pulses, subframe * SUBFRAME_SAMPLES, counts[subframe]!);
	}
	writeSigns(range, pulses);
}

/**
 * Writes how many of the pulses are in the first of two parts.
 *
 * @param limit pulses that the second part can hold
 * @param firstLimit those that the table lets the first one have: 80 of half a frame, of background
 *   noise too
 */
function writeShare(
	range: RangeEncoder,
	tables: PulseTables,
	pulses: number,
	share: number,
	limit: number,
	firstLimit: number,
): void {
	const lowest = Math.max(pulses - limit, 0);
	const highest = Math.min(pulses, firstLimit);
	if (lowest >= highest) return;
	const start = tables.splitStarts[pulses]! + lowest - smallestShare(pulses);
	range.encodeSymbol(tables.splits, start, highest - lowest + 1, share - lowest);
}

function writePositions(
	range: RangeEncoder,
	tables: PulseTables,
	pulses: Int16Array,
	start: number,
	count: number,
): void {
	let left = count;
	let from = start;
	const end = start + SUBFRAME_SAMPLES;
	for (let n = start; left > 0 && n < end; n++) {
		for (let unit = Math.abs(pulses[n]!); unit > 0; unit--) {
			writeRun(range, tables, end - from, left, n - from);
			from = n;
			left--;
		}
	}
}

/** Writes a run of samples to the next pulse; 0 stays at the sample. */
function writeRun(
	range: RangeEncoder,
	tables: PulseTables,
	samples: number,
	left: number,
	run: number,
): void {
	const eighths = Math.ceil(samples / RUN_LENGTH_STEP);
	const start = runStart(tables, eighths, left) + eighths * RUN_LENGTH_STEP - samples;
	range.encodeSymbol(tables.runs, start, samples, run);
}

function writeSigns(range: RangeEncoder, pulses: Int16Array): void {
	let group = 0;
	let signs = 0;
	for (let n = 0; n < pulses.length; n++) {
		if (pulses[n] === 0) continue;
		group = 2 * group + (pulses[n]! > 0 ? 1 : 0);
		if (++signs === SIGN_GROUP) {
			range.encodeUniform(group, 1 << signs);
			group = 0;
			signs = 0;
		}
	}
	if (signs > 0) range.encodeUniform(group, 1 << signs);
}
