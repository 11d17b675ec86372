import { crc32 } from 'node:zlib';

/**
 * The form of the key log. After eight bytes of file header stand frames, each of
 *
 * | bytes | what                                                  |
 * | ----- | ----------------------------------------------------- |
 * | 4     | marker, to find the next frame behind a damaged one   |
 * | 4     | length of the payload, big endian                     |
 * | 1     | flags: `REMOVES`, `COMMITS`                           |
 * | 4     | CRC-32 of length, flags and payload                   |
 * | n     | payload, which is sealed when there is a passphrase   |
 *
 * What was written together ends with a frame that commits; frames behind the last of those were
 * not finished and do not count.
 */
const MARKER = Buffer.from([0x57, 0x4b, 0x46, 0x1e]);
const LENGTH_AT = 4;
const FLAGS_AT = 8;
const SUM_AT = 9;
export const FRAME_HEADER_BYTES = 13;
export const FILE_HEADER = Buffer.from('WACKEYS1');

const REMOVES = 1;
const COMMITS = 2;

export interface Frame {
	/** Offset of the first byte in the file. */
	start: number;
	end: number;
	removes: boolean;
	commits: boolean;
	payload: Buffer;
}

export interface Scan {
	frames: Frame[];
	/** Indexes of frames before which something cannot be read. What follows the last frame is not counted: a write that was cut off looks like this. */
	gaps: number[];
}

export function encodeFrame(
	payload: Uint8Array,
	{ removes, commits }: Pick<Frame, 'removes' | 'commits'>,
): Buffer {
	const frame = Buffer.alloc(FRAME_HEADER_BYTES + payload.length);
	MARKER.copy(frame);
	frame.writeUInt32BE(payload.length, LENGTH_AT);
	frame.writeUInt8((removes ? REMOVES : 0) | (commits ? COMMITS : 0), FLAGS_AT);
	frame.set(payload, FRAME_HEADER_BYTES);
	frame.writeUInt32BE(sumOf(frame), SUM_AT);
	return frame;
}

/** The frame that starts at an offset, or undefined when none does or it is damaged. */
export function decodeFrame(file: Buffer, start: number): Frame | undefined {
	const body = start + FRAME_HEADER_BYTES;
	if (body > file.length || file.compare(MARKER, 0, MARKER.length, start, start + LENGTH_AT)) {
		return undefined;
	}
	const end = body + file.readUInt32BE(start + LENGTH_AT);
	if (end > file.length) {
		return undefined;
	}
	const bytes = file.subarray(start, end);
	if (bytes.readUInt32BE(SUM_AT) !== sumOf(bytes)) {
		return undefined;
	}
	const flags = bytes.readUInt8(FLAGS_AT);
	return {
		start,
		end,
		removes: (flags & REMOVES) !== 0,
		commits: (flags & COMMITS) !== 0,
		payload: bytes.subarray(FRAME_HEADER_BYTES),
	};
}

/** Every frame of a log that can be read. */
export function scanFrames(file: Buffer): Scan {
	const frames: Frame[] = [];
	const gaps: number[] = [];
	let offset = FILE_HEADER.length;
	let missed = false;
	while (offset < file.length) {
		const frame = decodeFrame(file, offset);
		if (frame === undefined) {
			missed = true;
			const next = file.indexOf(MARKER, offset + 1);
			if (next === -1) {
				break;
			}
			offset = next;
			continue;
		}
		if (missed) {
			gaps.push(frames.length);
			missed = false;
		}
		frames.push(frame);
		offset = frame.end;
	}
	return { frames, gaps };
}

export function encodeEntry(key: string, value: Uint8Array): Buffer {
	const name = Buffer.from(key);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(name.length);
	return Buffer.concat([length, name, value]);
}

/** @throws RangeError when the entry is cut off */
export function decodeEntry(entry: Buffer): { key: string; value: Buffer } {
	const end = 4 + entry.readUInt32BE();
	if (end > entry.length) {
		throw new RangeError('The entry ends within its key');
	}
	return { key: entry.toString('utf8', 4, end), value: entry.subarray(end) };
}

function sumOf(frame: Buffer): number {
	return crc32(frame.subarray(FRAME_HEADER_BYTES), crc32(frame.subarray(LENGTH_AT, SUM_AT)));
}
