import { LAG_BLOCKS } from '../frameParameters';
import type { Harmonicity } from './harmonicity';
import { lagOfIndex, type PitchSearch } from './pitchSearch';
import { SPECTRUM_BINS } from './predictionAnalysis';

/** First bin of the upper part of the spectrum: about 2.7 kHz. */
const SPLIT_BIN = 85;
const FIRST_BIN = 2;
/** Below this the frame counts as background, whose tilt is learnt. */
const BACKGROUND_ACTIVITY = -0.1;

/**
 * Decides whether an internal frame has a voice, from pitch, activity, spectral tilt and harmonics
 * (MLow chapter 10, section 6).
 */
export class VoicingDecision {
	private previousVoicing = 0;
	private previousLag = 0;
	private lowBackground = 0;
	private highBackground = 0;

	reset(): void {
		this.previousVoicing = 0;
		this.previousLag = 0;
		this.lowBackground = 0;
		this.highBackground = 0;
	}

	/**
	 * @param pitch after the search of this internal frame
	 * @param spectrum power of its 257 bins
	 * @param harmonicity loaded with the same spectrum
	 * @param activity probability of speech, 0 to 1
	 * @returns strength of the voice, voiced above 0
	 */
	strength(
		pitch: PitchSearch,
		spectrum: Float64Array,
		harmonicity: Harmonicity,
		activity: number,
	): number {
		const clamped = Math.min(Math.max(pitch.correlation, 0), 1);
		const correlationTerm = -Math.log(1 / (0.1 + 0.75 * clamped) - 1);
		const activityTerm = 0.04 * (1 - 1.04 / (activity + 0.04));
		const tiltTerm = this.tilt(spectrum, activityTerm);
		const lagTerm = -1 / (1 + Math.exp(-0.25 * (38 - pitch.averageLag)));
		const strength =
			(correlationTerm +
				0.5 * activityTerm +
				0.5 * tiltTerm +
				0.7 * harmonicity.ofLag(pitch.averageLag) +
				0.3 * lagTerm) /
				3 -
			0.1038 +
			0.05 * this.carriedVoicing(lagOfIndex(pitch.lagIndices[0]!));
		this.previousVoicing = Math.tanh(3 * strength);
		this.previousLag = lagOfIndex(pitch.lagIndices[LAG_BLOCKS - 1]!);
		return strength;
	}

	/** The voice of the frame before counts less when the lag jumps, less so upwards. */
	private carriedVoicing(firstLag: number): number {
		if (this.previousLag <= 0) return this.previousVoicing;
		let jump = Math.log2(firstLag / this.previousLag);
		if (jump > 0) jump /= 2;
		return this.previousVoicing / (0.4 + jump * jump);
	}

	/** Voices are strong at low frequencies: -1 to 1, background taken off. */
	private tilt(spectrum: Float64Array, activityTerm: number): number {
		let low = 0;
		let high = 0;
		for (let bin = FIRST_BIN; bin < SPLIT_BIN; bin++) {
			low += spectrum[bin]! * (bin + 3) * (SPLIT_BIN - bin);
		}
		for (let bin = SPLIT_BIN; bin < SPECTRUM_BINS; bin++) {
			high += spectrum[bin]! * (bin + 3) * (bin - SPLIT_BIN);
		}
		if (activityTerm < BACKGROUND_ACTIVITY) {
			this.lowBackground += -0.5 * activityTerm * (low - this.lowBackground);
			this.highBackground += -0.5 * activityTerm * (high - this.highBackground);
		}
		const tilt =
			(Math.max(low - this.lowBackground, 0) - Math.max(high - this.highBackground, 0)) /
			(low + high + 1e-9);
		return tilt ** 3;
	}
}
