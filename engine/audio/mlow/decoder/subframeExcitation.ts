import type { AdaptiveCodebook } from '../adaptiveCodebook';
import { SUBFRAME_SAMPLES } from '../frameParameters';
import type { InternalFrame } from '../frameParameters';
import { pulseGain } from '../gains';
import { symbolTables } from '../symbolTables';

const Q14 = 16384;
/**
 * No encoder gets near it. It keeps whatever damaged packets leave in the past within bounds, so that the
 * stream comes back.
 */
const LARGEST_SAMPLE = 100;

/** Builds the excitation of subframes: pulses and what the past predicts (MLow chapter 08). */
export class SubframeExcitation {
	private readonly pitchGainsQ14 = symbolTables().pitchGainsQ14;
	private readonly centre = new Float64Array(SUBFRAME_SAMPLES);
	private readonly sides = new Float64Array(SUBFRAME_SAMPLES);

	constructor(private readonly codebook: AdaptiveCodebook) {}

	/**
	 * Builds one subframe and appends it to the past.
	 *
	 * @param bitrate of the internal frame: see `normalisedBitrate`
	 * @param out receives 80 samples
	 */
	build(frame: InternalFrame, subframe: number, bitrate: number, out: Float64Array): void {
		const gain = pulseGain(frame, subframe);
		const start = subframe * SUBFRAME_SAMPLES;
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) out[n] = frame.pulses[start + n]! * gain;
		if (frame.voiced) this.addPitch(frame, subframe, bitrate, out);
		this.codebook.append(out);
	}

	private addPitch(
		{ lagIndices, pitchGains }: InternalFrame,
		subframe: number,
		bitrate: number,
		out: Float64Array,
	): void {
		const { centre, pitchGainsQ14, sides } = this;
		const index = 2 * pitchGains[subframe]!;
		const g0 = pitchGainsQ14[index]! / Q14;
		const g1 = pitchGainsQ14[index + 1]! / Q14;
		// The decoder steepens the taps; an encoder uses them as they are.
		const sum = g0 + 2 * g1;
		let difference = g0 - g1;
		const steepness = Math.abs(difference) + 0.35 - 0.17 * bitrate;
		difference *= Math.min(steepness, Math.abs(sum)) / (Math.abs(difference) + 1e-12);
		const centreGain = (sum + 2 * difference) / 3;
		const sideGain = (sum - difference) / 3;
		this.codebook.predict(lagIndices[2 * subframe]!, lagIndices[2 * subframe + 1]!, centre, sides);
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) {
			const sample = out[n]! + centreGain * centre[n]! + sideGain * sides[n]!;
			if (sample > LARGEST_SAMPLE) out[n] = LARGEST_SAMPLE;
			else out[n] = sample < -LARGEST_SAMPLE ? -LARGEST_SAMPLE : sample;
		}
	}
}
