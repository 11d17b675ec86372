import { SUBFRAME_SAMPLES } from '../frameParameters';
import { energy } from './energy';
import type { NoiseEnvelope } from './noiseEnvelope';
import type { NoiseInput } from './noiseInput';
import type { WhiteNoise } from './whiteNoise';

const ENVELOPE_COEFFICIENT = 0.995;
/** Noise is not louder than so much of a pulse. */
const LARGEST_PART_OF_PULSE = 0.5;

/**
 * Noise of unvoiced subframes: what the pulses leave of the residual's energy (MLow chapter 07,
 * "Unvoiced SF"). Its level is flat + slope * envelope, chosen so that it goes on where the subframe
 * before ended.
 */
export class UnvoicedNoise {
	private readonly envelope = new Float64Array(SUBFRAME_SAMPLES);
	/** f and g of the chapter. */
	private flat = 0;
	private slope = 0;
	/** The excitation's energy beside the residual's, of the last subframe. */
	ratio = 0;

	/**
	 * @param level carries the envelope between subframes
	 * @param last level of the noise at the end of the subframe before
	 * @param out receives 80 samples
	 * @returns level of the noise at the last sample
	 */
	fill(
		input: NoiseInput,
		source: WhiteNoise,
		level: NoiseEnvelope,
		last: number,
		out: Float64Array,
	): number {
		const { envelope } = this;
		this.chooseLevel(this.missingEnergy(input, level) / SUBFRAME_SAMPLES + 1e-30, last);
		source.fill(out);
		const { flat, slope } = this;
		const { excitation, pulses } = input;
		const cap = pulses > 0 ? input.pulseGain * LARGEST_PART_OF_PULSE : Number.POSITIVE_INFINITY;
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) {
			const wanted = flat + slope * envelope[n]!;
			if (pulses > 0 && excitation[n] !== 0) out[n] = 0;
			else out[n]! *= wanted < cap ? wanted : cap;
		}
		return Math.min(flat + slope * envelope[SUBFRAME_SAMPLES - 1]!, cap);
	}

	/** Runs the envelope; returns the energy that the noise shall have over the subframe. */
	private missingEnergy(
		{ bitrate, excitation, pulses, residualEnergy }: NoiseInput,
		level: NoiseEnvelope,
	): number {
		if (pulses === 0) {
			this.ratio = 0;
			level.fall(ENVELOPE_COEFFICIENT, this.envelope);
			return residualEnergy;
		}
		this.ratio = energy(excitation) / (residualEnergy + 1e-20);
		level.follow(excitation, ENVELOPE_COEFFICIENT, this.envelope);
		const hardness = 10 + 20 * bitrate;
		return (residualEnergy * Math.log(Math.exp(hardness * (1 - this.ratio)) + 1)) / hardness;
	}

	/** @param target mean square that the noise shall have */
	private chooseLevel(target: number, last: number): void {
		const { envelope } = this;
		const power = energy(envelope) / SUBFRAME_SAMPLES;
		const first = envelope[0]!;
		const flat = Math.sqrt(target);
		const slope = Math.sqrt(target / power);
		const start = slope * first;
		if (last < Math.min(flat, start)) this.keepOne(flat, slope, flat < start);
		else if (last > Math.max(flat, start)) this.keepOne(flat, slope, flat > start);
		else this.meet(target, last, first, power);
	}

	private keepOne(flat: number, slope: number, keepFlat: boolean): void {
		this.flat = keepFlat ? flat : 0;
		this.slope = keepFlat ? 0 : slope;
	}

	/** Solves flat + slope * first = last together with the wanted mean square. */
	private meet(target: number, last: number, first: number, power: number): void {
		const mean = average(this.envelope);
		const a = power + first * first - 2 * mean * first;
		const b = 2 * last * (mean - first);
		const c = last * last - target;
		const discriminant = b * b - 4 * a * c;
		if (discriminant < 1e-35 || a < 1e-25) {
			this.flat = 0;
			this.slope = 0;
			return;
		}
		const root = Math.sqrt(discriminant);
		this.slope = (-b + root) / (2 * a);
		this.flat = last - first * this.slope;
		if (this.flat < 0) {
			this.slope = (-b - root) / (2 * a);
			this.flat = last - first * this.slope;
		}
	}
}

function average(signal: Float64Array): number {
	let sum = 0;
	for (let n = 0; n < signal.length; n++) sum += signal[n]!;
	return sum / signal.length;
}
