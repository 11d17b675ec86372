import { LAG_BLOCKS } from '../frameParameters';
import { FINE_LAGS, LAG_RANGES } from '../symbolTables';

/** Samples of the weighted speech that the search reads: past, internal frame, look-ahead. */
export const PAST_SAMPLES = 332;
export const AHEAD_SAMPLES = 7;
export const WEIGHTED_SAMPLES = PAST_SAMPLES + 320 + AHEAD_SAMPLES;

const HIGH_PASS_POLE = 0.96;
/** Low-pass before every second sample is taken: 15 taps, centre last and not repeated. */
const HALVING_TAPS = [-0.045472838, 0.06366198, -0.10610329, 0.31830987] as const;
const HALVING_CENTRE = 0.5;
const HALVED_SAMPLES = 326;
/** Values half way between neighbours: symmetric, the outermost of eight taps first. */
const MIDDLE_TAPS = [-0.0024414062, 0.023925781, -0.119628906, 0.59814453] as const;

const COARSE_START = 166;
const COARSE_BLOCK = 20;
const COARSE_MIN_LAG = 10;
const COARSE_MAX_LAG = 166;
const BLOCK = 40;
const MIN_LAG = 32;
/** Lags (16 kHz) of a range, and end of the last one. */
const RANGE_LAGS = 32;
const MAX_LAG = MIN_LAG + RANGE_LAGS * LAG_RANGES;
/** Row of the arrays over lags at 16 kHz. */
const LAG_ROW = 2 * COARSE_MAX_LAG + 1;
const INDEX_ROW = LAG_RANGES * FINE_LAGS;
const ENERGY_FLOOR = 1e-9;
const WORTH_REFINING = 0.25;

/** Square of the mean of two amplitudes whose squares are given. */
function meanEnergy(first: number, second: number): number {
	const amplitude = 0.5 * (Math.sqrt(first) + Math.sqrt(second));
	return amplitude * amplitude;
}

/** Value half way between entries `at` and `at + step` of a row whose entries are `step` apart. */
function middle(row: Float64Array, at: number, step: number): number {
	return (
		MIDDLE_TAPS[0] * (row[at - 3 * step]! + row[at + 4 * step]!) +
		MIDDLE_TAPS[1] * (row[at - 2 * step]! + row[at + 3 * step]!) +
		MIDDLE_TAPS[2] * (row[at - step]! + row[at + 2 * step]!) +
		MIDDLE_TAPS[3] * (row[at]! + row[at + step]!)
	);
}

/**
 * How well the weighted speech of each lag block agrees with what was a lag before: coarsely for all
 * lags at 8 kHz, then finely for the ranges that are asked for (MLow chapter 10, section 12 a, b, d).
 */
export class PitchCorrelation {
	/** [8 blocks][9 ranges]: best coarse correlation of the range, at most about 1. */
	readonly bestOfRange = new Float64Array(LAG_BLOCKS * LAG_RANGES);
	/** Share of each lag block in the energy of the internal frame. */
	readonly weights = new Float64Array(LAG_BLOCKS);
	/** Energy of each lag block at 16 kHz. */
	readonly energies = new Float64Array(LAG_BLOCKS);
	/** [8 blocks][576 lag indices], of the ranges that were refined: correlation, energy, their ratio. */
	readonly fineCorrelation = new Float64Array(LAG_BLOCKS * INDEX_ROW);
	readonly fineEnergy = new Float64Array(LAG_BLOCKS * INDEX_ROW);
	readonly fineRatio = new Float64Array(LAG_BLOCKS * INDEX_ROW);

	private readonly signal = new Float64Array(WEIGHTED_SAMPLES);
	private readonly halved = new Float64Array(HALVED_SAMPLES);
	private readonly coarseEnergies = new Float64Array(LAG_BLOCKS);
	/** [8 blocks][lag at 16 kHz] */
	private readonly correlation = new Float64Array(LAG_BLOCKS * LAG_ROW);
	private readonly energy = new Float64Array(LAG_BLOCKS * LAG_ROW);
	private readonly ratio = new Float64Array(LAG_BLOCKS * LAG_ROW);

	/** @param weighted 659 samples: 332 before the internal frame, the frame, 7 after it */
	load(weighted: Float64Array): void {
		const { signal, halved } = this;
		let before = 0;
		let filtered = 0;
		for (let index = 0; index < WEIGHTED_SAMPLES; index++) {
			const sample = weighted[index]!;
			filtered = sample - before + HIGH_PASS_POLE * filtered;
			before = sample;
			signal[index] = filtered;
		}
		for (let index = 0; index < HALVED_SAMPLES; index++) {
			const centre = 2 * index;
			let sum = HALVING_CENTRE * signal[centre]!;
			for (let tap = 0; tap < 4; tap++) {
				const distance = 7 - 2 * tap;
				const left = centre < distance ? 0 : signal[centre - distance]!;
				sum += HALVING_TAPS[tap]! * (left + signal[centre + distance]!);
			}
			halved[index] = sum;
		}
		for (let block = 0; block < LAG_BLOCKS; block++) this.correlateCoarsely(block);
		this.weighBlocks();
	}

	private correlateCoarsely(block: number): void {
		const { halved, correlation, energy, ratio, bestOfRange } = this;
		const start = COARSE_START + COARSE_BLOCK * block;
		const row = block * LAG_ROW;
		let own = 0;
		for (let index = start; index < start + COARSE_BLOCK; index++) own += halved[index]! ** 2;
		own = Math.max(own, ENERGY_FLOOR);
		this.coarseEnergies[block] = own;

		let lagged = 0;
		for (let index = start; index < start + COARSE_BLOCK; index++) {
			lagged += halved[index - COARSE_MIN_LAG + 1]! ** 2;
		}
		for (let lag = COARSE_MIN_LAG; lag <= COARSE_MAX_LAG; lag++) {
			const from = start - lag;
			lagged += halved[from]! ** 2 - halved[from + COARSE_BLOCK]! ** 2;
			let sum = 0;
			for (let index = 0; index < COARSE_BLOCK; index++) {
				sum += halved[start + index]! * halved[from + index]!;
			}
			correlation[row + 2 * lag] = sum;
			energy[row + 2 * lag] = meanEnergy(own, Math.max(lagged, ENERGY_FLOOR));
		}
		for (let lag = COARSE_MIN_LAG + 3; lag <= COARSE_MAX_LAG - 4; lag++) {
			const at = row + 2 * lag;
			correlation[at + 1] = middle(correlation, at, 2);
			energy[at + 1] = 0.5 * (energy[at]! + energy[at + 2]!);
		}
		for (let lag = MIN_LAG; lag <= MAX_LAG; lag++) {
			ratio[row + lag] = correlation[row + lag]! / energy[row + lag]!;
		}
		for (let range = 0; range < LAG_RANGES; range++) {
			let best = -Infinity;
			const first = row + MIN_LAG + RANGE_LAGS * range;
			for (let at = first; at < first + RANGE_LAGS; at++) best = Math.max(best, ratio[at]!);
			bestOfRange[block * LAG_RANGES + range] = best;
		}
	}

	private weighBlocks(): void {
		const { coarseEnergies, weights, energies, signal } = this;
		let total = 0;
		for (let block = 0; block < LAG_BLOCKS; block++) total += coarseEnergies[block]!;
		for (let block = 0; block < LAG_BLOCKS; block++) {
			weights[block] = coarseEnergies[block]! / total;
			let sum = 0;
			const start = PAST_SAMPLES + BLOCK * block;
			for (let index = start; index < start + BLOCK; index++) sum += signal[index]! ** 2;
			energies[block] = Math.max(sum, ENERGY_FLOOR);
		}
	}

	/** Correlations at 16 kHz of one range for one lag block; `interpolate` follows when all are done. */
	refine(block: number, range: number): void {
		const { signal, correlation, energy, ratio } = this;
		const start = PAST_SAMPLES + BLOCK * block;
		const own = this.energies[block]!;
		const firstLag = MIN_LAG + RANGE_LAGS * range;
		let lagged = 0;
		for (let index = start - firstLag + 1; index < start - firstLag + 1 + BLOCK; index++) {
			lagged += signal[index]! ** 2;
		}
		for (let lag = firstLag; lag <= firstLag + RANGE_LAGS; lag++) {
			const from = start - lag;
			lagged += signal[from]! ** 2 - signal[from + BLOCK]! ** 2;
			const at = block * LAG_ROW + lag;
			energy[at] = 0.5 * meanEnergy(own, Math.max(lagged, ENERGY_FLOOR));
			if (ratio[at]! <= WORTH_REFINING) continue;
			let first = 0;
			let second = 0;
			for (let index = 0; index < BLOCK; index += 2) {
				first += signal[start + index]! * signal[from + index]!;
				second += signal[start + index + 1]! * signal[from + index + 1]!;
			}
			correlation[at] = 0.5 * (first + second);
		}
	}

	/** Fills the fine arrays of one range for one lag block, half samples in between. */
	interpolate(block: number, range: number): void {
		const { correlation, energy, fineCorrelation, fineEnergy, fineRatio } = this;
		let to = block * INDEX_ROW + range * FINE_LAGS;
		const first = block * LAG_ROW + MIN_LAG + RANGE_LAGS * range;
		for (let at = first; at < first + RANGE_LAGS; at++) {
			fineCorrelation[to] = correlation[at]!;
			fineEnergy[to] = energy[at]!;
			fineRatio[to] = fineCorrelation[to]! / fineEnergy[to]!;
			to++;
			fineCorrelation[to] = middle(correlation, at, 1);
			fineEnergy[to] = 0.5 * (energy[at]! + energy[at + 1]!);
			fineRatio[to] = fineCorrelation[to]! / fineEnergy[to]!;
			to++;
		}
	}
}
