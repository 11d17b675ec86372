import { type InternalFrame, LPC_ORDER, SUBFRAMES, SUBFRAME_SAMPLES } from '../frameParameters';
import { interpolateLsf, interpolationWeights, LsfReconstruction, LsfToLpc } from '../lsf';
import { LineSpectrum } from './lineSpectrum';
import { LsfQuantiser } from './lsfQuantiser';

/** The second interpolation is taken when it makes the residual smaller than this share. */
const WORTH_INTERPOLATING = 0.998;

/** Quantised prediction of the four subframes, and what it leaves of the signal. */
interface Candidate {
	predictions: Float64Array[];
	residuals: Float64Array[];
	/** Sum of squares of each residual. */
	energies: Float64Array;
	/** Sum of their roots. */
	amplitude: number;
}

function emptyCandidate(): Candidate {
	return {
		predictions: Array.from({ length: SUBFRAMES }, () => new Float64Array(LPC_ORDER + 1)),
		residuals: Array.from({ length: SUBFRAMES }, () => new Float64Array(SUBFRAME_SAMPLES)),
		energies: new Float64Array(SUBFRAMES),
		amplitude: 0,
	};
}

/** Quantises the short-term prediction of internal frames (MLow chapter 10, section 7). */
export class SpectralEnvelope {
	private readonly candidates = [emptyCandidate(), emptyCandidate()] as const;
	private chosen: Candidate = this.candidates[0];

	private readonly lineSpectrum = new LineSpectrum();
	private readonly quantiser: LsfQuantiser;
	private readonly reconstruction = new LsfReconstruction();
	private readonly toPrediction = new LsfToLpc();
	private readonly weights = interpolationWeights();
	private readonly lsf = new Float64Array(LPC_ORDER);
	private readonly quantised = new Float64Array(LPC_ORDER);
	private readonly previous = new Float64Array(LPC_ORDER);
	private readonly interpolated = new Float64Array(LPC_ORDER);
	private hasPrevious = false;

	/** @param bitsPerSecond aimed at in speech */
	constructor(bitsPerSecond: number) {
		this.quantiser = new LsfQuantiser(bitsPerSecond);
	}

	/** 17 coefficients of the quantised prediction error filter of each subframe. */
	get predictions(): readonly Float64Array[] {
		return this.chosen.predictions;
	}

	/** 80 samples of residual of each subframe. */
	get residuals(): readonly Float64Array[] {
		return this.chosen.residuals;
	}

	/** Sum of squares of each residual. */
	get energies(): Float64Array {
		return this.chosen.energies;
	}

	reset(): void {
		this.hasPrevious = false;
	}

	/**
	 * @param signal high-passed samples, readable from 16 before `codedStart`
	 * @param codedStart where the coded samples of the internal frame begin in `signal`
	 * @param prediction 17 coefficients of the analysis
	 * @param conditional whether the internal frame before, of the same packet, was of the same kind
	 * @param frame its `voiced` is read; receives the LSF indices
	 */
	quantise(
		signal: Float64Array,
		codedStart: number,
		prediction: Float64Array,
		conditional: boolean,
		frame: InternalFrame,
	): void {
		const { lsf, quantised, previous, candidates } = this;
		this.lineSpectrum.fromPrediction(prediction, lsf);
		this.quantiser.quantise(lsf, prediction, conditional ? previous : undefined, frame);
		this.reconstruction.reconstruct(
			frame.voiced,
			frame.lsfGrid,
			frame.lsfSymbols,
			previous,
			quantised,
		);
		if (!this.hasPrevious) previous.set(quantised);
		this.hasPrevious = true;

		frame.lsfInterpolation = 0;
		this.tryInterpolation(signal, codedStart, 0);
		if (!frame.voiced) {
			this.tryInterpolation(signal, codedStart, 1);
			if (candidates[1].amplitude < WORTH_INTERPOLATING * candidates[0].amplitude) {
				frame.lsfInterpolation = 1;
			}
		}
		this.chosen = frame.lsfInterpolation === 1 ? candidates[1] : candidates[0];
		previous.set(quantised);
	}

	private tryInterpolation(signal: Float64Array, codedStart: number, index: 0 | 1): void {
		const { interpolated, weights, previous, quantised } = this;
		const candidate = this.candidates[index];
		candidate.amplitude = 0;
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			const filter = candidate.predictions[subframe]!;
			interpolateLsf(weights, index, subframe, previous, quantised, interpolated);
			this.toPrediction.convert(interpolated, filter);
			const energy = predict(
				signal,
				codedStart + subframe * SUBFRAME_SAMPLES,
				filter,
				candidate.residuals[subframe]!,
			);
			candidate.energies[subframe] = energy;
			candidate.amplitude += Math.sqrt(energy);
		}
	}
}

/** Prediction error of 80 samples from `start`; returns the sum of its squares. */
function predict(
	signal: Float64Array,
	start: number,
	filter: Float64Array,
	residual: Float64Array,
): number {
	let energy = 0;
	for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
		let sum = 0;
		for (let tap = 0; tap <= LPC_ORDER; tap++) sum += filter[tap]! * signal[start + index - tap]!;
		residual[index] = sum;
		energy += sum * sum;
	}
	return energy;
}
