import { SUBFRAME_SAMPLES } from '../frameParameters';
import { energy } from './energy';
import { minimumPhase } from './minimumPhase';
import type { NoiseEnvelope } from './noiseEnvelope';
import type { NoiseInput } from './noiseInput';
import type { WhiteNoise } from './whiteNoise';

const CORRELATIONS = 3;
const CORRELATION_SMOOTHING = 0.16;
/** Level of the noise beside the excitation. */
const NOISE_LEVEL = 0.35;
const ENVELOPE_COEFFICIENT = 0.95;
/** The spectrum of the noise is what the excitation leaves free below so many times its maximum. */
const HEADROOM = 1.5;
const BANDS = 16;
const SPECTRUM = cosines();

/** [3][16]: cosine transform between correlations and bands. */
function cosines(): Float64Array {
	const table = new Float64Array(CORRELATIONS * BANDS);
	for (let j = 0; j < CORRELATIONS; j++) {
		for (let i = 0; i < BANDS; i++) {
			table[j * BANDS + i] = Math.cos((j * (i + 0.5) * Math.PI) / BANDS) / 4;
		}
	}
	return table;
}

/** Noise of voiced subframes, where the excitation's spectrum has gaps (MLow chapter 07, "Voiced SF"). */
export class VoicedNoise {
	private readonly smoothed = new Float64Array(CORRELATIONS);
	private readonly shape = new Float64Array(CORRELATIONS);
	private readonly bands = new Float64Array(BANDS);
	private readonly taps = new Float64Array(CORRELATIONS);
	private readonly white = new Float64Array(SUBFRAME_SAMPLES);
	private readonly envelope = new Float64Array(SUBFRAME_SAMPLES);
	/** The two samples of shaped noise before: newest first. */
	private newer = 0;
	private older = 0;

	/** Forgets the spectrum, as an unvoiced subframe does. */
	reset(): void {
		this.smoothed.fill(0);
		this.newer = 0;
		this.older = 0;
	}

	/**
	 * @param level carries the envelope between subframes
	 * @param out receives 80 samples
	 * @returns level of the noise at the last sample
	 */
	fill(
		{ excitation }: NoiseInput,
		source: WhiteNoise,
		level: NoiseEnvelope,
		out: Float64Array,
	): number {
		const { envelope, shape, taps, white } = this;
		this.shapeAgainst(excitation);
		source.fill(white);
		level.follow(excitation, ENVELOPE_COEFFICIENT, envelope);
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) white[n]! *= envelope[n]!;
		const whiteEnergy = energy(white) + 1e-12;
		for (let j = 0; j < CORRELATIONS; j++) shape[j]! /= whiteEnergy;
		minimumPhase(shape, taps);
		this.filter(out);
		return envelope[SUBFRAME_SAMPLES - 1]!;
	}

	/** Sets `shape` to the autocorrelation of the noise that belongs beside the excitation. */
	private shapeAgainst(excitation: Float64Array): void {
		const { bands, shape, smoothed } = this;
		const power = correlation(excitation, 0) + 1e-12;
		smoothed[0]! += CORRELATION_SMOOTHING * (power - smoothed[0]!);
		smoothed[1]! += CORRELATION_SMOOTHING * (correlation(excitation, 1) - smoothed[1]!);
		smoothed[2]! += CORRELATION_SMOOTHING * (correlation(excitation, 2) - smoothed[2]!);
		const scale = (NOISE_LEVEL * NOISE_LEVEL * power) / smoothed[0]!;
		const t0 = smoothed[0]! * scale;
		const t1 = 2 * smoothed[1]! * scale;
		const t2 = 2 * smoothed[2]! * scale;
		let highest = Number.NEGATIVE_INFINITY;
		for (let i = 0; i < BANDS; i++) {
			bands[i] = SPECTRUM[i]! * t0 + SPECTRUM[BANDS + i]! * t1 + SPECTRUM[2 * BANDS + i]! * t2;
			highest = Math.max(highest, bands[i]!);
		}
		for (let j = 0; j < CORRELATIONS; j++) {
			let sum = 0;
			for (let i = 0; i < BANDS; i++) {
				sum += SPECTRUM[j * BANDS + i]! * (HEADROOM * highest - bands[i]!);
			}
			shape[j] = sum;
		}
	}

	private filter(out: Float64Array): void {
		const { taps, white } = this;
		let { newer, older } = this;
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) {
			const sample = white[n]!;
			out[n] = taps[0]! * sample + taps[1]! * newer + taps[2]! * older;
			older = newer;
			newer = sample;
		}
		this.newer = newer;
		this.older = older;
	}
}

function correlation(signal: Float64Array, lag: number): number {
	let sum = 0;
	for (let n = lag; n < signal.length; n++) sum += signal[n]! * signal[n - lag]!;
	return sum;
}
