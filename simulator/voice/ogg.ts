const HEADER_BYTES = 27;
const CRC_OFFSET = 22;
const BEGIN = 2;
const END = 4;
const CONTINUED = 1;
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte << 24;
	for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
	return crc;
});

export interface OggFile {
	packets: Buffer[];
	/** Granule position of the last page. */
	endGranule: bigint;
}

/** Takes an Ogg file with one stream apart (RFC 3533). Throws, with the reason, what phones refuse. */
export function readOgg(file: Buffer): OggFile {
	const packets: Buffer[] = [];
	let pending: Buffer[] = [];
	let endGranule = -1n;
	let serial: number | undefined;
	let ended = false;
	let sequence = 0;
	for (let at = 0; at < file.length; sequence++) {
		const page = readPage(file, at);
		serial ??= page.serial;
		if (ended) throw new Error('there is a page behind the last one');
		if (page.serial !== serial) throw new Error('there is a second stream');
		if (page.sequence !== sequence) throw new Error(`page ${sequence} has another number`);
		if (((page.flags & BEGIN) !== 0) !== (sequence === 0)) {
			throw new Error('the mark of the beginning is not on the first page alone');
		}
		if (((page.flags & CONTINUED) !== 0) !== pending.length > 0) {
			throw new Error('the mark of a continued packet is wrong');
		}
		for (const { bytes, complete } of page.pieces) {
			pending.push(bytes);
			if (!complete) continue;
			packets.push(Buffer.concat(pending));
			pending = [];
		}
		if (page.granule < endGranule && page.granule !== -1n) {
			throw new Error('a granule position goes back');
		}
		if (page.granule !== -1n) endGranule = page.granule;
		ended = (page.flags & END) !== 0;
		at = page.end;
	}
	if (!ended) throw new Error('the mark of the end is missing');
	return { packets, endGranule };
}

interface Page {
	flags: number;
	granule: bigint;
	serial: number;
	sequence: number;
	pieces: Array<{ bytes: Buffer; complete: boolean }>;
	end: number;
}

function readPage(file: Buffer, start: number): Page {
	const head = file.subarray(start, start + HEADER_BYTES);
	if (head.length < HEADER_BYTES || head.toString('latin1', 0, 5) !== 'OggS\0') {
		throw new Error(`there is no page at byte ${start}`);
	}
	const lacing = file.subarray(start + HEADER_BYTES, start + HEADER_BYTES + head.readUInt8(26));
	const bodyAt = start + HEADER_BYTES + lacing.length;
	const end = bodyAt + lacing.reduce((sum, length) => sum + length, 0);
	if (end > file.length) throw new Error('the last page is cut off');
	const page = Buffer.from(file.subarray(start, end));
	page.fill(0, CRC_OFFSET, CRC_OFFSET + 4);
	if (checksum(page) !== head.readUInt32LE(CRC_OFFSET)) {
		throw new Error(`the page at byte ${start} is damaged`);
	}
	const pieces: Page['pieces'] = [];
	let at = bodyAt;
	let from = bodyAt;
	for (const [index, length] of lacing.entries()) {
		at += length;
		if (length === 255 && index + 1 < lacing.length) continue;
		pieces.push({ bytes: file.subarray(from, at), complete: length < 255 });
		from = at;
	}
	return {
		flags: head.readUInt8(5),
		granule: head.readBigInt64LE(6),
		serial: head.readUInt32LE(14),
		sequence: head.readUInt32LE(18),
		pieces,
		end,
	};
}

function checksum(page: Buffer): number {
	let crc = 0;
	for (const byte of page) crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
	return crc >>> 0;
}
