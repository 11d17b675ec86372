import {
	INTERNAL_FRAMES,
	INTERNAL_FRAME_SAMPLES,
	LAG_BLOCKS,
	PACKET_SAMPLES,
	SUBFRAMES,
	emptyInternalFrame,
} from '../frameParameters';
import { PacketReader } from '../readPacket';
import { Concealment } from './concealment';
import { FrameSynthesis } from './frameSynthesis';
import { HarmonicPostFilter, PACKET_BLOCKS, SIGNAL_HISTORY } from './harmonicPostFilter';
import { PitchHighPass, representativeLag } from './pitchHighPass';

/**
 * Decodes MLow packets of 60 ms to 960 samples at 16 kHz mono, -1 to 1, 48 samples late (MLow chapter
 * 11). Any bytes can be decoded: what is no MLow packet of this kind gives silence and is counted.
 *
 * Every array that is returned is the same one: it is overwritten by the next call.
 */
export class MlowDecoder {
	private readonly reader = new PacketReader();
	private readonly frames = Array.from({ length: INTERNAL_FRAMES }, emptyInternalFrame);
	private readonly synthesis = new FrameSynthesis();
	private readonly highPass = new PitchHighPass();
	private readonly postFilter = new HarmonicPostFilter();
	private readonly concealment = new Concealment();
	private readonly signal = new Float64Array(SIGNAL_HISTORY + PACKET_SAMPLES);
	private readonly lags = new Float64Array(PACKET_BLOCKS);
	private readonly output = new Float32Array(PACKET_SAMPLES);
	private damaged = 0;

	/**
	 * Payloads so far that were empty, cut, of another duration, rate or codec, or no packet at all; since
	 * the last `reset()`.
	 */
	get malformedFrames(): number {
		return this.damaged;
	}

	/** Begins a new stream. */
	reset(): void {
		this.synthesis.reset();
		this.highPass.reset();
		this.postFilter.reset();
		this.concealment.reset();
		this.signal.fill(0);
		this.lags.fill(0);
		this.damaged = 0;
	}

	/**
	 * Decodes one packet; never throws.
	 *
	 * @param payload of RTP, without redundancy: see `unwrapRedundancy`
	 * @returns 960 samples, all 0 for a silence descriptor and for what cannot be decoded; valid until
	 *   the next call
	 */
	decode(payload: Uint8Array): Float32Array {
		const content = this.reader.read(payload, this.frames);
		if (content === 'speech' || content === 'background') return this.decodeFrames();
		if (content !== 'silence') this.damaged++;
		return this.silence();
	}

	/**
	 * Fills the place of a lost packet: the last sound goes on and fades, after 180 ms there is silence.
	 *
	 * @returns 960 samples; valid until the next call
	 */
	conceal(): Float32Array {
		const energyBefore = this.shift();
		this.concealment.fill(this.signal, this.lags[PACKET_BLOCKS - 1]!, energyBefore);
		this.synthesis.skip(INTERNAL_FRAMES * SUBFRAMES);
		this.lags.fill(0);
		return this.finish(this.synthesis.bitrate);
	}

	private decodeFrames(): Float32Array {
		const { lags, signal } = this;
		this.shift();
		let bitrate = 0;
		for (let index = 0; index < INTERNAL_FRAMES; index++) {
			const start = SIGNAL_HISTORY + index * INTERNAL_FRAME_SAMPLES;
			const firstBlock = index * LAG_BLOCKS;
			this.synthesis.decode(this.frames[index]!, signal, start, lags, firstBlock);
			this.highPass.process(signal, start, representativeLag(lags, firstBlock));
			bitrate += this.synthesis.bitrate / INTERNAL_FRAMES;
		}
		this.concealment.resume(signal);
		return this.finish(bitrate);
	}

	private silence(): Float32Array {
		this.concealment.silence(this.signal);
		this.postFilter.reset();
		return this.output.fill(0);
	}

	private finish(bitrate: number): Float32Array {
		const { output } = this;
		this.postFilter.process(this.signal, this.lags, bitrate, output);
		for (let n = 0; n < PACKET_SAMPLES; n++) {
			const sample = output[n]!;
			if (sample > 1) output[n] = 1;
			else if (sample < -1) output[n] = -1;
		}
		return output;
	}

	/** Makes the last packet the past; returns its sum of squares. */
	private shift(): number {
		const { signal } = this;
		let energy = 0;
		for (let n = SIGNAL_HISTORY; n < signal.length; n++) energy += signal[n]! * signal[n]!;
		signal.copyWithin(0, PACKET_SAMPLES);
		return energy;
	}
}
