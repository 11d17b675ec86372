import { LAG_BLOCKS } from '../frameParameters';
import { deltaLagStart, FINE_LAGS, isNearRange, LAG_RANGES } from '../symbolTables';
import { mlowTables } from '../tables';

/** Stands for "no lag before": the absolute symbols are used. */
export const NO_LAG = -1;
/** Of the three tables of lag differences the search counts with the middle one. */
const COST_MODE = 1;
const UNIFORM_BITS = 6;

/** Contours that share the range of every lag block. */
export interface PitchTrack {
	firstContour: number;
	contours: number;
	/** Range of each of the eight lag blocks. */
	ranges: Uint8Array;
	/** Sum of the range steps between the segments of the first contour. */
	rangeSteps: number;
	meanRange: number;
}

/** A contour as its segments: ranges and lengths in lag blocks. */
export interface PitchContour {
	ranges: Uint8Array;
	lengths: Uint8Array;
}

function bitsOf(part: number, total: number): number {
	return Math.log2(total / part);
}

/** The lag contours as the search reads them, and what their symbols cost (MLow chapter 04). */
export class PitchContours {
	readonly contours: PitchContour[];
	readonly tracks: PitchTrack[];
	/** Bits of a contour without a lag before. */
	private readonly absoluteBits: Float64Array;
	/** Bits of a contour once its first range is known. */
	private readonly withinRangeBits: Float64Array;
	/** [range before][first range] */
	private readonly transitionBits: Float64Array;
	/** Bits of an entry of the table of differences as part of the whole table. */
	private readonly deltaEntryBits: Float64Array;
	/** What a window saves of them: it holds only a part of the table. */
	private readonly deltaWindowBits: Float64Array;

	constructor() {
		const { pitch } = mlowTables();
		this.contours = pitch.contours.map(([ranges, lengths]) => ({
			ranges: Uint8Array.from(ranges),
			lengths: Uint8Array.from(lengths),
		}));
		this.tracks = pitch.tracks.map(([firstContour, contours]) =>
			describeTrack(firstContour, contours, this.contours[firstContour]!),
		);

		const { contourCdf, contourSymbols, firstRangeSymbols, rangeTransitionCdf } = pitch;
		const total = contourCdf.at(-1)!;
		this.absoluteBits = new Float64Array(this.contours.length);
		this.withinRangeBits = new Float64Array(this.contours.length);
		this.contours.forEach((contour, index) => {
			const symbol = contourSymbols[index]!;
			const part = contourCdf[symbol + 1]! - contourCdf[symbol]!;
			const [low, high] = firstRangeSymbols[contour.ranges[0]!]!;
			this.absoluteBits[index] = bitsOf(part, total);
			this.withinRangeBits[index] = bitsOf(part, contourCdf[high + 1]! - contourCdf[low]!);
		});
		this.transitionBits = Float64Array.from(
			rangeTransitionCdf.flatMap((cdf) =>
				cdf.slice(1).map((entry, range) => bitsOf(entry - cdf[range]!, cdf.at(-1)!)),
			),
		);

		const deltas = pitch.deltaLagCdf[COST_MODE]!;
		const deltaTotal = deltas.at(-1)!;
		this.deltaEntryBits = Float64Array.from(deltas.slice(1), (entry, index) =>
			bitsOf(entry - deltas[index]!, deltaTotal),
		);
		this.deltaWindowBits = Float64Array.from({ length: deltas.length - FINE_LAGS }, (_, start) =>
			bitsOf(deltas[start + FINE_LAGS]! - deltas[start]!, deltaTotal),
		);
	}

	/**
	 * @param contour 0 to 216
	 * @param lagIndices of the eight lag blocks, equal within a segment
	 * @param previousIndex last lag index of the internal frame before, or NO_LAG
	 * @returns bits that the symbols of contour and lags take
	 */
	cost(contour: number, lagIndices: Uint16Array, previousIndex: number): number {
		const { ranges, lengths } = this.contours[contour]!;
		let range = previousIndex >> 6;
		let index = previousIndex;
		let bits =
			previousIndex === NO_LAG
				? this.absoluteBits[contour]!
				: this.transitionBits[range * LAG_RANGES + ranges[0]!]! + this.withinRangeBits[contour]!;
		for (let segment = 0, block = 0; segment < ranges.length; segment++) {
			const next = lagIndices[block]!;
			const near = previousIndex !== NO_LAG && isNearRange(ranges[segment]!, range);
			if (segment === 0 && !near) {
				bits += UNIFORM_BITS;
			} else {
				const start = deltaLagStart(0, ranges[segment]!, index);
				const fine = next - FINE_LAGS * ranges[segment]!;
				bits += this.deltaEntryBits[start + fine]! - this.deltaWindowBits[start]!;
			}
			range = ranges[segment]!;
			index = next;
			block += lengths[segment]!;
		}
		return bits;
	}
}

function describeTrack(
	firstContour: number,
	contours: number,
	{ ranges, lengths }: PitchContour,
): PitchTrack {
	const blocks = new Uint8Array(LAG_BLOCKS);
	let block = 0;
	let rangeSteps = 0;
	ranges.forEach((range, segment) => {
		blocks.fill(range, block, block + lengths[segment]!);
		block += lengths[segment]!;
		if (segment > 0) rangeSteps += Math.abs(range - ranges[segment - 1]!);
	});
	const meanRange = blocks.reduce((sum, range) => sum + range, 0) / LAG_BLOCKS;
	return { firstContour, contours, ranges: blocks, rangeSteps, meanRange };
}
