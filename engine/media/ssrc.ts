import { hkdfSync } from 'node:crypto';

/** The stream in which a participant's sound travels. */
export const AUDIO_SLOT = 0;
/** The streams that a relay is told of, in its order (protocol page 04, section 5, Allocate). */
const STREAM_SLOTS = [0, 1, 4, 2, 3, 5, 7, 8, 6] as const;

/**
 * Which SSRC a participant uses for a stream (protocol page 03, "SSRC").
 *
 * @returns the number that is written big-endian into RTP
 */
export function deriveSsrc(callId: string, participantId: string, slot: number): number {
	const salt = Buffer.alloc(4);
	salt.writeUInt32LE(slot);
	return Buffer.from(hkdfSync('sha256', callId, salt, participantId, 4)).readUInt32LE();
}

/** The nine SSRCs of a participant, as a relay wants to know them. */
export function deriveStreamSsrcs(callId: string, participantId: string): number[] {
	return STREAM_SLOTS.map((slot) => deriveSsrc(callId, participantId, slot));
}
