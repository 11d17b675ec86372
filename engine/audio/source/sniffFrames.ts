import type { AudioFormat } from '../types';
import { at, has } from './bytes';

/** ID3v2.4, section 3.1. */
const ID3_HEADER_BYTES = 10;
const ID3_FOOTER_BIT = 0x10;
const MAXIMUM_ID3_TAGS = 8;

/** Bytes before the first frame: padding, or the rest of a frame where a recording of a radio starts. */
const LONGEST_JUNK_BYTES = 64 * 1024;
/** Frames in a row that make a frame believable: where the audio should start, and elsewhere. */
const FRAMES_AT_START = 2;
const FRAMES_ELSEWHERE = 4;

const MPEG1_KBITS: Readonly<Record<number, readonly number[]>> = {
	2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
	3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
};
const MPEG2_KBITS: readonly number[] = [
	0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160,
];
const MPEG1_RATES_HZ: readonly number[] = [44_100, 48_000, 32_000];
const ADTS_HEADER_BYTES = 7;
const ADTS_RATES = 13;

interface Frame {
	format: 'aac' | 'mp3';
	length: number;
	/** What stays the same from frame to frame. */
	kind: number;
}

/** Offset of what follows the ID3v2 tags at the start; the length of the bytes when these end before. */
export function skipId3(bytes: Uint8Array): number {
	let offset = 0;
	for (let count = 0; count < MAXIMUM_ID3_TAGS && has(bytes, 'ID3', offset); count++) {
		let size = 0;
		for (let index = 6; index < ID3_HEADER_BYTES; index++) {
			size = size * 128 + (at(bytes, offset + index) & 0x7f);
		}
		const footer = (at(bytes, offset + 5) & ID3_FOOTER_BIT) !== 0 ? ID3_HEADER_BYTES : 0;
		offset = Math.min(bytes.length, offset + ID3_HEADER_BYTES + size + footer);
	}
	return offset;
}

/**
 * MP3 (MPEG audio layers II and III) and AAC in ADTS frames, by frames that follow each other. Both
 * begin with the same 11 or 12 bits; the two layer bits, which ADTS has as zero, tell them apart.
 *
 * @param start where the audio should start
 */
export function findFrames(bytes: Uint8Array, start: number): AudioFormat | undefined {
	const last = Math.min(bytes.length, start + LONGEST_JUNK_BYTES);
	for (let offset = start; offset < last; offset++) {
		if (bytes[offset] === 0xff) {
			const needed = offset === start ? FRAMES_AT_START : FRAMES_ELSEWHERE;
			const format = formatOfRow(bytes, offset, needed);
			if (format !== undefined) {
				return format;
			}
		}
	}
	return undefined;
}

/**
 * A file may be short or cut: where the bytes or the audio end within the row, fewer frames do, one
 * where the audio should start and two elsewhere.
 */
function formatOfRow(bytes: Uint8Array, start: number, needed: number): AudioFormat | undefined {
	const first = frameAt(bytes, start);
	if (first === undefined) {
		return undefined;
	}
	let count = 1;
	let offset = start + first.length;
	while (count < needed && offset < bytes.length && !isTag(bytes, offset)) {
		const frame = frameAt(bytes, offset);
		if (frame?.kind !== first.kind) {
			return undefined;
		}
		count += 1;
		offset += frame.length;
	}
	return count >= needed / 2 ? first.format : undefined;
}

function frameAt(bytes: Uint8Array, offset: number): Frame | undefined {
	const second = at(bytes, offset + 1);
	if (bytes[offset] !== 0xff || (second & 0xe0) !== 0xe0) {
		return undefined;
	}
	return (second & 0xf6) === 0xf0 ? adtsFrameAt(bytes, offset) : mpegFrameAt(bytes, offset);
}

/** ISO/IEC 13818-7, section 6.2. */
function adtsFrameAt(bytes: Uint8Array, offset: number): Frame | undefined {
	const third = at(bytes, offset + 2);
	const rate = (third >> 2) & 0x0f;
	const length =
		((at(bytes, offset + 3) & 0x03) << 11) |
		(at(bytes, offset + 4) << 3) |
		(at(bytes, offset + 5) >> 5);
	return rate >= ADTS_RATES || length <= ADTS_HEADER_BYTES
		? undefined
		: { format: 'aac', length, kind: ((at(bytes, offset + 1) & 0x0e) << 8) | (third & 0xfc) };
}

/** ISO/IEC 11172-3, section 2.4.1.3, and 13818-3; version 2.5 is Fraunhofer's extension. */
function mpegFrameAt(bytes: Uint8Array, offset: number): Frame | undefined {
	const second = at(bytes, offset + 1);
	const third = at(bytes, offset + 2);
	const version = (second >> 3) & 0x03;
	const layer = 4 - ((second >> 1) & 0x03);
	const rate = MPEG1_RATES_HZ[(third >> 2) & 0x03];
	const kbits = (version === 3 ? MPEG1_KBITS[layer] : MPEG2_KBITS)?.[third >> 4];
	if (version === 1 || layer < 2 || layer > 3 || rate === undefined || !kbits) {
		return undefined;
	}
	const rateHz = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4;
	const slotsPerKbit = layer === 3 && version !== 3 ? 72_000 : 144_000;
	const length = Math.floor((slotsPerKbit * kbits) / rateHz) + ((third >> 1) & 0x01);
	return { format: 'mp3', length, kind: ((second & 0xfe) << 8) | (third & 0x0c) };
}

/** A tag that may stand after the last frame. */
function isTag(bytes: Uint8Array, offset: number): boolean {
	return (
		has(bytes, 'TAG', offset) || has(bytes, 'APETAGEX', offset) || has(bytes, 'LYRICS', offset)
	);
}
