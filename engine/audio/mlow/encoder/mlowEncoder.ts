import {
	emptyInternalFrame,
	INTERNAL_FRAME_SAMPLES,
	INTERNAL_FRAMES,
	type InternalFrame,
	PACKET_SAMPLES,
	SUBFRAME_SAMPLES,
	SUBFRAMES,
} from '../frameParameters';
import { SILENCE } from '../toc';
import { PacketWriter } from '../writePacket';
import { EnergyQuantiser } from './energyQuantiser';
import { ExcitationCoder } from './excitationCoder';
import { InputHighPass } from './inputHighPass';
import { PulseBudget } from './pulseBudget';
import { SpectralEnvelope } from './spectralEnvelope';
import { LOOK_AHEAD_SAMPLES, SpeechAnalysis } from './speechAnalysis';
import { VoiceActivity } from './voiceActivity';

const DEFAULT_BITS_PER_SECOND = 20_000;
const MIN_BITS_PER_SECOND = 5_000;
const MAX_BITS_PER_SECOND = 30_000;
/** High-passed samples before the packet that the analyses look at. */
const PAST_SAMPLES = 480;
/** Zeros after the packet, where windows reach into the unknown. */
const AHEAD_SAMPLES = 64;
const FULL_SCALE = 32768;
/** -120 dB: what is quieter is taken as nothing. */
const INPUT_FLOOR = 1e-6;
/** Half a step of 16 bits: what still waits to be coded is nothing when it stays below. */
const SILENCE_PEAK = 0.5 / FULL_SCALE;
const ACTIVITY_SCALE = 1 / 256;

export interface MlowEncoderOptions {
	/** Aimed at in speech, 5,000 to 30,000; pauses take less. Default 20,000. */
	bitsPerSecond?: number;
}

/**
 * MLow encoder (MLow chapter 10): packets of 60 ms at 16 kHz mono, full pitch search, pulses found one
 * by one. What it makes lags 32 samples behind what it is given.
 */
export class MlowEncoder {
	private readonly highPass = new InputHighPass();
	private readonly voiceActivity = new VoiceActivity();
	private readonly analysis = new SpeechAnalysis();
	private readonly envelope: SpectralEnvelope;
	private readonly budget: PulseBudget;
	private readonly excitation = new ExcitationCoder();
	private readonly energyQuantiser = new EnergyQuantiser();
	private readonly writer = new PacketWriter();

	private readonly input = new Float64Array(PACKET_SAMPLES);
	private readonly wholeInput = new Int16Array(PACKET_SAMPLES);
	private readonly signal = new Float64Array(PAST_SAMPLES + PACKET_SAMPLES + AHEAD_SAMPLES);
	private readonly frames = Array.from({ length: INTERNAL_FRAMES }, emptyInternalFrame);
	private readonly meanSquares = new Float64Array(SUBFRAMES);

	/** @throws RangeError for a bit rate that the codec does not have */
	constructor({ bitsPerSecond = DEFAULT_BITS_PER_SECOND }: MlowEncoderOptions = {}) {
		if (!(bitsPerSecond >= MIN_BITS_PER_SECOND && bitsPerSecond <= MAX_BITS_PER_SECOND)) {
			throw new RangeError(
				`MLow is made at ${MIN_BITS_PER_SECOND} to ${MAX_BITS_PER_SECOND} bit/s, not at ${bitsPerSecond}`,
			);
		}
		this.envelope = new SpectralEnvelope(bitsPerSecond);
		this.budget = new PulseBudget(bitsPerSecond);
	}

	/** Begins a new stream: what follows is coded as by a new encoder. */
	reset(): void {
		this.highPass.reset();
		this.voiceActivity.reset();
		this.analysis.reset();
		this.envelope.reset();
		this.budget.reset();
		this.excitation.reset();
		this.signal.fill(0);
	}

	/**
	 * Never throws, whatever the samples are: what is not a number counts as 0, what is beyond full
	 * scale is clipped.
	 *
	 * @param samples 960 samples (60 ms) at 16 kHz, -1 to 1; missing ones count as 0
	 * @returns the payload of one packet: the single byte 0x90 for digital silence
	 */
	encode(samples: Float32Array): Uint8Array {
		const silent = this.readInput(samples);
		const codedAsActive = this.voiceActivity.analyse(this.wholeInput);
		this.signal.copyWithin(0, PACKET_SAMPLES, PACKET_SAMPLES + PAST_SAMPLES);
		this.highPass.filter(this.input, this.signal, PAST_SAMPLES);
		if (silent && this.hasFadedOut()) {
			// A decoder keeps its state over a silent packet: so do prediction, excitation and error here.
			this.analysis.reset();
			this.budget.reset();
			return Uint8Array.of(SILENCE);
		}
		for (let index = 0; index < INTERNAL_FRAMES; index++) this.encodeFrame(index, codedAsActive);
		return this.writer.write(this.frames).slice();
	}

	/** @returns whether all samples are zero */
	private readInput(samples: Float32Array): boolean {
		const { input, wholeInput } = this;
		let silent = true;
		for (let index = 0; index < PACKET_SAMPLES; index++) {
			const sample = samples[index] ?? 0;
			// The comparison fails for what is not a number, too.
			const value = Math.abs(sample) >= INPUT_FLOOR ? Math.min(Math.max(sample, -1), 1) : 0;
			if (value !== 0) silent = false;
			input[index] = value;
			wholeInput[index] = Math.min(Math.round(value * FULL_SCALE), FULL_SCALE - 1);
		}
		return silent;
	}

	/** Whether the samples that this packet would carry have nothing left of what was before. */
	private hasFadedOut(): boolean {
		const { signal } = this;
		const end = PAST_SAMPLES + PACKET_SAMPLES;
		for (let index = PAST_SAMPLES - LOOK_AHEAD_SAMPLES; index < end; index++) {
			if (Math.abs(signal[index]!) > SILENCE_PEAK) return false;
		}
		return true;
	}

	private encodeFrame(index: number, codedAsActive: boolean): void {
		const { analysis, envelope, budget, signal } = this;
		const frame = this.frames[index]!;
		const activity = this.voiceActivity.activity[index]! * ACTIVITY_SCALE;
		frame.voiced = analysis.analyse(signal, PAST_SAMPLES, index, activity, codedAsActive);
		// Within a packet, symbols are predicted from an internal frame of the same kind.
		const sameKind = index > 0 && this.frames[index - 1]!.voiced === frame.voiced;
		const codedStart = PAST_SAMPLES + index * INTERNAL_FRAME_SAMPLES - LOOK_AHEAD_SAMPLES;
		const { coefficients } = analysis.prediction;
		envelope.quantise(signal, codedStart, coefficients, sameKind, frame);
		budget.weigh(envelope.energies, frame.voiced, analysis.strength, activity);
		this.describeKind(frame);
		this.excitation.code(
			envelope,
			analysis.perception,
			budget.importance,
			budget.maxPulses(activity, codedAsActive),
			sameKind,
			frame,
		);
	}

	/** Lags of a voiced frame; energies, which steer the decoder's noise, of an unvoiced one. */
	private describeKind(frame: InternalFrame): void {
		if (frame.voiced) {
			frame.contour = this.analysis.pitch.contour;
			frame.lagIndices.set(this.analysis.pitch.lagIndices);
			return;
		}
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			this.meanSquares[subframe] = this.envelope.energies[subframe]! / SUBFRAME_SAMPLES;
		}
		this.energyQuantiser.quantise(this.meanSquares, frame);
	}
}
