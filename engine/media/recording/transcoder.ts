import type { OpusEncoder } from '../../audio/codec/opusHandles';
import type { OpusLibrary } from '../../audio/codec/opusLibrary';
import { MAX_FRAME_BYTES, repacketise } from '../../audio/codec/opusPacket';
import { FRAME_SAMPLES, SAMPLE_RATE_HZ, type FrameDecoder } from '../../audio/types';

/** As phones encode calls (protocol page 05, section 3); DTX is off, so that pauses keep their sound. */
const BIT_RATE = 24_000;
const COMPLEXITY = 5;
/** The frames that SILK has, in samples at 16 kHz, longest first. */
const SILK_FRAME_SAMPLES = [960, 640, 320, 160];
/** RFC 6716 section 3.4, rule R5. */
const MAX_PACKET_SAMPLES = 1920;

/** Turns packets of a codec that no player knows into Opus packets of the same length. */
export class Transcoder {
	private decoder: FrameDecoder | undefined;
	private encoder: OpusEncoder | undefined;
	private frameSamples = 0;
	private lastSamples = FRAME_SAMPLES;

	constructor(
		private readonly library: OpusLibrary,
		private readonly createDecoder: () => FrameDecoder,
	) {}

	/** What the last packet held, in samples at 16 kHz. */
	get packetSamples(): number {
		return this.lastSamples;
	}

	/**
	 * @param payload null for a lost one, which the decoder makes up
	 * @returns undefined when what was decoded is not 10 to 120 ms in whole frames, or the memory of
	 * a codec is used up: the call is worth more than its recording
	 */
	toOpus(payload: Uint8Array | null): Uint8Array | undefined {
		try {
			this.decoder ??= this.createDecoder();
			return this.encode(this.decoder.decode(payload));
		} catch {
			return undefined;
		}
	}

	close(): void {
		this.encoder?.close();
		this.decoder?.close();
	}

	private encode(pcm: Int16Array): Uint8Array | undefined {
		const frameSamples = SILK_FRAME_SAMPLES.find((samples) => pcm.length % samples === 0);
		if (frameSamples === undefined || pcm.length === 0 || pcm.length > MAX_PACKET_SAMPLES) {
			return undefined;
		}
		this.lastSamples = pcm.length;
		const encoder = this.encoderFor(frameSamples);
		const packets = Array.from({ length: pcm.length / frameSamples }, (_, index) =>
			encoder.encode(pcm.subarray(index * frameSamples, (index + 1) * frameSamples)),
		);
		return packets.length === 1 ? packets[0] : repacketise(packets);
	}

	private encoderFor(frameSamples: number): OpusEncoder {
		if (this.encoder !== undefined && this.frameSamples === frameSamples) {
			return this.encoder;
		}
		this.encoder?.close();
		this.encoder = this.library.createEncoder({
			application: 'voip',
			sampleRateHz: SAMPLE_RATE_HZ,
			samplesPerPacket: frameSamples,
			bitRate: BIT_RATE,
			complexity: COMPLEXITY,
			dtx: false,
			maxPacketBytes: MAX_FRAME_BYTES,
		});
		this.frameSamples = frameSamples;
		return this.encoder;
	}
}
