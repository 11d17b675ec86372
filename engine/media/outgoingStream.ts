import { FRAME_SAMPLES, type EncodedFrame } from '../audio/types';
import type { SessionKeys } from './keys';
import type { CallCodecName } from './messages';
import { AUDIO_PAYLOAD_TYPE } from './rtp';
import { SEQUENCE_RANGE, SrtpSender } from './srtp';

export interface OutgoingStreamOptions {
	codec: CallCodecName;
	keys: SessionKeys;
	/** 1 to 20. */
	tagBytes: number;
	ssrc: number;
	/** Below 32,768, so that an early loss is no wrap to the receiver. */
	firstSequence: number;
}

/** Our RTP stream: from a call's first frame to its last, whatever becomes of its relays. */
export class OutgoingStream {
	/** Of RTP packets. */
	packets = 0;
	/** Of their payloads, in bytes. */
	octets = 0;
	/** Of the last packet: 32 bits, samples at 16 kHz. */
	timestamp = 0;
	/** Of the frames to come; may change between two of them. */
	codec: CallCodecName;
	private sequence: number;
	private nextTimestamp = 0;
	private afterComfortNoise = false;
	private readonly sender: SrtpSender;

	/** @throws RangeError when `tagBytes` is out of range */
	constructor(private readonly options: OutgoingStreamOptions) {
		this.codec = options.codec;
		this.sequence = options.firstSequence;
		this.sender = new SrtpSender(options.keys, options.tagBytes);
	}

	/** @returns the packet, in a buffer that the next call uses again */
	protect({ payload, comfortNoise }: EncodedFrame): Buffer {
		const packet = this.sender.protect(
			{
				payloadType: AUDIO_PAYLOAD_TYPE,
				// Protocol page 05, section 1: native Opus never has one.
				marker: this.codec !== 'opus' && this.afterComfortNoise && !comfortNoise,
				sequence: this.sequence,
				timestamp: this.nextTimestamp,
				ssrc: this.options.ssrc,
				comfortNoise,
			},
			payload,
		);
		this.packets += 1;
		this.octets += payload.length;
		this.timestamp = this.nextTimestamp;
		this.afterComfortNoise = comfortNoise;
		this.sequence = (this.sequence + 1) % SEQUENCE_RANGE;
		this.skip(1);
		return packet;
	}

	/** Time passed without packets. */
	skip(frames: number): void {
		this.nextTimestamp = (this.nextTimestamp + frames * FRAME_SAMPLES) % 2 ** 32;
	}
}
