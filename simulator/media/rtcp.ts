import { randomBytes } from 'node:crypto';

/** Seconds between 1900, where NTP begins, and 1970. */
const NTP_EPOCH = 2_208_988_800;
const SENDER_REPORT = 200;
const DESCRIPTION = 202;
const DESCRIPTION_BYTES = 32;
const CNAME = /^[0-9a-f]{5}@pj[0-9a-f]{6}\.org$/;
/** Bytes that follow each report block on this network (page 05 section 5). */
const BLOCK_EXTENSION_BYTES = 24;

/** What a sender says about itself. */
export interface SenderFacts {
	ssrc: number;
	/** Unix time in milliseconds. */
	nowMs: number;
	/** Of the packet sent last. */
	rtpTimestamp: number;
	packets: number;
	/** Of payload, without headers and tags. */
	octets: number;
}

/** What a receiver says about a stream; numbers as RFC 3550, section 6.4.1. */
export interface ReportBlock {
	ssrc: number;
	lost: number;
	highestIndex: number;
	jitter: number;
}

/** A name as page 05 section 5 has it: fixed for a call. */
export function makeCname(): string {
	const random = randomBytes(6).toString('hex');
	return `${random.slice(0, 5)}@pj${random.slice(5, 11)}.org`;
}

export function sourceDescription(ssrc: number, cname: string): Buffer {
	const packet = Buffer.alloc(DESCRIPTION_BYTES);
	packet.writeUInt32BE(0x81ca0007, 0);
	packet.writeUInt32BE(ssrc, 4);
	packet.writeUInt16BE(0x0112, 8);
	packet.write(cname, 10, 'ascii');
	return packet;
}

export function senderReport(facts: SenderFacts, block?: ReportBlock): Buffer {
	const packet = Buffer.alloc(block ? 76 : 28);
	packet.writeUInt8(block ? 0x81 : 0x80, 0);
	packet.writeUInt8(SENDER_REPORT, 1);
	packet.writeUInt16BE(packet.length / 4 - 1, 2);
	packet.writeUInt32BE(facts.ssrc, 4);
	packet.writeUInt32BE(Math.floor(facts.nowMs / 1000) + NTP_EPOCH, 8);
	packet.writeUInt32BE(Math.floor(((facts.nowMs % 1000) / 1000) * 2 ** 32), 12);
	packet.writeUInt32BE(facts.rtpTimestamp, 16);
	packet.writeUInt32BE(facts.packets, 20);
	packet.writeUInt32BE(facts.octets, 24);
	if (block) {
		packet.writeUInt32BE(block.ssrc, 28);
		packet.writeUIntBE(block.lost, 33, 3);
		packet.writeUInt32BE(block.highestIndex, 36);
		packet.writeUInt32BE(block.jitter, 40);
	}
	return packet;
}

/**
 * Looks at a decrypted report of a caller.
 * @returns what is wrong with it, undefined when nothing is
 */
export function findReportFault(report: Buffer, ssrc: number, packets: number): string | undefined {
	const types: number[] = [];
	for (let at = 0; at < report.length; ) {
		if (report.length < at + 8) return 'it ends in the middle of a packet';
		const end = at + 4 * (report.readUInt16BE(at + 2) + 1);
		if (end > report.length) return 'a packet of it is shorter than it says';
		const part = report.subarray(at, end);
		if (part.readUInt8(0) >> 6 !== 2) return 'its version is not 2';
		if (part.readUInt32BE(4) !== ssrc) return 'it is of another SSRC than the audio';
		const type = part.readUInt8(1);
		types.push(type);
		const fault = type === SENDER_REPORT ? findSenderFault(part, packets) : undefined;
		if (fault !== undefined) return fault;
		if (type === DESCRIPTION && !isDescription(part))
			return 'its description is not as it should be';
		at = end;
	}
	const order = types.join(' ');
	return order === '202' || order === '200 202' ? undefined : `it consists of ${order}`;
}

function findSenderFault(part: Buffer, heard: number): string | undefined {
	const blocks = part.readUInt8(0) & 0x1f;
	if (part.readUInt8(0) & 0x20) return 'its sender report is padded';
	if (part.length !== 28 + blocks * (24 + BLOCK_EXTENSION_BYTES)) {
		return 'its sender report has not the length of its blocks';
	}
	return part.readUInt32BE(20) < heard ? 'it counts fewer packets than have come' : undefined;
}

function isDescription(part: Buffer): boolean {
	return (
		part.length === DESCRIPTION_BYTES &&
		part.readUInt32BE(0) === 0x81ca0007 &&
		part.readUInt16BE(8) === 0x0112 &&
		CNAME.test(part.toString('latin1', 10, 28)) &&
		part.readUInt32BE(28) === 0
	);
}
