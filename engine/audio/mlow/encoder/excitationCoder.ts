import { AdaptiveCodebook } from '../adaptiveCodebook';
import {
	type InternalFrame,
	LPC_ORDER,
	NO_GAIN,
	SUBFRAMES,
	SUBFRAME_SAMPLES,
} from '../frameParameters';
import { UNVOICED_LOWEST_DB, pulseGain } from '../gains';
import { UNVOICED_PULSE_GAINS } from '../symbolTables';
import { type PerceptualModel, SEARCH_TAPS } from './perceptualModel';
import { PulseSearch } from './pulseSearch';
import type { SpectralEnvelope } from './spectralEnvelope';
import { SubframeTarget } from './subframeTarget';
import { VoicedGains } from './voicedGains';

const VOICED_EMPHASIS = -0.72;
const UNVOICED_EMPHASIS = -0.55;
/** Of the pitch part, so much counts as coded when the pulses' worth is set. */
const PITCH_SHARE = 0.9;
const IMPORTANCE_FLOOR = 0.001;
const BLOCKS_PER_SUBFRAME = 2;

/** Chooses pitch gains, pulses and their gains (MLow chapter 10, sections 9 and 10). */
export class ExcitationCoder {
	private readonly past = new AdaptiveCodebook();
	private readonly target = new SubframeTarget();
	private readonly gains = new VoicedGains();
	private readonly search = new PulseSearch();
	private readonly weighting = new Float64Array(SEARCH_TAPS);
	private readonly remaining = new Float64Array(SUBFRAME_SAMPLES);
	private readonly uncoded = new Float64Array(SUBFRAME_SAMPLES);
	private readonly excitation = new Float64Array(SUBFRAME_SAMPLES);
	/** Synthesis error of the last subframe, with 16 samples before it. */
	private readonly error = new Float64Array(LPC_ORDER + SUBFRAME_SAMPLES);

	reset(): void {
		this.past.reset();
		this.gains.forget();
		this.error.fill(0);
	}

	/**
	 * @param envelope quantised for this internal frame
	 * @param perception analysed for this internal frame
	 * @param importance of each subframe's error
	 * @param maxPulses of a subframe
	 * @param predictable whether the internal frame before, of the same packet, was of the same kind
	 * @param frame voiced flag and lags are read; receives pulses and gains
	 */
	code(
		envelope: Pick<SpectralEnvelope, 'predictions' | 'residuals'>,
		perception: PerceptualModel,
		importance: Float64Array,
		maxPulses: number,
		predictable: boolean,
		frame: InternalFrame,
	): void {
		const { target, weighting, error } = this;
		if (!predictable) this.gains.forget();
		frame.pulses.fill(0);
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			const prediction = envelope.predictions[subframe]!;
			const residual = envelope.residuals[subframe]!;
			perception.weightingFilter(
				perception.correlations[subframe]!,
				frame.voiced ? VOICED_EMPHASIS : UNVOICED_EMPHASIS,
				SEARCH_TAPS,
				weighting,
			);
			target.load(prediction, weighting, residual, error);
			const budget = importance[subframe]! + IMPORTANCE_FLOOR;
			if (frame.voiced) this.codeVoiced(frame, subframe, residual, budget, maxPulses);
			else this.codeUnvoiced(frame, subframe, residual, budget, maxPulses);
			this.placePulses(frame, subframe);
			this.past.append(this.excitation);
			this.updateError(prediction, residual);
		}
	}

	/** Leaves the pitch part, at its final gain, in `excitation`. */
	private codeVoiced(
		frame: InternalFrame,
		subframe: number,
		residual: Float64Array,
		budget: number,
		maxPulses: number,
	): void {
		const { gains, past, target, search, remaining, uncoded, excitation } = this;
		const block = subframe * BLOCKS_PER_SUBFRAME;
		past.predict(frame.lagIndices[block]!, frame.lagIndices[block + 1]!, gains.centre, gains.sides);
		gains.choosePitchGain(target, target.energy(residual), remaining);
		this.buildPitchPart();
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			uncoded[index] = residual[index]! - PITCH_SHARE * excitation[index]!;
		}
		const worth = target.weightedEnergy(uncoded) / budget;
		search.search(remaining, target.autocorrelation, maxPulses, worth);
		gains.chooseTogether(target.wanted, search);
		this.buildPitchPart();
		frame.pitchGains[subframe] = gains.pitchGain;
		frame.pulseGains[subframe] = gains.pulseGain;
	}

	private codeUnvoiced(
		frame: InternalFrame,
		subframe: number,
		residual: Float64Array,
		budget: number,
		maxPulses: number,
	): void {
		const { target, search } = this;
		const worth = target.weightedEnergy(residual) / budget;
		search.search(target.wanted, target.autocorrelation, maxPulses, worth);
		this.excitation.fill(0);
		frame.pulseGains[subframe] = NO_GAIN;
		if (search.count === 0) return;
		const index = Math.round(20 * Math.log10(search.gain)) - UNVOICED_LOWEST_DB;
		frame.pulseGains[subframe] = Math.min(Math.max(index, 0), UNVOICED_PULSE_GAINS - 1);
	}

	private buildPitchPart(): void {
		const { excitation, gains } = this;
		const { centre, sides, centreTap, sideTap } = gains;
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			excitation[index] = centreTap * centre[index]! + sideTap * sides[index]!;
		}
	}

	private placePulses(frame: InternalFrame, subframe: number): void {
		const { search, excitation } = this;
		if (search.count === 0) return;
		const gain = pulseGain(frame, subframe);
		for (let pulse = 0; pulse < search.count; pulse++) {
			const position = search.positions[pulse]!;
			const sign = search.signs[position]!;
			excitation[position]! += sign * gain;
			frame.pulses[subframe * SUBFRAME_SAMPLES + position]! += sign;
		}
	}

	/** What the coded subframe will differ by from the signal, after synthesis. */
	private updateError(prediction: Float64Array, residual: Float64Array): void {
		const { error, excitation } = this;
		error.copyWithin(0, SUBFRAME_SAMPLES);
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			let value = residual[index]! - excitation[index]!;
			for (let tap = 1; tap <= LPC_ORDER; tap++) {
				value -= prediction[tap]! * error[LPC_ORDER + index - tap]!;
			}
			error[LPC_ORDER + index] = value;
		}
	}
}
