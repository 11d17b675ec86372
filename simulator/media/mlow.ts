import { MlowDecoder, MlowEncoder } from '../../engine/audio/mlow';

/** The highest bits of the first byte of a frame of 60 ms: speech, background noise, hangover (page 05). */
const FIRST_BYTES: readonly (number | undefined)[] = [0x50, 0x10, 0x12];
const FULL_SCALE = 32_768;
/** A length in a header is one byte. */
const MOST_COPY_BYTES = 255;
const COPY_FLAG = 0x80;
const COPY_HEADER_BYTES = 2;

/** 960 samples at 16 kHz to a packet. */
type EncodeMlow = (pcm: ArrayLike<number>) => Buffer;
/** A packet, or null for a lost one, to samples. */
type DecodeMlow = (payload: Uint8Array | null) => Int16Array;

/** The engine's own codec: the one thing that simulator and engine share, see docs/decisions.md. */
export function makeMlowEncoder(): EncodeMlow {
	const encoder = new MlowEncoder();
	return (pcm) =>
		Buffer.from(encoder.encode(Float32Array.from(pcm, (sample) => sample / FULL_SCALE)));
}

/** The same codec, the other way. */
export function makeMlowDecoder(): DecodeMlow {
	const decoder = new MlowDecoder();
	return (payload) =>
		Int16Array.from(payload === null ? decoder.conceal() : decoder.decode(payload), (sample) =>
			Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sample * FULL_SCALE))),
		);
}

/** Whether a payload begins as MLow of calls does, silence aside. */
export function looksLikeMlow(payload: Buffer): boolean {
	return FIRST_BYTES.includes(payload[0]);
}

/**
 * Puts a frame and copies of those before it into one payload (MLow chapter 12).
 * @param before oldest first; what is too long for a header is left out
 */
export function withCopies(main: Buffer, before: readonly Buffer[]): Buffer {
	const copies = before
		.map((frame, index) => ({ frame, back: before.length - index }))
		.filter(({ frame }) => frame.length > 0 && frame.length <= MOST_COPY_BYTES);
	const headers = Buffer.alloc(copies.length * COPY_HEADER_BYTES + 1);
	copies.forEach(({ frame, back }, index) => {
		headers.writeUInt8(COPY_FLAG | back, index * COPY_HEADER_BYTES);
		headers.writeUInt8(frame.length, index * COPY_HEADER_BYTES + 1);
	});
	return Buffer.concat([headers, ...copies.map(({ frame }) => frame), main]);
}
