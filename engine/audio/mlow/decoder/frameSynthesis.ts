import { AdaptiveCodebook, SMALLEST_LAG } from '../adaptiveCodebook';
import { LAG_BLOCKS, LPC_ORDER, SUBFRAMES, SUBFRAME_SAMPLES } from '../frameParameters';
import type { InternalFrame } from '../frameParameters';
import { ENERGY_FLOOR, pulseGain } from '../gains';
import { LsfReconstruction, LsfToLpc, interpolateLsf, interpolationWeights } from '../lsf';
import { energyQ14, symbolTables } from '../symbolTables';
import { countPulses } from '../writePulses';
import { sigmoid } from './energy';
import { NoiseFilling } from './noiseFilling';
import type { NoiseInput } from './noiseInput';
import { SubframeExcitation } from './subframeExcitation';
import { SynthesisFilter } from './synthesisFilter';

const Q14 = 16384;
/** Of a voice's past excitation, for each subframe of a lost packet. */
const LOST_SUBFRAME_GAIN = 0.95;
/** Of past noise: 0.28 for a packet. */
const LOST_NOISE_GAIN = 0.9;

/** Makes sound of internal frames, up to the post-filters (MLow chapters 03, 05, 07 and 08). */
export class FrameSynthesis {
	private readonly tables = symbolTables();
	private readonly weights = interpolationWeights();
	private readonly reconstruction = new LsfReconstruction();
	private readonly prediction = new LsfToLpc();
	private readonly codebook = new AdaptiveCodebook();
	private readonly excitations = new SubframeExcitation(this.codebook);
	private readonly noiseFilling = new NoiseFilling();
	private readonly filter = new SynthesisFilter(SUBFRAME_SAMPLES);
	private previousLsf = new Float64Array(LPC_ORDER);
	private lsf = new Float64Array(LPC_ORDER);
	private readonly lpc = new Float64Array(LPC_ORDER + 1);
	private readonly counts = new Int32Array(SUBFRAMES);
	private readonly excitation = new Float64Array(SUBFRAME_SAMPLES);
	private readonly noise = new Float64Array(SUBFRAME_SAMPLES);
	private readonly sides = new Float64Array(SUBFRAME_SAMPLES);
	private readonly input: NoiseInput = {
		excitation: this.excitation,
		voiced: false,
		pulses: 0,
		residualEnergy: 0,
		pulseGain: 0,
		lsf: new Float64Array(LPC_ORDER),
		bitrate: 0,
	};
	private started = false;
	/** Lag index at the end of the last frame; undefined when it was unvoiced. */
	private lastLagIndex: number | undefined;

	/** See `normalisedBitrate`; of the last frame. */
	bitrate = 0;

	reset(): void {
		this.codebook.reset();
		this.noiseFilling.reset();
		this.filter.reset();
		this.previousLsf.fill(0);
		this.lsf.fill(0);
		this.started = false;
		this.lastLagIndex = undefined;
		this.bitrate = 0;
	}

	/**
	 * Makes 320 samples.
	 *
	 * @param frame `lsfGrid` 16 stands for the frame decoded before, which has to be of the same packet
	 * @param out receives the samples from `start` on
	 * @param lags receives the lag of 8 blocks from `firstBlock` on, samples; 0 when unvoiced
	 */
	decode(
		frame: InternalFrame,
		out: Float64Array,
		start: number,
		lags: Float64Array,
		firstBlock: number,
	): void {
		const { counts, input } = this;
		this.decodeLsf(frame);
		countPulses(frame.pulses, counts);
		this.bitrate = normalisedBitrate(counts);
		input.voiced = frame.voiced;
		input.bitrate = this.bitrate;
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			this.decodeSubframe(frame, subframe, out, start + subframe * SUBFRAME_SAMPLES);
		}
		for (let block = 0; block < LAG_BLOCKS; block++) {
			lags[firstBlock + block] = frame.voiced ? SMALLEST_LAG + frame.lagIndices[block]! / 2 : 0;
		}
		this.lastLagIndex = frame.voiced ? frame.lagIndices[LAG_BLOCKS - 1]! : undefined;
	}

	/**
	 * Lets a lost packet's time pass: a voice goes on in the past excitation, so that the frame after it
	 * meets the pitch periods about where they would be. Noise is faded instead: a voice that began in
	 * the lost packet would be built on it, as loud as the noise was without the filter of a voice.
	 *
	 * @param subframes how many were lost
	 */
	skip(subframes: number): void {
		if (this.lastLagIndex === undefined) {
			this.codebook.attenuate(LOST_NOISE_GAIN ** subframes);
			return;
		}
		for (let subframe = 0; subframe < subframes; subframe++) {
			this.codebook.predict(this.lastLagIndex, this.lastLagIndex, this.excitation, this.sides);
			for (let n = 0; n < SUBFRAME_SAMPLES; n++) this.excitation[n]! *= LOST_SUBFRAME_GAIN;
			this.codebook.append(this.excitation);
		}
	}

	private decodeLsf({ lsfGrid, lsfSymbols, voiced }: InternalFrame): void {
		const newest = this.previousLsf;
		this.previousLsf = this.lsf;
		this.lsf = newest;
		this.reconstruction.reconstruct(voiced, lsfGrid, lsfSymbols, this.previousLsf, newest);
		if (!this.started) this.previousLsf.set(newest);
		this.started = true;
	}

	private decodeSubframe(
		frame: InternalFrame,
		subframe: number,
		out: Float64Array,
		start: number,
	): void {
		const { excitation, input, lpc, noise } = this;
		const { lsf } = input;
		const { lsfInterpolation } = frame;
		interpolateLsf(this.weights, lsfInterpolation, subframe, this.previousLsf, this.lsf, lsf);
		this.prediction.convert(lsf, lpc);
		this.excitations.build(frame, subframe, this.bitrate, excitation);
		input.pulses = this.counts[subframe]!;
		input.residualEnergy = frame.voiced ? 0 : this.residualEnergy(frame, subframe);
		input.pulseGain = pulseGain(frame, subframe);
		this.noiseFilling.fill(input, noise);
		for (let n = 0; n < SUBFRAME_SAMPLES; n++) noise[n]! += excitation[n]!;
		this.filter.process(lpc, noise, out, start);
	}

	/** Energy of the residual of an unvoiced subframe over its 80 samples (MLow chapters 05 and 07). */
	private residualEnergy({ energyLevel, energyShape }: InternalFrame, subframe: number): number {
		const decibels = energyQ14(this.tables, energyLevel, energyShape, subframe) / Q14;
		return Math.max(0, 10 ** (decibels / 10) - ENERGY_FLOOR) * SUBFRAME_SAMPLES;
	}
}

/** How dense the pulses of an internal frame are, 0 to 1 (MLow chapter 07, nb). */
function normalisedBitrate(counts: Int32Array): number {
	let pulses = 0;
	for (let subframe = 0; subframe < SUBFRAMES; subframe++) pulses += counts[subframe]!;
	return sigmoid(1.4 * Math.log2(pulses + 1) - 6.5);
}
