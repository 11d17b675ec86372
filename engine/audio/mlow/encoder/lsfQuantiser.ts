import { type InternalFrame, LPC_ORDER } from '../frameParameters';
import { LsfReconstruction } from '../lsf';
import { CONDITIONAL_GRID, GRIDS, lsfBase, type LsfCodebook, lsfWeights } from '../lsfCodebook';
import { deriveLsfSearchTables, type LsfSearchTables, projectBase } from './lsfSearchTables';

const SURVIVORS = 6;
/** A level is worth a second look when rounding moved it at least so far. */
const DOUBTFUL_ROUNDING = 0.25;
const DISTORTION_WEIGHT = 8;
/** Bit rate at which a bit counts as much as an eighth of an octave of error. */
const REFERENCE_BITS_PER_SECOND = 14000;
const ERROR_FLOOR = 1e-30;

/** Chooses the symbols of line spectral frequencies (MLow chapter 03, "Choosing the indices"). */
export class LsfQuantiser {
	private readonly unvoiced = deriveLsfSearchTables(false);
	private readonly voiced = deriveLsfSearchTables(true);
	private readonly reconstruction = new LsfReconstruction();
	private readonly distortionWeight: number;

	private readonly errorWeights = new Float64Array(LPC_ORDER);
	private readonly conditionalBase = new Float64Array(LPC_ORDER);
	private readonly conditionalProjection = new Float64Array(LPC_ORDER);
	private readonly distances = new Float64Array(GRIDS + 1);
	private readonly base = new Float64Array(LPC_ORDER);
	private readonly baseWeights = new Float64Array(LPC_ORDER);
	private readonly levels = new Float64Array(LPC_ORDER);
	private readonly symbols = new Uint8Array(LPC_ORDER);
	/** Distance from the rounded level to the exact one. */
	private readonly roundings = new Float64Array(LPC_ORDER);
	/** Stage-2 values turned back, before division by the weights. */
	private readonly turned = new Float64Array(LPC_ORDER);
	private readonly trial = new Float64Array(LPC_ORDER);
	private bestCost = 0;

	/** @param bitsPerSecond the more there are, the more an error weighs against a bit */
	constructor(bitsPerSecond: number) {
		this.distortionWeight =
			DISTORTION_WEIGHT * Math.sqrt(bitsPerSecond / REFERENCE_BITS_PER_SECOND);
	}

	/**
	 * @param lsf 16 angles of the analysis
	 * @param prediction 17 coefficients that they come from
	 * @param previous quantised LSF of the internal frame before, or undefined where the conditional
	 *   grid is not allowed
	 * @param frame its `voiced` is read; receives `lsfGrid` and `lsfSymbols`
	 */
	quantise(
		lsf: Float64Array,
		prediction: Float64Array,
		previous: Float64Array | undefined,
		frame: Pick<InternalFrame, 'voiced' | 'lsfGrid' | 'lsfSymbols'>,
	): void {
		const tables = frame.voiced ? this.voiced : this.unvoiced;
		this.weighErrors(lsf, prediction);
		this.measureGrids(tables, lsf, previous);
		this.bestCost = Infinity;
		for (let rank = 1; rank <= SURVIVORS; rank++) {
			const grid = this.takeClosestGrid();
			this.tryGrid(tables, lsf, grid, rank, previous, frame);
		}
	}

	/** Errors at formants weigh more: inversely to the prediction error filter's magnitude there. */
	private weighErrors(lsf: Float64Array, prediction: Float64Array): void {
		const { errorWeights } = this;
		let smallest = Infinity;
		for (let index = 0; index < LPC_ORDER; index++) {
			const cosine = Math.cos(lsf[index]!);
			const sine = Math.sin(lsf[index]!);
			let real = 0;
			let imaginary = 0;
			for (let tap = LPC_ORDER; tap >= 0; tap--) {
				const turned = real * cosine + imaginary * sine + prediction[tap]!;
				imaginary = imaginary * cosine - real * sine;
				real = turned;
			}
			const power = real * real + imaginary * imaginary + ERROR_FLOOR;
			errorWeights[index] = power;
			smallest = Math.min(smallest, power);
		}
		for (let index = 0; index < LPC_ORDER; index++) {
			errorWeights[index] = Math.sqrt(smallest / errorWeights[index]!);
		}
	}

	/** Mahalanobis distance of the LSF from each base vector, apart from what all have in common. */
	private measureGrids(
		tables: LsfSearchTables,
		lsf: Float64Array,
		previous: Float64Array | undefined,
	): void {
		const { distances, conditionalBase, conditionalProjection } = this;
		for (let grid = 0; grid < GRIDS; grid++) {
			let product = 0;
			for (let index = 0; index < LPC_ORDER; index++) {
				product += lsf[index]! * tables.projections[grid * LPC_ORDER + index]!;
			}
			distances[grid] = tables.offsets[grid]! - product;
		}
		distances[CONDITIONAL_GRID] = Infinity;
		if (previous === undefined) return;
		lsfBase(tables.codebook, CONDITIONAL_GRID, previous, conditionalBase);
		const offset = projectBase(tables.codebook, conditionalBase, conditionalProjection);
		let product = 0;
		for (let index = 0; index < LPC_ORDER; index++) {
			product += lsf[index]! * conditionalProjection[index]!;
		}
		distances[CONDITIONAL_GRID] = offset - product;
	}

	private takeClosestGrid(): number {
		const { distances } = this;
		let closest = 0;
		for (let grid = 1; grid < distances.length; grid++) {
			if (distances[grid]! < distances[closest]!) closest = grid;
		}
		distances[closest] = Infinity;
		return closest;
	}

	/** Rounds every level, and then tries the other neighbour of those that rounding moved most. */
	private tryGrid(
		tables: LsfSearchTables,
		lsf: Float64Array,
		grid: number,
		rank: number,
		previous: Float64Array | undefined,
		frame: Pick<InternalFrame, 'lsfGrid' | 'lsfSymbols'>,
	): void {
		const { symbols, levels, roundings, turned } = this;
		const { counts, lowestLevels, values, valueStarts } = tables.codebook;
		const gridBits = previous === undefined ? tables.gridBits : tables.conditionalGridBits;
		this.loadBase(tables, grid, previous);
		this.projectLevels(tables.codebook, lsf, grid);

		let bits = gridBits[grid]!;
		turned.fill(0);
		for (let index = 0; index < LPC_ORDER; index++) {
			const table = grid * LPC_ORDER + index;
			const highest = counts[table]! - 1;
			const exact = levels[index]! - lowestLevels[table]!;
			const symbol = Math.min(Math.max(Math.round(exact), 0), highest);
			symbols[index] = symbol;
			bits += tables.symbolBits[valueStarts[table]! + symbol]!;
			this.turn(tables.codebook, grid, index, values[valueStarts[table]! + symbol]!, 1);
			// The neighbour on the other side, where there is one, is what rounding rejected.
			const rounding = exact - symbol;
			const other = symbol + (rounding > 0 ? 1 : -1);
			roundings[index] = other >= 0 && other <= highest ? rounding : 0;
		}
		this.rate(tables.codebook, lsf, grid, bits, frame);

		// Ranks count from 1: the best grid has five attempts, the last one none.
		for (let attempt = rank; attempt < SURVIVORS; attempt++) {
			const index = mostDoubtful(roundings);
			if (Math.abs(roundings[index]!) < DOUBTFUL_ROUNDING) break;
			const start = valueStarts[grid * LPC_ORDER + index]!;
			const symbol = symbols[index]!;
			const other = symbol + (roundings[index]! > 0 ? 1 : -1);
			roundings[index] = 0;
			const difference = values[start + other]! - values[start + symbol]!;
			this.turn(tables.codebook, grid, index, difference, 1);
			symbols[index] = other;
			const otherBits =
				bits + tables.symbolBits[start + other]! - tables.symbolBits[start + symbol]!;
			this.rate(tables.codebook, lsf, grid, otherBits, frame);
			symbols[index] = symbol;
			this.turn(tables.codebook, grid, index, difference, -1);
		}
	}

	private loadBase(
		{ codebook }: LsfSearchTables,
		grid: number,
		previous: Float64Array | undefined,
	): void {
		lsfBase(codebook, grid, previous ?? this.base, this.base);
		if (grid === CONDITIONAL_GRID) {
			lsfWeights(this.base, this.baseWeights);
			return;
		}
		for (let index = 0; index < LPC_ORDER; index++) {
			this.baseWeights[index] = codebook.weights[grid * LPC_ORDER + index]!;
		}
	}

	/** Exact stage-2 levels: the weighted difference from the base vector, rotated, in steps. */
	private projectLevels({ rotations, steps }: LsfCodebook, lsf: Float64Array, grid: number): void {
		const { levels, base, baseWeights } = this;
		for (let index = 0; index < LPC_ORDER; index++) {
			const row = (grid * LPC_ORDER + index) * LPC_ORDER;
			let sum = 0;
			for (let k = 0; k < LPC_ORDER; k++) {
				sum += rotations[row + k]! * baseWeights[k]! * (lsf[k]! - base[k]!);
			}
			levels[index] = sum / steps[grid]!;
		}
	}

	private turn(
		{ rotations }: LsfCodebook,
		grid: number,
		index: number,
		value: number,
		sign: number,
	): void {
		const row = (grid * LPC_ORDER + index) * LPC_ORDER;
		for (let k = 0; k < LPC_ORDER; k++) this.turned[k]! += sign * value * rotations[row + k]!;
	}

	/** Keeps the present symbols when error and bits together are the least so far. */
	private rate(
		codebook: LsfCodebook,
		lsf: Float64Array,
		grid: number,
		bits: number,
		frame: Pick<InternalFrame, 'lsfGrid' | 'lsfSymbols'>,
	): void {
		const { trial, base, turned, baseWeights, errorWeights } = this;
		for (let k = 0; k < LPC_ORDER; k++) trial[k] = base[k]! + turned[k]! / baseWeights[k]!;
		this.reconstruction.space(trial, codebook.minimumSpacing);
		let error = ERROR_FLOOR;
		for (let k = 0; k < LPC_ORDER; k++) {
			const difference = lsf[k]! - trial[k]!;
			error += errorWeights[k]! * difference * difference;
		}
		const cost = this.distortionWeight * Math.log2(error) + bits;
		if (cost < this.bestCost) {
			this.bestCost = cost;
			frame.lsfGrid = grid;
			frame.lsfSymbols.set(this.symbols);
		}
	}
}

function mostDoubtful(roundings: Float64Array): number {
	let most = 0;
	for (let index = 1; index < roundings.length; index++) {
		if (Math.abs(roundings[index]!) > Math.abs(roundings[most]!)) most = index;
	}
	return most;
}
