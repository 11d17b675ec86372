import { INTERNAL_FRAMES, INTERNAL_FRAME_SAMPLES } from '../frameParameters';
import { Harmonicity } from './harmonicity';
import { PerceptualModel } from './perceptualModel';
import { PitchSearch } from './pitchSearch';
import { PredictionAnalysis } from './predictionAnalysis';
import { VoicingDecision } from './voicing';
import { WeightedSpeech } from './weightedSpeech';

/** What is coded lags so many samples behind what is known. */
export const LOOK_AHEAD_SAMPLES = 32;

/** Everything that is found out about an internal frame before anything is quantised. */
export class SpeechAnalysis {
	readonly prediction = new PredictionAnalysis();
	readonly perception = new PerceptualModel();
	readonly pitch = new PitchSearch();
	/** Strength of the voice; the frame is voiced above 0, if the packet counts as speech. */
	strength = 0;

	private readonly weighted = new WeightedSpeech();
	private readonly harmonicity = new Harmonicity();
	private readonly voicing = new VoicingDecision();

	reset(): void {
		this.perception.reset();
		this.weighted.reset();
		this.pitch.reset();
		this.voicing.reset();
		this.strength = 0;
	}

	/**
	 * @param signal high-passed samples from 480 before the packet on, and zeros after it
	 * @param packetStart where the packet begins in `signal`
	 * @param frame internal frame of the packet, 0 to 2
	 * @param activity probability of speech, 0 to 1
	 * @param codedAsActive whether the packet counts as speech
	 * @returns whether the internal frame is voiced
	 */
	analyse(
		signal: Float64Array,
		packetStart: number,
		frame: number,
		activity: number,
		codedAsActive: boolean,
	): boolean {
		const { prediction, perception, pitch, weighted, harmonicity } = this;
		const start = packetStart + frame * INTERNAL_FRAME_SAMPLES;
		const last = frame === INTERNAL_FRAMES - 1;
		prediction.analyse(signal, packetStart, frame);
		prediction.computeSpectrum();
		perception.analyse(signal, start, last);
		weighted.append(signal, start - LOOK_AHEAD_SAMPLES, perception);
		harmonicity.load(prediction.spectrum);
		if (codedAsActive) pitch.search(weighted.samples, harmonicity);
		else pitch.skip();
		this.strength = this.voicing.strength(pitch, prediction.spectrum, harmonicity, activity);
		const voiced = codedAsActive && this.strength > 0;
		if (!voiced || last) pitch.forgetPredictor();
		return voiced;
	}
}
