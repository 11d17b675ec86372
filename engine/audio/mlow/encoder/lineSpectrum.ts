import { LPC_ORDER } from '../frameParameters';

/** Highest harmonic of each of the two cosine series. */
const HALF_ORDER = LPC_ORDER / 2;
const GRID_POINTS = 256;
const FINE_GRID_POINTS = 2048;
const BISECTIONS = 4;
const SECANT_STEPS = 12;
const RESOLUTION = 1e-12;
const SIGNS = [1, -1];
/** How far the poles are drawn inwards for each attempt more, and how many attempts there are. */
const EXPANSION_STEP = 2 / 65536;
const MAX_ATTEMPTS = 30;

function cosineGrid(points: number): Float64Array {
	return Float64Array.from({ length: points + 1 }, (_, index) =>
		Math.cos((Math.PI * index) / points),
	);
}

/** Value of a cosine series at the angle whose cosine is x (Clenshaw's recursion). */
function evaluate(series: Float64Array, x: number): number {
	const doubled = 2 * x;
	let last = 0;
	let value = series[HALF_ORDER]!;
	for (let harmonic = HALF_ORDER - 1; harmonic > 0; harmonic--) {
		const next = series[harmonic]! + doubled * value - last;
		last = value;
		value = next;
	}
	return series[0]! + x * value - last;
}

/**
 * Line spectral frequencies of a prediction error filter (MLow chapters 03 and 10, section 2): the
 * angles at which its sum and its difference with its own mirror image vanish, in turn.
 */
export class LineSpectrum {
	private readonly grid = cosineGrid(GRID_POINTS);
	private readonly fineGrid = cosineGrid(FINE_GRID_POINTS);
	private readonly sum = new Float64Array(HALF_ORDER + 1);
	private readonly difference = new Float64Array(HALF_ORDER + 1);
	private readonly expanded = new Float64Array(LPC_ORDER + 1);

	/**
	 * @param coefficients 17 coefficients of the filter, the first is 1
	 * @param frequencies receives 16 angles in radians, increasing
	 */
	fromPrediction(coefficients: Float64Array, frequencies: Float64Array): void {
		for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
			const chirp = 1 - attempt * EXPANSION_STEP;
			let factor = 1;
			for (let tap = 0; tap <= LPC_ORDER; tap++) {
				this.expanded[tap] = coefficients[tap]! * factor;
				factor *= chirp;
			}
			this.buildSeries();
			if (this.findRoots(this.grid, frequencies) || this.findRoots(this.fineGrid, frequencies)) {
				return;
			}
		}
		for (let index = 0; index < LPC_ORDER; index++) {
			frequencies[index] = ((index + 1) * Math.PI) / (LPC_ORDER + 1);
		}
	}

	/** The two polynomials without their roots at -1 and 1, as cosine series. */
	private buildSeries(): void {
		const { expanded } = this;
		for (const sign of SIGNS) {
			const series = sign === 1 ? this.sum : this.difference;
			// Dividing by 1 + z^-1 or 1 - z^-1 leaves a symmetric polynomial: its first half is enough.
			let coefficient = 0;
			for (let tap = 0; tap <= HALF_ORDER; tap++) {
				const mirrored = tap === 0 ? 0 : expanded[LPC_ORDER + 1 - tap]!;
				coefficient = expanded[tap]! + sign * (mirrored - coefficient);
				series[HALF_ORDER - tap] = tap === HALF_ORDER ? coefficient : 2 * coefficient;
			}
		}
	}

	private findRoots(grid: Float64Array, frequencies: Float64Array): boolean {
		let cell = 1;
		let x = grid[0]!;
		for (let root = 0; root < LPC_ORDER; root++) {
			const series = root % 2 === 0 ? this.sum : this.difference;
			let value = evaluate(series, x);
			for (;;) {
				if (cell >= grid.length) return false;
				const nextX = grid[cell]!;
				const nextValue = evaluate(series, nextX);
				if (value * nextValue <= 0 && value !== 0) {
					x = refine(series, x, value, nextX, nextValue);
					break;
				}
				x = nextX;
				value = nextValue;
				cell++;
			}
			frequencies[root] = Math.acos(x);
			if (root > 0 && !(frequencies[root]! > frequencies[root - 1]!)) return false;
		}
		return true;
	}
}

/** Where the series vanishes between two points with values of different sign. */
function refine(
	series: Float64Array,
	fromX: number,
	fromValue: number,
	toX: number,
	toValue: number,
): number {
	let lowX = fromX;
	let lowValue = fromValue;
	let highX = toX;
	let highValue = toValue;
	for (let step = 0; step < BISECTIONS + SECANT_STEPS; step++) {
		const middle =
			step < BISECTIONS
				? 0.5 * (lowX + highX)
				: lowX - (lowValue * (highX - lowX)) / (highValue - lowValue);
		const value = evaluate(series, middle);
		if (value === 0) return middle;
		// Illinois rule: an end that stays counts half, so that it does not stay for ever.
		if (value * lowValue < 0) {
			highX = middle;
			highValue = value;
			lowValue *= 0.5;
		} else {
			lowX = middle;
			lowValue = value;
			highValue *= 0.5;
		}
		if (Math.abs(highX - lowX) < RESOLUTION) break;
	}
	return lowX - (lowValue * (highX - lowX)) / (highValue - lowValue);
}
