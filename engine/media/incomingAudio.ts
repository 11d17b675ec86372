import { unwrapRedundancy } from '../audio/mlow';
import { AudioTimeline } from './audioTimeline';
import { InboundCodec } from './inboundCodec';
import type { CallCodecName, MediaRecording } from './messages';
import { ReceptionStats } from './receptionStats';
import type { AudioRecorder, RecordedPacket } from './recorder';
import { MLOW_RED_PAYLOAD_TYPE, OPUS_48_PAYLOAD_TYPE } from './rtp';
import type { Unprotected } from './srtp';

/** Of the timestamp of Opus with a 48 kHz clock. */
const TICKS_PER_SAMPLE_48 = 3;
/** So many packets wait at most until their codec is known: six seconds. */
const MAX_UNDECIDED = 100;

/** What the recipient says, once it has answered: packets that are authentic and new. */
export class IncomingAudio {
	private readonly codecs: InboundCodec;
	private readonly timeline = new AudioTimeline();
	/** Packets that may yet turn out to be of another codec. */
	private undecided: RecordedPacket[] = [];
	private stream: ReceptionStats | undefined;

	/**
	 * @param mlowNegotiated whether the recipient may answer in MLow
	 */
	constructor(
		mlowNegotiated: boolean,
		private readonly recorder?: AudioRecorder,
	) {
		this.codecs = new InboundCodec(mlowNegotiated);
	}

	/** What the packets were; undefined when none came. */
	get codec(): CallCodecName | undefined {
		return this.codecs.codec;
	}

	/** Loss and jitter of the stream that counts; undefined before its first packet. */
	get stats(): ReceptionStats | undefined {
		return this.stream;
	}

	expectMlow(mlow: boolean): void {
		this.codecs.expectMlow(mlow);
	}

	/** @returns whether it was sound, and not video or data */
	add({ header, index, payload }: Unprotected, nowMs: number): boolean {
		const { payloadType, ssrc, timestamp } = header;
		const codec = this.codecs.add(payloadType, payload);
		if (codec === undefined) {
			return false;
		}
		const ticksPerSample = payloadType === OPUS_48_PAYLOAD_TYPE ? TICKS_PER_SAMPLE_48 : 1;
		const position = this.timeline.place(ssrc, index, timestamp, ticksPerSample, nowMs);
		if (position === undefined) {
			return true;
		}
		if (this.stream?.ssrc !== ssrc) {
			this.stream = new ReceptionStats(ssrc);
		}
		this.stream.add(index, timestamp, nowMs);
		const frame = payloadType === MLOW_RED_PAYLOAD_TYPE ? mainFrame(payload) : payload;
		if (this.recorder !== undefined && frame.length > 0) {
			this.record({ ...position, payload: frame, codec, arrivedAtMs: nowMs });
		}
		return true;
	}

	/** To be called once; the recording, when there is one. */
	async finish(): Promise<MediaRecording | undefined> {
		this.release();
		return await this.recorder?.finish();
	}

	private record(packet: RecordedPacket): void {
		if (this.codecs.decided || this.undecided.length >= MAX_UNDECIDED) {
			this.release();
			this.push(packet);
		} else {
			this.undecided.push(packet);
		}
	}

	private release(): void {
		const { unexpected } = this.codecs;
		for (const packet of this.undecided) {
			this.push(unexpected === undefined ? packet : { ...packet, codec: unexpected });
		}
		this.undecided = [];
	}

	private push(packet: RecordedPacket): void {
		try {
			this.recorder?.push(packet);
		} catch {
			// A recording is not worth the call.
		}
	}
}

/**
 * Of a packet with redundancy (MLow chapter 12), the frame that it is about; empty when it is none.
 * The copies of earlier frames are left out: nothing says how far back they belong.
 */
function mainFrame(payload: Uint8Array): Uint8Array {
	return unwrapRedundancy(payload)?.main ?? new Uint8Array();
}
