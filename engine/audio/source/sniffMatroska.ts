import type { AudioFormat } from '../types';
import { at, latin1 } from './bytes';
import type { Unknown } from './unknown';

/** Element identifiers (RFC 8794, section 11; RFC 9559, section 5). */
const SEGMENT = 0x18538067;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const CODEC_ID = 0x86;

/** Elements that are looked at before a file is given up: hostile ones may hold millions. */
const MAXIMUM_ELEMENTS = 10_000;
const LONGEST_CODEC_ID = 32;

interface Element {
	id: number;
	/** Offset of its content. */
	start: number;
	/** Offset after its content, at most the end of its parent. */
	end: number;
}

/** What a Matroska or WebM file holds, by the codec of each of its tracks. */
export function sniffMatroska(bytes: Uint8Array): AudioFormat | Unknown {
	const codecs = codecsOf(bytes);
	if (codecs.includes('A_OPUS')) {
		return 'webm-opus';
	}
	if (codecs.some((codec) => codec.startsWith('A_'))) {
		return { unknown: 'a WebM or Matroska file whose sound is not Opus', audio: true };
	}
	return codecs.some((codec) => codec.startsWith('V_'))
		? { unknown: 'a video without sound' }
		: { unknown: 'a WebM or Matroska file without a known track' };
}

function codecsOf(bytes: Uint8Array): string[] {
	const codecs: string[] = [];
	// Only these are entered; all others, such as clusters with the sound itself, are stepped over.
	const entered: ReadonlySet<number> = new Set([SEGMENT, TRACKS, TRACK_ENTRY]);
	let offset = 0;
	for (let count = 0; count < MAXIMUM_ELEMENTS; count++) {
		const element = elementAt(bytes, offset);
		if (element === undefined) {
			break;
		}
		if (element.id === CODEC_ID) {
			const end = Math.min(element.end, element.start + LONGEST_CODEC_ID);
			codecs.push(latin1(bytes, element.start, end).replace(/\0+$/, ''));
		}
		offset = entered.has(element.id) ? element.start : element.end;
	}
	return codecs;
}

/** @returns undefined at the end of the bytes and where there is no element */
function elementAt(bytes: Uint8Array, offset: number): Element | undefined {
	const idLength = vintLength(at(bytes, offset));
	if (idLength > 4) {
		return undefined;
	}
	let id = 0;
	for (let index = 0; index < idLength; index++) {
		id = id * 256 + at(bytes, offset + index);
	}
	const sizeOffset = offset + idLength;
	const sizeLength = vintLength(at(bytes, sizeOffset));
	if (sizeLength > 8 || sizeOffset + sizeLength > bytes.length) {
		return undefined;
	}
	let size = at(bytes, sizeOffset) & (0xff >> sizeLength);
	let isUnknown = size === 0xff >> sizeLength;
	for (let index = 1; index < sizeLength; index++) {
		const byte = at(bytes, sizeOffset + index);
		size = size * 256 + byte;
		isUnknown &&= byte === 0xff;
	}
	const start = sizeOffset + sizeLength;
	// A live recording does not know how long its segment and clusters are (RFC 8794, section 6.2):
	// their children follow as if they were siblings.
	return { id, start, end: isUnknown ? start : start + size };
}

/** Length in bytes of a variable-size integer by its first byte (RFC 8794, section 4); 9 is invalid. */
function vintLength(firstByte: number): number {
	return Math.clz32(firstByte) - 23;
}
