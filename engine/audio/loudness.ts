import { SAMPLE_RATE_HZ } from './types';

/**
 * Loudness of speech after ITU-R BS.1770-4 / EBU R128: K-weighting, blocks of 400 ms that overlap by
 * 75 %, an absolute gate at -70 LUFS and a relative one 10 LU below what passes it. Mono, 16 kHz.
 */

const STEP_SAMPLES = SAMPLE_RATE_HZ / 10;
const STEPS_PER_BLOCK = 4;
const OFFSET_LUFS = -0.691;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = 10;

/** A call is loud and clear here; its peaks stay below full scale. */
const TARGET_LUFS = -18;
const HIGHEST_PEAK_DBFS = -1;
/** More would lift the noise of an almost silent recording to the level of speech. */
const MOST_GAIN_DB = 30;

interface Biquad {
	b0: number;
	b1: number;
	b2: number;
	a1: number;
	a2: number;
}

/** BS.1770 annex 1, stage 1: the shelf that stands for the head. Its analogue form, for any rate. */
function shelf(rateHz: number): Biquad {
	const frequencyHz = 1681.974450955533;
	const gainDb = 3.999843853973347;
	const quality = 0.7071752369554196;
	const k = Math.tan((Math.PI * frequencyHz) / rateHz);
	const high = 10 ** (gainDb / 20);
	const band = high ** 0.4996667741545416;
	const a0 = 1 + k / quality + k * k;
	return {
		b0: (high + (band * k) / quality + k * k) / a0,
		b1: (2 * (k * k - high)) / a0,
		b2: (high - (band * k) / quality + k * k) / a0,
		a1: (2 * (k * k - 1)) / a0,
		a2: (1 - k / quality + k * k) / a0,
	};
}

/** BS.1770 annex 1, stage 2: the high-pass. */
function highPass(rateHz: number): Biquad {
	const frequencyHz = 38.13547087602444;
	const quality = 0.5003270373238773;
	const k = Math.tan((Math.PI * frequencyHz) / rateHz);
	const a0 = 1 + k / quality + k * k;
	return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / quality + k * k) / a0 };
}

/** Measures loudness and peak of samples as they come by. */
export class LoudnessMeter {
	/** Mean square of each step of 100 ms, K-weighted. */
	private readonly steps: number[] = [];
	private readonly first = shelf(SAMPLE_RATE_HZ);
	private readonly second = highPass(SAMPLE_RATE_HZ);
	private readonly state = new Float64Array(4);
	private stepEnergy = 0;
	private stepSamples = 0;
	private peak = 0;

	/** @param samples -1 to 1, mono, 16 kHz; pieces of any length */
	push(samples: Float32Array): void {
		const { first, second, state } = this;
		let [s1 = 0, s2 = 0, t1 = 0, t2 = 0] = state;
		for (let index = 0; index < samples.length; index++) {
			const sample = samples[index] as number;
			const magnitude = Math.abs(sample);
			if (magnitude > this.peak) {
				this.peak = magnitude;
			}
			// Transposed direct form II, two sections.
			const shelved = first.b0 * sample + s1;
			s1 = first.b1 * sample - first.a1 * shelved + s2;
			s2 = first.b2 * sample - first.a2 * shelved;
			const weighted = second.b0 * shelved + t1;
			t1 = second.b1 * shelved - second.a1 * weighted + t2;
			t2 = second.b2 * shelved - second.a2 * weighted;
			this.stepEnergy += weighted * weighted;
			this.stepSamples += 1;
			if (this.stepSamples === STEP_SAMPLES) {
				this.steps.push(this.stepEnergy / STEP_SAMPLES);
				this.stepEnergy = 0;
				this.stepSamples = 0;
			}
		}
		state.set([s1, s2, t1, t2]);
	}

	/** Highest sample, 1 is full scale. */
	get peakLevel(): number {
		return this.peak;
	}

	/** Integrated loudness in LUFS; -Infinity for silence. */
	integratedLufs(): number {
		const blocks = this.blocks();
		const audible = blocks.filter((energy) => lufs(energy) >= ABSOLUTE_GATE_LUFS);
		const gate = lufs(mean(audible)) - RELATIVE_GATE_LU;
		return lufs(mean(audible.filter((energy) => lufs(energy) >= gate)));
	}

	/** The gain that brings the recording to its level without clipping; a factor. */
	gain(): number {
		const loudness = this.integratedLufs();
		if (!Number.isFinite(loudness)) {
			return 1;
		}
		const peakDbfs = 20 * Math.log10(this.peak);
		const gainDb = Math.min(TARGET_LUFS - loudness, HIGHEST_PEAK_DBFS - peakDbfs, MOST_GAIN_DB);
		return 10 ** (gainDb / 20);
	}

	private blocks(): number[] {
		if (this.steps.length < STEPS_PER_BLOCK) {
			const samples = this.steps.length * STEP_SAMPLES + this.stepSamples;
			const energy = this.steps.reduce((sum, step) => sum + step * STEP_SAMPLES, this.stepEnergy);
			return samples === 0 ? [] : [energy / samples];
		}
		return this.steps
			.slice(STEPS_PER_BLOCK - 1)
			.map((_step, index) => mean(this.steps.slice(index, index + STEPS_PER_BLOCK)));
	}
}

function lufs(meanSquare: number): number {
	return OFFSET_LUFS + 10 * Math.log10(meanSquare);
}

/** 0 for nothing at all, which has no loudness. */
function mean(values: number[]): number {
	return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
