const FIXED_BYTES = 12;
const WORD = 4;

/** An RTP header as it was read (RFC 3550, section 5.1). */
export interface RtpHeader {
	version: number;
	padding: boolean;
	/** Number of contributing sources. */
	sources: number;
	marker: boolean;
	payloadType: number;
	sequence: number;
	timestamp: number;
	ssrc: number;
	/** The header extension; undefined when X is 0. */
	extension?: { profile: number; words: Buffer };
	/** Length of all of it, the extension included. */
	bytes: number;
}

/** Reads the header of a packet; undefined when it is shorter than it says. */
export function readRtp(packet: Buffer): RtpHeader | undefined {
	if (packet.length < FIXED_BYTES) return undefined;
	const first = packet.readUInt8(0);
	const second = packet.readUInt8(1);
	const sources = first & 0x0f;
	let bytes = FIXED_BYTES + WORD * sources;
	let extension: RtpHeader['extension'];
	if (first & 0x10) {
		if (packet.length < bytes + WORD) return undefined;
		const end = bytes + WORD + WORD * packet.readUInt16BE(bytes + 2);
		extension = {
			profile: packet.readUInt16BE(bytes),
			words: packet.subarray(bytes + WORD, end),
		};
		bytes = end;
	}
	if (packet.length < bytes) return undefined;
	return {
		version: first >> 6,
		padding: (first & 0x20) !== 0,
		sources,
		marker: (second & 0x80) !== 0,
		payloadType: second & 0x7f,
		sequence: packet.readUInt16BE(2),
		timestamp: packet.readUInt32BE(4),
		ssrc: packet.readUInt32BE(8),
		...(extension && { extension }),
		bytes,
	};
}

/** A header as page 05 section 1 wants it: always with the extension 0xdebe. */
export function writeRtp(header: {
	marker?: boolean;
	payloadType: number;
	sequence: number;
	timestamp: number;
	ssrc: number;
	/** The words of the extension; none for speech. */
	words?: Buffer;
}): Buffer {
	const { words = Buffer.alloc(0) } = header;
	const fixed = Buffer.alloc(FIXED_BYTES + WORD);
	fixed.writeUInt8(0x90, 0);
	fixed.writeUInt8((header.marker ? 0x80 : 0) | header.payloadType, 1);
	fixed.writeUInt16BE(header.sequence & 0xffff, 2);
	fixed.writeUInt32BE(header.timestamp >>> 0, 4);
	fixed.writeUInt32BE(header.ssrc, 8);
	fixed.writeUInt16BE(0xdebe, 12);
	fixed.writeUInt16BE(words.length / WORD, 14);
	return Buffer.concat([fixed, words]);
}
