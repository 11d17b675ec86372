import { createHash } from 'node:crypto';

import {
	MAX_BACKGROUND_PULSES,
	MAX_PULSES,
	pulseTables,
	runStart,
} from '../../../../engine/audio/mlow/pulseTables';
import { RangeDecoder } from '../../../../engine/audio/mlow/rangeDecoder';
import { RangeEncoder } from '../../../../engine/audio/mlow/rangeEncoder';
import { readPulses } from '../../../../engine/audio/mlow/readPulses';
import { countPulses, writePulses } from '../../../../engine/audio/mlow/writePulses';
import { seededRandom } from './support/signals';

/** First 16 hex digits of the SHA-256 of a table as 16 bits, little endian. */
function digest(table: Uint16Array): string {
	const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
	return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

describe('pulse tables', () => {
	// The check values of MLow chapter 06.
	test.each([
		[1, 3, 'f3d500b436d9f469'],
		[2, 4, 'c4506ca79f2bf986'],
		[3, 5, '85b69b63e8c2ac50'],
		[10, 12, 'e952ca43a419ef33'],
		[40, 42, '88cfe6837af53951'],
		[80, 82, 'f95b74854b299563'],
		[81, 81, 'ff7e38f9231a9894'],
		[120, 42, '4e9f3ed91bc037a8'],
		[159, 3, 'f3d500b436d9f469'],
	])('the split of %d pulses', (pulses, entries, expected) => {
		const { splits, splitStarts } = pulseTables();
		const start = splitStarts[pulses] ?? -1;
		expect(digest(splits.slice(start, start + entries))).toBe(expected);
	});

	test.each([
		[8, 1, 'db245e6bcce42614'],
		[8, 9, 'd5143f2f26769d17'],
		[24, 2, '15407f456fd1da94'],
		[40, 7, '57e5bf5f6df74545'],
		[80, 1, '47fc8c595030d6a0'],
		[80, 5, '37e3dbde3b8bb3de'],
		[80, 20, '4382d128492dffe2'],
		[80, 40, 'e6c09bcb21a23e45'],
	])('the run over %d samples with %d pulses left', (samples, pulses, expected) => {
		const tables = pulseTables();
		const start = runStart(tables, samples / 8, pulses);
		expect(digest(tables.runs.slice(start, start + samples + 1))).toBe(expected);
	});

	test('intervals of the total follow each other', () => {
		const { totals, backgroundTotals } = pulseTables();
		for (const cdf of [totals, backgroundTotals]) {
			expect(cdf[0]).toBe(0);
			expect(cdf.every((end, entry) => entry === 0 || end > (cdf[entry - 1] ?? 0))).toBe(true);
			expect(cdf.at(-1)).toBeLessThanOrEqual(32768);
		}
		expect(totals).toHaveLength(MAX_PULSES + 2);
		expect(totals.at(-1)).toBe(13521);
	});
});

describe('pulses of an internal frame', () => {
	test.each([MAX_PULSES, MAX_BACKGROUND_PULSES])('up to %d come back as they were', (limit) => {
		const random = seededRandom(limit);
		const encoder = new RangeEncoder();
		const decoder = new RangeDecoder();
		const counts = new Int32Array(4);
		const readCounts = new Int32Array(4);
		const back = new Int16Array(320);
		for (let round = 0; round < 500; round++) {
			const pulses = new Int16Array(320);
			for (let subframe = 0; subframe < 4; subframe++) {
				// Often none, often as many as allowed, often at few places.
				const count = [0, limit / 4, random(limit / 4 + 1)][random(3)] ?? 0;
				const places = 1 + random(80);
				for (let unit = 0; unit < count; unit++) {
					const position = 80 * subframe + 79 - random(places);
					const amplitude = pulses[position] ?? 0;
					const sign = amplitude === 0 ? 2 * random(2) - 1 : Math.sign(amplitude);
					pulses[position] = amplitude + sign;
				}
			}
			countPulses(pulses, counts);
			encoder.start();
			writePulses(encoder, pulses, counts, limit);
			decoder.start(encoder.finish());
			expect(readPulses(decoder, limit, back, readCounts)).toBe(true);
			expect(back).toEqual(pulses);
			expect(readCounts).toEqual(counts);
		}
	});

	test('background noise with more pulses in a half than it may have is refused', () => {
		const pulses = new Int16Array(320);
		pulses[3] = 50;
		const encoder = new RangeEncoder();
		encoder.start();
		// As a writer would that holds a half to 80 pulses instead of 40.
		const { backgroundTotals, splits, splitStarts } = pulseTables();
		encoder.encodeSymbol(backgroundTotals, 0, MAX_BACKGROUND_PULSES + 1, 50);
		encoder.encodeSymbol(splits, (splitStarts[50] ?? 0) + 10, 41, 40);
		const decoder = new RangeDecoder();
		decoder.start(encoder.finish());
		const counts = new Int32Array(4);
		expect(readPulses(decoder, MAX_BACKGROUND_PULSES, pulses, counts)).toBe(false);
	});
});
