/** Fixed part of the header (RFC 3550 section 5.1). */
export const FIXED_HEADER_BYTES = 12;
/** With an extension of one word: no header that we write is longer. */
export const MAX_HEADER_BYTES = 20;

/** The sound of a call, whatever its codec (protocol page 05, section 1). */
export const AUDIO_PAYLOAD_TYPE = 120;
/** MLow with the frame before (RED); receive only. */
export const MLOW_RED_PAYLOAD_TYPE = 121;
/** Opus, with a clock of 48 kHz; receive only. */
export const OPUS_48_PAYLOAD_TYPE = 111;

const VERSION_2 = 0x80;
const VERSION_MASK = 0xc0;
const PADDING_FLAG = 0x20;
const EXTENSION_FLAG = 0x10;
const SOURCE_COUNT_MASK = 0x0f;
const MARKER_FLAG = 0x80;
const WORD_BYTES = 4;
const EXTENSION_PROFILE = 0xdebe;
const COMFORT_NOISE_WORD = 0x30010000;

export interface RtpHeader {
	/** 0 to 127. */
	payloadType: number;
	marker: boolean;
	/** 16 bits. */
	sequence: number;
	/** 32 bits; samples at 16 kHz. */
	timestamp: number;
	ssrc: number;
}

export interface OutgoingRtpHeader extends RtpHeader {
	/** The packet is silence: its header says so in an extension word. */
	comfortNoise: boolean;
}

export interface ParsedRtpHeader extends RtpHeader {
	/** Where the payload begins. */
	headerBytes: number;
	/** The payload ends with padding. */
	padded: boolean;
}

/**
 * Writes a header with WhatsApp's extension (protocol page 05, section 1).
 *
 * @param packet with room for MAX_HEADER_BYTES
 * @returns bytes written
 */
export function writeRtpHeader(packet: Buffer, header: OutgoingRtpHeader): number {
	packet.writeUInt8(VERSION_2 | EXTENSION_FLAG, 0);
	packet.writeUInt8((header.marker ? MARKER_FLAG : 0) | header.payloadType, 1);
	packet.writeUInt16BE(header.sequence, 2);
	packet.writeUInt32BE(header.timestamp, 4);
	packet.writeUInt32BE(header.ssrc, 8);
	packet.writeUInt16BE(EXTENSION_PROFILE, FIXED_HEADER_BYTES);
	packet.writeUInt16BE(header.comfortNoise ? 1 : 0, FIXED_HEADER_BYTES + 2);
	if (!header.comfortNoise) {
		return FIXED_HEADER_BYTES + WORD_BYTES;
	}
	packet.writeUInt32BE(COMFORT_NOISE_WORD, FIXED_HEADER_BYTES + WORD_BYTES);
	return MAX_HEADER_BYTES;
}

/** @returns undefined when the bytes are not RTP, or end before their header does; never throws */
export function parseRtpHeader(packet: Buffer): ParsedRtpHeader | undefined {
	if (packet.length < FIXED_HEADER_BYTES) {
		return undefined;
	}
	const flags = packet.readUInt8(0);
	if ((flags & VERSION_MASK) !== VERSION_2) {
		return undefined;
	}
	const extensionAt = FIXED_HEADER_BYTES + WORD_BYTES * (flags & SOURCE_COUNT_MASK);
	const headerBytes =
		(flags & EXTENSION_FLAG) === 0 ? extensionAt : endOfExtension(packet, extensionAt);
	if (headerBytes === undefined || headerBytes > packet.length) {
		return undefined;
	}
	const kind = packet.readUInt8(1);
	return {
		payloadType: kind & ~MARKER_FLAG,
		marker: (kind & MARKER_FLAG) !== 0,
		sequence: packet.readUInt16BE(2),
		timestamp: packet.readUInt32BE(4),
		ssrc: packet.readUInt32BE(8),
		headerBytes,
		padded: (flags & PADDING_FLAG) !== 0,
	};
}

/** The last byte counts the padding, itself included; nothing is left when it counts too many. */
export function withoutPadding(payload: Buffer): Buffer {
	const paddingBytes = payload.at(-1) ?? 0;
	return payload.subarray(0, Math.max(0, payload.length - paddingBytes));
}

function endOfExtension(packet: Buffer, at: number): number | undefined {
	return at + WORD_BYTES > packet.length
		? undefined
		: at + WORD_BYTES + WORD_BYTES * packet.readUInt16BE(at + 2);
}
