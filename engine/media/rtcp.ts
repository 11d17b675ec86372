const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const VERSION_2 = 0x80;
const VERSION_MASK = 0xc0;
const WORD_BYTES = 4;
const HEADER_BYTES = 4;
const SENDER_REPORT_BYTES = 28;
/** RFC 3550's report block, and as many zeros behind it (protocol page 05, section 5). */
const BLOCK_BYTES = 24;
const BLOCK_EXTENSION_BYTES = 24;
const SDES_BYTES = 32;
const CNAME_ITEM = 1;
const CNAME_BYTES = 18;
/** Seconds from 1900, the epoch of NTP, to 1970. */
const NTP_EPOCH_S = 2_208_988_800;
const MAX_U32 = 0xffffffff;
const MAX_I24 = 0x7fffff;

/** What we tell about our own stream. */
export interface SenderReport {
	ssrc: number;
	/** Milliseconds since 1970. */
	wallClockMs: number;
	/** Of the last packet sent. */
	rtpTimestamp: number;
	/** Since the beginning. */
	packets: number;
	/** Of payloads, without headers and tags. */
	octets: number;
}

/** What we tell about the recipient's stream (RFC 3550 section 6.4.1). */
export interface ReceptionReport {
	ssrc: number;
	/** Since the last report, in 1/256. */
	fractionLost: number;
	/** Since the beginning; below 0 when packets came twice. */
	cumulativeLost: number;
	/** Extended: with the number of wraps in the upper half. */
	highestSequence: number;
	/** Samples at 16 kHz. */
	jitter: number;
	/** Middle 32 bits of the NTP time of the last report that came; 0 for none. */
	lastSenderReport: number;
	/** Since that report, in 1/65536 s. */
	delaySinceSenderReport: number;
}

/** What is of use in a report of the recipient. */
export interface ReceivedSenderReport {
	ssrc: number;
	/** Middle 32 bits of its NTP time. */
	ntpMiddle: number;
}

/** @param reception present once RTP has come */
export function buildSenderReport(report: SenderReport, reception?: ReceptionReport): Buffer {
	const blockBytes = reception === undefined ? 0 : BLOCK_BYTES + BLOCK_EXTENSION_BYTES;
	const blockCount = reception === undefined ? 0 : 1;
	const packet = header(SENDER_REPORT, blockCount, SENDER_REPORT_BYTES + blockBytes);
	const seconds = Math.floor(report.wallClockMs / 1000);
	const fraction = Math.floor((report.wallClockMs / 1000 - seconds) * 2 ** 32);
	packet.writeUInt32BE(report.ssrc, 4);
	packet.writeUInt32BE((seconds + NTP_EPOCH_S) % 2 ** 32, 8);
	packet.writeUInt32BE(fraction, 12);
	packet.writeUInt32BE(report.rtpTimestamp, 16);
	packet.writeUInt32BE(report.packets % 2 ** 32, 20);
	packet.writeUInt32BE(report.octets % 2 ** 32, 24);
	if (reception !== undefined) {
		writeBlock(packet.subarray(SENDER_REPORT_BYTES), reception);
	}
	return packet;
}

/** @param cname of 18 ASCII characters, see createCname() */
export function buildSdes(ssrc: number, cname: string): Buffer {
	const packet = header(SOURCE_DESCRIPTION, 1, SDES_BYTES);
	packet.writeUInt32BE(ssrc, 4);
	packet.writeUInt8(CNAME_ITEM, 8);
	packet.writeUInt8(CNAME_BYTES, 9);
	packet.write(cname, 10, CNAME_BYTES, 'latin1');
	return packet;
}

/**
 * The name of a call's streams (protocol page 05, section 5).
 *
 * @param entropy 12 random bytes, of which the second half is used
 */
export function createCname(entropy: Uint8Array): string {
	const digits = Buffer.from(entropy).toString('hex').slice(12);
	return `${digits.slice(0, 5)}@pj${digits.slice(5, 11)}.org`;
}

/** The first sender report of a compound; undefined when there is none. Never throws. */
export function findSenderReport(compound: Buffer): ReceivedSenderReport | undefined {
	let at = 0;
	while (at + HEADER_BYTES <= compound.length) {
		const end = at + HEADER_BYTES + WORD_BYTES * compound.readUInt16BE(at + 2);
		if ((compound.readUInt8(at) & VERSION_MASK) !== VERSION_2 || end > compound.length) {
			return undefined;
		}
		if (compound.readUInt8(at + 1) === SENDER_REPORT && end - at >= SENDER_REPORT_BYTES) {
			return { ssrc: compound.readUInt32BE(at + 4), ntpMiddle: compound.readUInt32BE(at + 10) };
		}
		at = end;
	}
	return undefined;
}

function header(type: number, count: number, bytes: number): Buffer {
	const packet = Buffer.alloc(bytes);
	packet.writeUInt8(VERSION_2 | count, 0);
	packet.writeUInt8(type, 1);
	packet.writeUInt16BE(bytes / WORD_BYTES - 1, 2);
	return packet;
}

function writeBlock(block: Buffer, report: ReceptionReport): void {
	const lost = Math.max(-MAX_I24 - 1, Math.min(MAX_I24, report.cumulativeLost));
	block.writeUInt32BE(report.ssrc, 0);
	block.writeUInt8(report.fractionLost, 4);
	block.writeIntBE(lost, 5, 3);
	block.writeUInt32BE(report.highestSequence % 2 ** 32, 8);
	block.writeUInt32BE(Math.min(MAX_U32, report.jitter), 12);
	block.writeUInt32BE(report.lastSenderReport, 16);
	block.writeUInt32BE(Math.min(MAX_U32, report.delaySinceSenderReport), 20);
}
