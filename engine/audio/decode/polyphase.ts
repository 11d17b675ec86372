import { kaiserReach, windowedSinc } from './kaiser';
import { SampleBuffer } from './sampleBuffer';

/** Up to this many phases every one has taps of its own; beyond, taps are interpolated between so many. */
const MAX_PHASES = 1024;

function greatestCommonDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export interface PolyphaseOptions {
	/** Whole numbers of Hz. */
	inputRateHz: number;
	outputRateHz: number;
	/** What passes unchanged, Hz. */
	passBandHz: number;
	/** From where on nothing passes, Hz. */
	stopBandHz: number;
}

/**
 * Changes a sampling rate by a ratio of whole numbers: a windowed-sinc low-pass whose taps are computed
 * in advance for each position that an output sample can have between two input samples.
 *
 * Output sample m stands at the time of input position m * inputRate / outputRate: no delay. What it
 * returns does not depend on how the input is cut into pieces.
 */
export class PolyphaseFilter {
	private readonly up: number;
	private readonly stepWhole: number;
	private readonly stepPhase: number;
	private readonly reach: number;
	private readonly tapCount: number;
	private readonly interpolated: boolean;
	private readonly phases: number;
	private readonly taps: Float32Array;
	private readonly blend: Float32Array;
	private readonly input: SampleBuffer;
	/** Where the next output sample's taps begin in `input`, and its phase in units of 1 / up. */
	private start = 0;
	private phase = 0;

	constructor({ inputRateHz, outputRateHz, passBandHz, stopBandHz }: PolyphaseOptions) {
		const divisor = greatestCommonDivisor(inputRateHz, outputRateHz);
		this.up = outputRateHz / divisor;
		const down = inputRateHz / divisor;
		this.stepWhole = Math.floor(down / this.up);
		this.stepPhase = down % this.up;

		// An even reach makes the number of taps a multiple of four, which the inner loop relies on.
		this.reach = 2 * Math.ceil(kaiserReach((stopBandHz - passBandHz) / inputRateHz) / 2);
		this.tapCount = 2 * this.reach;
		this.interpolated = this.up > MAX_PHASES;
		this.phases = this.interpolated ? MAX_PHASES : this.up;
		this.blend = new Float32Array(this.interpolated ? this.tapCount : 0);
		const cutoff = (passBandHz + stopBandHz) / 2 / inputRateHz;
		this.taps = this.computeTaps(windowedSinc(cutoff, this.reach));

		this.input = new SampleBuffer(this.reach - 1);
	}

	/** Taps of every phase one after the other; one phase more when they are interpolated. */
	private computeTaps(response: (distance: number) => number): Float32Array {
		const { tapCount, phases, reach } = this;
		const rows = this.interpolated ? phases + 1 : phases;
		const taps = new Float32Array(rows * tapCount);
		for (let row = 0; row < rows; row++) {
			const offset = row * tapCount;
			let sum = 0;
			for (let tap = 0; tap < tapCount; tap++) {
				const value = response(tap - (reach - 1) - row / phases);
				taps[offset + tap] = value;
				sum += value;
			}
			// Each phase passes a constant unchanged; otherwise a constant would get a tone of the ratio.
			for (let tap = 0; tap < tapCount; tap++) taps[offset + tap]! /= sum;
		}
		return taps;
	}

	/**
	 * @param input mono samples
	 * @returns the output samples that are now complete
	 */
	push(input: Float32Array): Float32Array {
		this.input.append(input);
		return this.run(Number.POSITIVE_INFINITY);
	}

	/** @returns at most `count` samples more, as if silence followed the input */
	finish(count: number): Float32Array {
		const whole = Math.ceil((count * (this.stepWhole * this.up + this.stepPhase)) / this.up);
		this.input.append(new Float32Array(whole + this.tapCount));
		return this.run(count);
	}

	private run(limit: number): Float32Array {
		const { tapCount, taps, up, stepWhole, stepPhase, interpolated } = this;
		const samples = this.input.samples;
		const lastStart = this.input.length - tapCount;
		const expected = Math.floor(((lastStart - this.start + 1) * up) / (stepWhole * up + stepPhase));
		const output = new Float32Array(Math.max(0, Math.min(limit, expected + 2)));
		let start = this.start;
		let phase = this.phase;
		let count = 0;
		while (start <= lastStart && count < output.length) {
			let row = phase * tapCount;
			let table = taps;
			if (interpolated) {
				this.interpolateTaps(phase);
				table = this.blend;
				row = 0;
			}
			let first = 0;
			let second = 0;
			let third = 0;
			let fourth = 0;
			for (let tap = 0; tap < tapCount; tap += 4) {
				first += table[row + tap]! * samples[start + tap]!;
				second += table[row + tap + 1]! * samples[start + tap + 1]!;
				third += table[row + tap + 2]! * samples[start + tap + 2]!;
				fourth += table[row + tap + 3]! * samples[start + tap + 3]!;
			}
			output[count++] = first + second + third + fourth;
			start += stepWhole;
			phase += stepPhase;
			if (phase >= up) {
				phase -= up;
				start++;
			}
		}
		this.phase = phase;
		this.start = start - this.input.discard(start);
		return output.subarray(0, count);
	}

	/** Straight lines between neighbouring phases: at 1,024 of them the error stays below -110 dB. */
	private interpolateTaps(phase: number): void {
		const { tapCount, taps, blend } = this;
		const position = (phase * this.phases) / this.up;
		const whole = Math.floor(position);
		const part = position - whole;
		const row = whole * tapCount;
		for (let tap = 0; tap < tapCount; tap++) {
			const value = taps[row + tap]!;
			blend[tap] = value + part * (taps[row + tapCount + tap]! - value);
		}
	}
}
