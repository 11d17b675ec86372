import { INTERNAL_FRAME_SAMPLES, LAG_BLOCKS } from '../frameParameters';

const EMPHASIS = 0.995;
/** A change of lag beyond this ratio is cross-faded. */
const LAG_RATIO = 1.25;
const UNVOICED_FREQUENCY = 50 / 16_000;
const ZERO_FREQUENCY = 0.1;

/** A curve of poles over the normalised frequency: linear and square terms. */
interface PoleCurve {
	angle: readonly [number, number];
	radius: readonly [number, number];
}

const VOICED_CURVE: PoleCurve = {
	angle: [0.608057355, 0.070939485],
	radius: [-2.187380512, 2.291030664],
};
const UNVOICED_CURVE: PoleCurve = {
	angle: [0.728508218, 0.476039848],
	radius: [-4.363803713, 8.441854006],
};

/** Weight of the old filter's output in a cross-fade, by sample. */
const FADE_OUT = Float64Array.from(
	{ length: INTERNAL_FRAME_SAMPLES },
	(_, n) => Math.cos(((n + 1) * Math.PI) / 642) ** 2,
);

/**
 * Takes away what lies below the pitch, internal frame by internal frame (MLow chapter 08, "Pitch
 * high-pass").
 */
export class PitchHighPass {
	/** u of the chapter: this frame's and the previous one's. */
	private emphasised = new Float64Array(INTERNAL_FRAME_SAMPLES);
	private previousEmphasised = new Float64Array(INTERNAL_FRAME_SAMPLES);
	private readonly oldOutput = new Float64Array(INTERNAL_FRAME_SAMPLES);
	private readonly newOutput = new Float64Array(INTERNAL_FRAME_SAMPLES);
	/** Numerator, then denominator without its 1. */
	private readonly coefficients = new Float64Array(5);
	/** Two inputs and two outputs before, newest first. */
	private readonly memory = new Float64Array(4);
	private emphasis = 0;
	private deemphasis = 0;
	/** Samples, 0 for unvoiced; undefined at the start of the stream. */
	private lag: number | undefined;

	reset(): void {
		this.emphasised.fill(0);
		this.previousEmphasised.fill(0);
		this.memory.fill(0);
		this.emphasis = 0;
		this.deemphasis = 0;
		this.lag = undefined;
	}

	/**
	 * @param signal its 320 samples from `start` on are replaced
	 * @param lag of the frame in samples, see `representativeLag`; 0 when unvoiced
	 */
	process(signal: Float64Array, start: number, lag: number): void {
		const { emphasised, newOutput, oldOutput } = this;
		for (let n = 0; n < INTERNAL_FRAME_SAMPLES; n++) {
			this.emphasis = signal[start + n]! + EMPHASIS * this.emphasis;
			emphasised[n] = this.emphasis;
		}
		const old = this.lag;
		const fade = old !== undefined && (lag > LAG_RATIO * old || LAG_RATIO * lag < old);
		if (fade) this.filter(emphasised, oldOutput);
		if (lag !== old) this.design(lag);
		if (fade) this.filter(this.previousEmphasised, newOutput);
		this.filter(emphasised, newOutput);
		for (let n = 0; n < INTERNAL_FRAME_SAMPLES; n++) {
			let sample = newOutput[n]!;
			if (fade) sample += (oldOutput[n]! - sample) * FADE_OUT[n]!;
			signal[start + n] = sample - EMPHASIS * this.deemphasis;
			this.deemphasis = sample;
		}
		this.lag = lag;
		this.emphasised = this.previousEmphasised;
		this.previousEmphasised = emphasised;
	}

	private design(lag: number): void {
		const { angle, radius } = lag > 0 ? VOICED_CURVE : UNVOICED_CURVE;
		const frequency = lag > 0 ? 1 / lag : UNVOICED_FREQUENCY;
		const poleFrequency = angle[0] * frequency + angle[1] * frequency * frequency;
		const pole = 1 + radius[0] * frequency + radius[1] * frequency * frequency;
		const numerator = -2 * cosine(2 * Math.PI * ZERO_FREQUENCY * frequency);
		const first = -2 * cosine(2 * Math.PI * poleFrequency) * pole;
		const second = pole * pole;
		// Gain 1 at half the sampling rate.
		const gain = (1 - first + second) / (2 - numerator);
		this.coefficients[0] = gain;
		this.coefficients[1] = numerator * gain;
		this.coefficients[2] = gain;
		this.coefficients[3] = first;
		this.coefficients[4] = second;
	}

	private filter(input: Float64Array, output: Float64Array): void {
		const { coefficients, memory } = this;
		// By index: taken apart with defaults, they would be objects on the heap in each turn.
		const b0 = coefficients[0]!;
		const b1 = coefficients[1]!;
		const b2 = coefficients[2]!;
		const a1 = coefficients[3]!;
		const a2 = coefficients[4]!;
		let x1 = memory[0]!;
		let x2 = memory[1]!;
		let y1 = memory[2]!;
		let y2 = memory[3]!;
		for (let n = 0; n < INTERNAL_FRAME_SAMPLES; n++) {
			const x = input[n]!;
			const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
			x2 = x1;
			x1 = x;
			y2 = y1;
			y1 = y;
			output[n] = y;
		}
		memory[0] = x1;
		memory[1] = x2;
		memory[2] = y1;
		memory[3] = y2;
	}
}

/** Mean of the lags of an internal frame, long ones counting more; 0 when all are 0. */
export function representativeLag(lags: Float64Array, start: number): number {
	let sum = 0;
	let squares = 0;
	for (let block = start; block < start + LAG_BLOCKS; block++) {
		sum += lags[block]!;
		squares += lags[block]! * lags[block]!;
	}
	return sum > 0 ? squares / sum : 0;
}

/** The chapter's cosine of small angles. */
function cosine(x: number): number {
	return 1 - (x * x) / 2;
}
