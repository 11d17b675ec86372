import { CallError } from '../../../common/errors';

/** One packet of an Ogg stream. */
export interface OggPacket {
	/** A view into the bytes that were read, or a copy when the packet crossed a page border. */
	packet: Uint8Array;
	/**
	 * The page's granule position for the last packet that ends on a page, -1n for the others; its
	 * unit is the codec's (Opus: samples at 48 kHz, RFC 7845 section 4).
	 */
	granulePosition: bigint;
	/** The last packet of its stream, where the file says so. */
	endOfStream: boolean;
	/** Of the stream: changes where files were chained (RFC 3533 section 4). */
	serial: number;
}

export interface ReadOggOptions {
	/** What to do about damaged and incomplete pages: leave them out (default) or throw. */
	damage?: 'refuse' | 'skip';
}

/** RFC 3533 section 6. */
const CAPTURE_PATTERN = Buffer.from('OggS', 'latin1');
const HEADER_BYTES = 27;
const MAX_SEGMENTS = 255;
const MAX_SEGMENT_BYTES = 255;
const CONTINUED = 1;
const BEGIN_OF_STREAM = 2;
const END_OF_STREAM = 4;
const CRC_OFFSET = 22;
const CRC_BYTES = 4;
const NO_PACKET_ENDS = -1n;

/** Longer packets are not audio. */
const MAX_PACKET_BYTES = 1024 * 1024;
/** Bounds the work on bytes made to look like page headers: at most 65 kB are checked for each. */
const MAX_DAMAGED_PAGES = 1000;

const CRC_TABLE = makeCrcTable();

interface OggPage {
	flags: number;
	granulePosition: bigint;
	serial: number;
	sequence: number;
	/** Sizes of the segments: a packet ends with the first that is shorter than 255. */
	lacing: Uint8Array;
	body: Uint8Array;
}

/**
 * The packets of an Ogg file (RFC 3533), one stream after another.
 *
 * Bytes between pages are passed over; so are pages with a wrong checksum and an incomplete page
 * at the end, with the packets they held a part of; where `damage` is `refuse`, they and missing
 * pages are errors.
 *
 * @throws CallError AUDIO_UNREADABLE for several streams at the same time (such as video with
 * sound), packets over 1 MiB, more damage than can be searched through, or any that is refused
 */
export function* readOggPackets(
	bytes: Uint8Array,
	{ damage = 'skip' }: ReadOggOptions = {},
): Generator<OggPacket, void> {
	let serial: number | undefined;
	let onlyHeaders = true;
	let nextSequence = 0;
	let pending: Uint8Array[] = [];
	let pendingBytes = 0;
	for (const page of readPages(bytes, damage)) {
		if (page.serial !== serial) {
			const begins = (page.flags & BEGIN_OF_STREAM) !== 0;
			if (serial !== undefined && (!begins || onlyHeaders)) {
				throw new CallError(
					'AUDIO_UNREADABLE',
					'The Ogg file holds several streams at the same time: it must hold sound only',
				);
			}
			serial = page.serial;
			onlyHeaders = true;
			nextSequence = page.sequence;
			pending = [];
			pendingBytes = 0;
		} else {
			onlyHeaders &&= (page.flags & BEGIN_OF_STREAM) !== 0;
		}
		const continued = (page.flags & CONTINUED) !== 0;
		const gap = page.sequence !== nextSequence;
		if (damage === 'refuse' && (gap || continued !== pending.length > 0)) {
			throw damaged();
		}
		if (gap || !continued) {
			pending = [];
			pendingBytes = 0;
		}
		nextSequence = (page.sequence + 1) >>> 0;
		let skipping = continued && pending.length === 0;
		const lastEnd = page.lacing.findLastIndex((size) => size < MAX_SEGMENT_BYTES);
		let start = 0;
		let position = 0;
		for (const [index, size] of page.lacing.entries()) {
			position += size;
			if (pendingBytes + position - start > MAX_PACKET_BYTES) {
				throw new CallError('AUDIO_UNREADABLE', 'The Ogg file holds a packet that is not audio');
			}
			if (size === MAX_SEGMENT_BYTES) {
				continue;
			}
			const piece = page.body.subarray(start, position);
			start = position;
			if (!skipping) {
				const last = index === lastEnd;
				yield {
					packet: pending.length === 0 ? piece : Buffer.concat([...pending, piece]),
					granulePosition: last ? page.granulePosition : NO_PACKET_ENDS,
					endOfStream: last && (page.flags & END_OF_STREAM) !== 0,
					serial,
				};
			}
			skipping = false;
			pending = [];
			pendingBytes = 0;
		}
		if (start < position && !skipping) {
			pending.push(page.body.subarray(start, position));
			pendingBytes += position - start;
		}
	}
}

function* readPages(bytes: Uint8Array, damage: 'refuse' | 'skip'): Generator<OggPage, void> {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let damagedPages = 0;
	let position = 0;
	while (position < buffer.length) {
		const found = buffer.indexOf(CAPTURE_PATTERN, position);
		if (damage === 'refuse' && found !== position) {
			throw damaged();
		}
		if (found === -1) {
			return;
		}
		const page = readPage(buffer.subarray(found));
		if (page !== undefined) {
			position = found + HEADER_BYTES + page.lacing.length + page.body.length;
			yield page;
			continue;
		}
		damagedPages++;
		if (damage === 'refuse' || damagedPages > MAX_DAMAGED_PAGES) {
			throw damaged();
		}
		position = found + CAPTURE_PATTERN.length;
	}
}

function damaged(): CallError {
	return new CallError('AUDIO_UNREADABLE', 'The Ogg file is damaged');
}

/** @returns undefined when the bytes do not begin with a whole page or its checksum is wrong */
function readPage(bytes: Buffer): OggPage | undefined {
	if (bytes.length < HEADER_BYTES || bytes[4] !== 0) {
		return undefined;
	}
	const segments = bytes.readUInt8(26);
	const lacing = bytes.subarray(HEADER_BYTES, HEADER_BYTES + segments);
	const bodyStart = HEADER_BYTES + segments;
	const bodyBytes = lacing.reduce((total, size) => total + size, 0);
	const end = bodyStart + bodyBytes;
	if (lacing.length < segments || bytes.length < end) {
		return undefined;
	}
	if (pageChecksum(bytes.subarray(0, end)) !== bytes.readUInt32LE(CRC_OFFSET)) {
		return undefined;
	}
	return {
		flags: bytes.readUInt8(5),
		granulePosition: bytes.readBigInt64LE(6),
		serial: bytes.readUInt32LE(14),
		sequence: bytes.readUInt32LE(18),
		lacing,
		body: bytes.subarray(bodyStart, end),
	};
}

/** Writes one Ogg stream (RFC 3533). Packets never cross a page border. */
export class OggWriter {
	private readonly pages: Uint8Array[] = [];
	private packets: Uint8Array[] = [];
	private lacing: number[] = [];
	private granulePosition = 0n;

	/** @param serial 0 to 2^32 - 1 */
	constructor(private readonly serial: number) {}

	/** How many packets the page in hand holds. */
	get packetsOnPage(): number {
		return this.packets.length;
	}

	/**
	 * @param packet at most 65,024 bytes
	 * @param granulePosition after this packet
	 * @throws RangeError for a longer packet
	 */
	add(packet: Uint8Array, granulePosition: bigint): void {
		const fullSegments = Math.floor(packet.length / MAX_SEGMENT_BYTES);
		if (fullSegments >= MAX_SEGMENTS) {
			throw new RangeError(`A packet of ${packet.length} bytes does not fit on a page`);
		}
		if (this.lacing.length + fullSegments + 1 > MAX_SEGMENTS) {
			this.endPage();
		}
		this.lacing.push(
			...Array.from({ length: fullSegments }, () => MAX_SEGMENT_BYTES),
			packet.length % MAX_SEGMENT_BYTES,
		);
		this.packets.push(packet);
		this.granulePosition = granulePosition;
	}

	/** Starts a new page with the next packet. */
	endPage(): void {
		if (this.packets.length > 0) {
			this.writePage(0);
		}
	}

	/**
	 * Ends the stream.
	 *
	 * @param granulePosition of the end: below that of the last packet where its end is to be cut
	 * off (RFC 7845 section 4.4)
	 * @returns the whole file
	 */
	finish(granulePosition: bigint): Uint8Array {
		this.granulePosition = granulePosition;
		this.writePage(END_OF_STREAM);
		return Buffer.concat(this.pages);
	}

	private writePage(flags: number): void {
		const header = Buffer.alloc(HEADER_BYTES);
		CAPTURE_PATTERN.copy(header);
		header.writeUInt8(flags | (this.pages.length === 0 ? BEGIN_OF_STREAM : 0), 5);
		header.writeBigInt64LE(this.granulePosition, 6);
		header.writeUInt32LE(this.serial, 14);
		header.writeUInt32LE(this.pages.length, 18);
		header.writeUInt8(this.lacing.length, 26);
		const page = Buffer.concat([header, Uint8Array.from(this.lacing), ...this.packets]);
		page.writeUInt32LE(pageChecksum(page), CRC_OFFSET);
		this.pages.push(page);
		this.packets = [];
		this.lacing = [];
	}
}

/** CRC-32 of the page with its checksum field at zero: polynomial 04C11DB7, not reflected. */
function pageChecksum(page: Uint8Array): number {
	const before = updateCrc(0, page.subarray(0, CRC_OFFSET));
	const within = updateCrc(before, new Uint8Array(CRC_BYTES));
	return updateCrc(within, page.subarray(CRC_OFFSET + CRC_BYTES)) >>> 0;
}

function updateCrc(start: number, bytes: Uint8Array): number {
	let crc = start;
	for (const byte of bytes) {
		crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0);
	}
	return crc;
}

function makeCrcTable(): Int32Array {
	return Int32Array.from({ length: 256 }, (_, byte) => {
		let crc = byte << 24;
		for (let bit = 0; bit < 8; bit++) {
			crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
		}
		return crc;
	});
}
