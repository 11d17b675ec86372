import { LAG_BLOCKS } from '../frameParameters';
import { FINE_LAGS, LAG_RANGES } from '../symbolTables';
import type { Harmonicity } from './harmonicity';
import { NO_LAG, PitchContours } from './pitchContours';
import { PitchCorrelation } from './pitchCorrelation';

const KEPT_TRACKS = 24;
/** Correlation enters the choice as 1 / (ceiling - correlation). */
const CORRELATION_CEILING = 1.1;
const MIN_GAP = 1e-3;
/** What a step of one lag index between neighbouring lag blocks costs. */
const STEP_COST = 0.1439 / 64;
const TRACK_STEP_COST = 0.7 * 32 * STEP_COST;
const SHORT_LAG_BONUS = 0.04;
const HARMONICITY_BONUS = 2.5;
const BIT_COST = 0.022;
const CONTINUITY_BONUS = 0.7981;
/** Lags of successive internal frames count as one voice when they differ by less than this share. */
const CONTINUITY_SHARE = 0.15;
const INDEX_ROW = LAG_RANGES * FINE_LAGS;

/** Lag in samples of a lag index. */
export function lagOfIndex(index: number): number {
	return 32 + index / 2;
}

/**
 * Search for the pitch lags of an internal frame over all contours (MLow chapter 10, section 12). The
 * results stay in the object until the next search.
 */
export class PitchSearch {
	contour = 0;
	readonly lagIndices = new Uint16Array(LAG_BLOCKS);
	/** Largest correlation of all candidates. */
	correlation = 0;
	/** Lag of the loudest block, samples. */
	averageLag = lagOfIndex(0);

	private readonly contours = new PitchContours();
	private readonly correlations = new PitchCorrelation();
	private previousLag = 0;
	private previousCorrelation = 0;
	private previousIndex = NO_LAG;

	private readonly utilities = new Float64Array(this.contours.tracks.length);
	private readonly kept = new Int32Array(KEPT_TRACKS);
	private readonly used = new Uint8Array(LAG_BLOCKS * LAG_RANGES);
	/** [first block][length][range]: best index of a segment, where `knownSegment` says so. */
	private readonly segmentIndex = new Uint16Array(LAG_BLOCKS * (LAG_BLOCKS + 1) * LAG_RANGES);
	private readonly knownSegment = new Uint8Array(this.segmentIndex.length);
	private readonly candidate = new Uint16Array(LAG_BLOCKS);

	/** Forgets what was before, as for speech after a pause. */
	reset(): void {
		this.skip();
		this.forgetPredictor();
	}

	/** Without a search: no pitch, and nothing known for the next one. */
	skip(): void {
		this.contour = 0;
		this.lagIndices.fill(0);
		this.correlation = 0;
		this.averageLag = lagOfIndex(0);
		this.previousLag = 0;
		this.previousCorrelation = 0;
		this.previousIndex = NO_LAG;
	}

	/** The next internal frame's lags will be coded without reference to these. */
	forgetPredictor(): void {
		this.previousIndex = NO_LAG;
	}

	/**
	 * @param weighted 659 samples of weighted speech: 332 before the internal frame, the frame, 7 after
	 * @param harmonicity loaded with the spectrum of the internal frame
	 */
	search(weighted: Float64Array, harmonicity: Harmonicity): void {
		this.correlations.load(weighted);
		this.keepBestTracks();
		this.refineKeptTracks();
		this.chooseContour(harmonicity);
		this.previousLag = lagOfIndex(this.lagIndices[LAG_BLOCKS - 1]!);
		this.previousCorrelation = this.correlation;
		this.previousIndex = this.lagIndices[LAG_BLOCKS - 1]!;
	}

	private keepBestTracks(): void {
		const { utilities, kept } = this;
		const { weights, bestOfRange } = this.correlations;
		const { tracks } = this.contours;
		for (let index = 0; index < tracks.length; index++) {
			const { ranges, rangeSteps, meanRange } = tracks[index]!;
			let correlation = 0;
			for (let block = 0; block < LAG_BLOCKS; block++) {
				correlation += weights[block]! * bestOfRange[block * LAG_RANGES + ranges[block]!]!;
			}
			utilities[index] =
				1 / Math.max(CORRELATION_CEILING - correlation, MIN_GAP) -
				TRACK_STEP_COST * rangeSteps +
				SHORT_LAG_BONUS * (320 / ((meanRange + 1.5) * 32) - 1);
		}
		for (let place = 0; place < KEPT_TRACKS; place++) {
			let best = 0;
			for (let index = 1; index < tracks.length; index++) {
				if (utilities[index]! > utilities[best]!) best = index;
			}
			utilities[best] = -Infinity;
			kept[place] = best;
		}
	}

	private refineKeptTracks(): void {
		const { used, correlations } = this;
		used.fill(0);
		for (const track of this.kept) {
			const { ranges } = this.contours.tracks[track]!;
			for (let block = 0; block < LAG_BLOCKS; block++)
				used[block * LAG_RANGES + ranges[block]!] = 1;
		}
		for (let block = 0; block < LAG_BLOCKS; block++) {
			for (let range = 0; range < LAG_RANGES; range++) {
				if (used[block * LAG_RANGES + range] === 1) correlations.refine(block, range);
			}
			for (let range = 0; range < LAG_RANGES; range++) {
				if (used[block * LAG_RANGES + range] === 1) correlations.interpolate(block, range);
			}
		}
	}

	private chooseContour(harmonicity: Harmonicity): void {
		const { fineCorrelation, fineEnergy, weights } = this.correlations;
		const { candidate } = this;
		this.knownSegment.fill(0);
		let loudest = 0;
		for (let block = 1; block < LAG_BLOCKS; block++) {
			if (weights[block]! > weights[loudest]!) loudest = block;
		}
		let bestScore = -Infinity;
		let bestCorrelation = -Infinity;
		for (const track of this.kept) {
			const { firstContour, contours } = this.contours.tracks[track]!;
			for (let contour = firstContour; contour < firstContour + contours; contour++) {
				this.fillCandidate(contour);
				let correlation = 0;
				let energy = 0;
				let steps = 0;
				for (let block = 0; block < LAG_BLOCKS; block++) {
					const index = candidate[block]!;
					correlation += fineCorrelation[block * INDEX_ROW + index]!;
					energy += fineEnergy[block * INDEX_ROW + index]!;
					if (block > 0) steps += Math.abs(index - candidate[block - 1]!);
				}
				correlation /= energy;
				const averageLag = lagOfIndex(candidate[loudest]!);
				const score =
					1 / Math.max(CORRELATION_CEILING - correlation, MIN_GAP) -
					STEP_COST * steps +
					HARMONICITY_BONUS * harmonicity.ofLag(averageLag) +
					this.continuity(lagOfIndex(candidate[0]!)) -
					BIT_COST * this.contours.cost(contour, candidate, this.previousIndex);
				if (correlation > bestCorrelation) bestCorrelation = correlation;
				if (score > bestScore) {
					bestScore = score;
					this.contour = contour;
					this.lagIndices.set(candidate);
					this.averageLag = averageLag;
				}
			}
		}
		this.correlation = bestCorrelation;
	}

	/** Bonus of a first lag close to the last one of the internal frame before. */
	private continuity(firstLag: number): number {
		const reach = CONTINUITY_SHARE * this.previousLag;
		const distance = Math.abs(firstLag - this.previousLag);
		if (distance >= reach) return 0;
		return CONTINUITY_BONUS * this.previousCorrelation * (1 - distance / reach);
	}

	private fillCandidate(contour: number): void {
		const { ranges, lengths } = this.contours.contours[contour]!;
		for (let segment = 0, block = 0; segment < ranges.length; segment++) {
			const end = block + lengths[segment]!;
			this.candidate.fill(this.bestIndex(block, end, ranges[segment]!), block, end);
			block = end;
		}
	}

	/** Lag index of a range that suits the blocks of a segment best. */
	private bestIndex(firstBlock: number, endBlock: number, range: number): number {
		const { fineRatio, energies } = this.correlations;
		const key = (firstBlock * (LAG_BLOCKS + 1) + endBlock) * LAG_RANGES + range;
		if (this.knownSegment[key] === 1) return this.segmentIndex[key]!;
		let best = 0;
		let bestSum = -Infinity;
		for (let index = range * FINE_LAGS; index < (range + 1) * FINE_LAGS; index++) {
			let sum = 0;
			for (let block = firstBlock; block < endBlock; block++) {
				sum += energies[block]! * fineRatio[block * INDEX_ROW + index]!;
			}
			if (sum > bestSum) {
				bestSum = sum;
				best = index;
			}
		}
		this.knownSegment[key] = 1;
		this.segmentIndex[key] = best;
		return best;
	}
}
