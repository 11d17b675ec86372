import type { CallCodecName, MediaRecording } from './messages';

/** A packet of the recipient that authenticated and is no repetition. */
export interface RecordedPacket {
	/** Extended beyond 16 bits: never wraps. Packets may come out of order. */
	sequence: number;
	/** Samples at 16 kHz, extended beyond 32 bits: never wraps. */
	timestamp: number;
	/** Plain; the bytes are the receiver's. */
	payload: Uint8Array;
	codec: CallCodecName;
	/** On the clock of the media, in milliseconds. */
	arrivedAtMs: number;
}

/** Keeps what the recipient says. */
export interface AudioRecorder {
	push(packet: RecordedPacket): void;
	/**
	 * Ends the recording; undefined when there is nothing in it, or it is lost. To be called once in
	 * any case; never rejects.
	 */
	finish(): Promise<MediaRecording | undefined>;
}

/** @param codec what the recipient is expected to send, as negotiated */
export type CreateRecorder = (options: {
	codec: CallCodecName;
	/** Sound beyond it is not kept, in milliseconds. */
	atMostMs: number;
}) => AudioRecorder;
