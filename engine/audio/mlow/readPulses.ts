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
import type { RangeDecoder } from './rangeDecoder';
import { SIGN_GROUP } from './writePulses';

/**
 * Reads the pulses of an internal frame: total, split, positions and signs (MLow chapter 06).
 *
 * @param limit unit pulses that a frame of this kind may have: MAX_PULSES or MAX_BACKGROUND_PULSES
 * @param pulses receives the signed number of unit pulses at each of 320 samples
 * @param counts receives the unit pulses of each subframe
 * @returns false when a half has more pulses than it may: nobody wrote this
 */
export function readPulses(
	range: RangeDecoder,
	limit: number,
	pulses: Int16Array,
	counts: Int32Array,
): boolean {
	const tables = pulseTables();
	pulses.fill(0);
	counts.fill(0);
	const totals = limit === MAX_PULSES ? tables.totals : tables.backgroundTotals;
	const total = range.decodeSymbol(totals, 0, limit + 1);
	if (total === 0) return true;

	const subframeLimit = limit / SUBFRAMES;
	const first = readShare(range, tables, total, 2 * subframeLimit, MAX_HALF_PULSES);
	if (first > 2 * subframeLimit) return false;
	counts[0] = readShare(range, tables, first, subframeLimit, subframeLimit);
	counts[1] = first - counts[0];
	counts[2] = readShare(range, tables, total - first, subframeLimit, subframeLimit);
	counts[3] = total - first - counts[2];
	let positions = 0;
	for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
		const start = subframe * SUBFRAME_SAMPLES;
		positions += readPositions(range, tables, pulses, start, counts[subframe]!);
	}
	readSigns(range, pulses, positions);
	return true;
}

/**
 * Reads how many of the pulses are in the first of two parts.
 *
 * @param limit pulses that the second part can hold
 * @param firstLimit those that the table lets the first one have
 */
function readShare(
	range: RangeDecoder,
	tables: PulseTables,
	pulses: number,
	limit: number,
	firstLimit: number,
): number {
	const lowest = Math.max(pulses - limit, 0);
	const highest = Math.min(pulses, firstLimit);
	if (lowest >= highest) return lowest;
	const start = tables.splitStarts[pulses]! + lowest - smallestShare(pulses);
	return lowest + range.decodeSymbol(tables.splits, start, highest - lowest + 1);
}

/** @returns how many samples have pulses */
function readPositions(
	range: RangeDecoder,
	tables: PulseTables,
	pulses: Int16Array,
	start: number,
	count: number,
): number {
	const end = start + SUBFRAME_SAMPLES;
	let position = start;
	let positions = 0;
	for (let left = count; left > 0; left--) {
		const samples = end - position;
		const eighths = Math.ceil(samples / RUN_LENGTH_STEP);
		const first = runStart(tables, eighths, left) + eighths * RUN_LENGTH_STEP - samples;
		position += range.decodeSymbol(tables.runs, first, samples);
		if (pulses[position]!++ === 0) positions++;
	}
	return positions;
}

function readSigns(range: RangeDecoder, pulses: Int16Array, positions: number): void {
	let group = 0;
	let signs = 0;
	let left = positions;
	for (let n = 0; left > 0; n++) {
		if (pulses[n] === 0) continue;
		if (signs === 0) {
			signs = Math.min(left, SIGN_GROUP);
			group = range.decodeUniform(1 << signs);
		}
		signs--;
		left--;
		if (((group >> signs) & 1) === 0) pulses[n] = -pulses[n]!;
	}
}
