import { INTERNAL_FRAME_SAMPLES, SUBFRAMES, SUBFRAME_SAMPLES } from '../frameParameters';
import { PITCH_TAPS, type PerceptualModel } from './perceptualModel';
import { AHEAD_SAMPLES, PAST_SAMPLES, WEIGHTED_SAMPLES } from './pitchCorrelation';

const EMPHASIS = -0.82;

/** Speech as the pitch search hears it: weighted perceptually, with its past (MLow chapter 10, section 4). */
export class WeightedSpeech {
	/** 659 samples: 332 before the internal frame, the frame, 7 after it. */
	readonly samples = new Float64Array(WEIGHTED_SAMPLES);
	private readonly filter = new Float64Array(PITCH_TAPS);

	reset(): void {
		this.samples.fill(0);
	}

	/**
	 * @param signal high-passed samples
	 * @param codedStart where the coded samples of the internal frame begin in `signal`
	 * @param model after the analysis of this internal frame
	 */
	append(signal: Float64Array, codedStart: number, model: PerceptualModel): void {
		const { samples, filter } = this;
		samples.copyWithin(0, INTERNAL_FRAME_SAMPLES, INTERNAL_FRAME_SAMPLES + PAST_SAMPLES);
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			model.weightingFilter(model.correlations[subframe]!, EMPHASIS, PITCH_TAPS, filter);
			const first = subframe * SUBFRAME_SAMPLES;
			const ahead = subframe === SUBFRAMES - 1 ? AHEAD_SAMPLES : 0;
			for (let index = first; index < first + SUBFRAME_SAMPLES + ahead; index++) {
				let sum = 0;
				for (let tap = 0; tap < PITCH_TAPS; tap++) {
					sum += filter[tap]! * signal[codedStart + index - tap]!;
				}
				samples[PAST_SAMPLES + index] = sum;
			}
		}
	}
}
