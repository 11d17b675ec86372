import { SUBFRAME_SAMPLES } from '../frameParameters';
import { sigmoid } from './energy';
import { NoiseEnvelope } from './noiseEnvelope';
import type { NoiseInput } from './noiseInput';
import { UnvoicedNoise } from './unvoicedNoise';
import { VoicedNoise } from './voicedNoise';
import { WhiteNoise } from './whiteNoise';

const SAMPLE_RATE_HZ = 16_000;
/** Fall of unvoiced noise per sample when a voiced subframe follows. */
const FADE = 0.99;
/** So many voiced subframes after an unvoiced one still run its high-pass. */
const FADING_SUBFRAMES = 2;

/**
 * Noise that is added to the excitation before synthesis, subframe by subframe (MLow chapter 07). It
 * depends on nothing but what was decoded: two decoders make the same noise.
 */
export class NoiseFilling {
	private readonly source = new WhiteNoise();
	private readonly level = new NoiseEnvelope();
	private readonly voicedNoise = new VoicedNoise();
	private readonly unvoicedNoise = new UnvoicedNoise();
	private readonly voicedPart = new Float64Array(SUBFRAME_SAMPLES);
	private readonly unvoicedPart = new Float64Array(SUBFRAME_SAMPLES);
	/** Level of the noise at the end of the subframe before (envL). */
	private last = 0;
	private previousVoiced = false;
	/** Voiced subframes since the last unvoiced one. */
	private voicedSubframes = 0;
	/** Memories of the two output filters. */
	private voicedNewer = 0;
	private voicedOlder = 0;
	private highPassInput = 0;
	private highPassOutput = 0;

	reset(): void {
		this.source.seed = 0;
		this.level.level = 0;
		this.voicedNoise.reset();
		this.last = 0;
		this.previousVoiced = false;
		this.voicedSubframes = 0;
		this.voicedNewer = 0;
		this.voicedOlder = 0;
		this.highPassInput = 0;
		this.highPassOutput = 0;
	}

	/** @param out receives 80 samples to add to the excitation */
	fill(input: NoiseInput, out: Float64Array): void {
		const { voiced } = input;
		if (voiced) this.fillVoiced(input);
		else this.fillUnvoiced(input);

		out.fill(0);
		if (voiced || this.previousVoiced) this.addVoiced(out);
		if (!voiced || this.voicedSubframes < FADING_SUBFRAMES) {
			this.addUnvoiced(cutoffHz(input.lsf, voiced ? 1 : this.unvoicedNoise.ratio), out);
		} else {
			this.highPassInput = 0;
			this.highPassOutput = 0;
		}
		this.previousVoiced = voiced;
		this.voicedSubframes = voiced ? this.voicedSubframes + 1 : 0;
	}

	private fillVoiced(input: NoiseInput): void {
		const { level, source, unvoicedPart } = this;
		if (!this.previousVoiced) level.level = this.last;
		const last = this.voicedNoise.fill(input, source, level, this.voicedPart);
		if (this.previousVoiced) unvoicedPart.fill(0);
		else {
			source.fill(unvoicedPart);
			let fade = this.last;
			for (let n = 0; n < SUBFRAME_SAMPLES; n++) {
				fade *= FADE;
				unvoicedPart[n]! *= fade;
			}
		}
		this.last = last;
	}

	private fillUnvoiced(input: NoiseInput): void {
		this.voicedNoise.reset();
		this.voicedPart.fill(0);
		this.last = this.unvoicedNoise.fill(
			input,
			this.source,
			this.level,
			this.last,
			this.unvoicedPart,
		);
	}

	private addVoiced(out: Float64Array): void {
		const { voicedPart } = this;
		let { voicedNewer, voicedOlder } = this;
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) {
			const sample = voicedPart[n]!;
			out[n]! += 0.25 * sample - 0.496 * voicedNewer + 0.25 * voicedOlder;
			voicedOlder = voicedNewer;
			voicedNewer = sample;
		}
		this.voicedNewer = voicedNewer;
		this.voicedOlder = voicedOlder;
	}

	private addUnvoiced(cutoff: number, out: Float64Array): void {
		const { unvoicedPart } = this;
		const k = (6 * cutoff) / SAMPLE_RATE_HZ;
		const gain = 0.8 * (1 - k / 2);
		let { highPassInput, highPassOutput } = this;
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) {
			const sample = unvoicedPart[n]!;
			highPassOutput = gain * (sample - highPassInput) + (1 - k) * highPassOutput;
			highPassInput = sample;
			out[n]! += highPassOutput;
		}
		this.highPassInput = highPassInput;
		this.highPassOutput = highPassOutput;
	}
}

/**
 * Below it unvoiced noise is held down, Hz.
 *
 * @param lsf of the subframe: the closer the first two lines, the stronger the resonance there
 * @param ratio the excitation's energy beside the residual's
 */
function cutoffHz(lsf: Float64Array, ratio: number): number {
	const first = lsf[0]!;
	const second = lsf[1]!;
	const resonance = (SAMPLE_RATE_HZ * (first + second)) / (4 * Math.PI);
	const lowest = 3 * resonance * sigmoid(0.2 / (second - first) - 3);
	return Math.min(Math.max(800 * Math.min(0.6 + 0.4 * ratio, 1), lowest), 1500);
}
