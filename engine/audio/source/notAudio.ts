import { at, has, latin1 } from './bytes';
import type { Unknown } from './unknown';

const MAGIC: readonly (readonly [magic: string, name: string])[] = [
	['PK\x03\x04', 'a zip archive'],
	['PK\x05\x06', 'a zip archive'],
	['\x1f\x8b', 'a gzip archive'],
	['7z\xbc\xaf\x27\x1c', 'a 7z archive'],
	['Rar!\x1a\x07', 'a RAR archive'],
	['BZh', 'a bzip2 archive'],
	['\xfd7zXZ\0', 'an xz archive'],
	['%PDF-', 'a PDF document'],
	['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an Office document'],
	['\x89PNG\r\n\x1a\n', 'a picture'],
	['\xff\xd8\xff', 'a picture'],
	['GIF87a', 'a picture'],
	['GIF89a', 'a picture'],
	['II*\0', 'a picture'],
	['MM\0*', 'a picture'],
	['FLV\x01', 'a video'],
	['\0\0\x01\xba', 'a video'],
	['\0\0\x01\xb3', 'a video'],
	['\x7fELF', 'an executable'],
	['\xce\xfa\xed\xfe', 'an executable'],
	['\xcf\xfa\xed\xfe', 'an executable'],
	['\xca\xfe\xba\xbe', 'an executable'],
	['\0asm', 'an executable'],
	['SQLite format 3\0', 'a database'],
	['MThd', 'a MIDI score'],
];

const TS_PACKET_BYTES = 188;
const TS_SYNC = 0x47;
const LOOKED_AT_BYTES = 1024;
const BITMAP_HEADER_BYTES = 14;
const LEAST_PRINTABLE_SHARE = 0.7;

/** What bytes that are no audio seem to be; undefined when that cannot be told. */
export function seemsToBe(bytes: Uint8Array): Unknown | undefined {
	const name =
		MAGIC.find(([magic]) => has(bytes, magic))?.[1] ?? otherThanMagic(bytes) ?? textKind(bytes);
	return name === undefined ? undefined : { unknown: name };
}

function otherThanMagic(bytes: Uint8Array): string | undefined {
	if (has(bytes, 'RIFF') && has(bytes, 'WEBP', 8)) {
		return 'a picture';
	}
	if (has(bytes, 'RIFF') && has(bytes, 'AVI ', 8)) {
		return 'a video';
	}
	if (has(bytes, 'BM') && at(bytes, 6) === 0 && at(bytes, 7) === 0 && isBitmap(bytes)) {
		return 'a picture';
	}
	if (has(bytes, 'MZ') && bytes.length >= 64 && isWindowsProgram(bytes)) {
		return 'an executable';
	}
	if (has(bytes, 'ustar', 257)) {
		return 'a tar archive';
	}
	const isTransportStream = [0, 1, 2].every(
		(packet) => bytes[packet * TS_PACKET_BYTES] === TS_SYNC,
	);
	return isTransportStream ? 'a video' : undefined;
}

/** The header says where the picture starts: within the file, after the header. */
function isBitmap(bytes: Uint8Array): boolean {
	const start = at(bytes, 10) | (at(bytes, 11) << 8) | (at(bytes, 12) << 16);
	return start >= BITMAP_HEADER_BYTES && at(bytes, 13) === 0;
}

/** The old header names the offset of the new one. */
function isWindowsProgram(bytes: Uint8Array): boolean {
	const header = at(bytes, 60) | (at(bytes, 61) << 8) | (at(bytes, 62) << 16);
	return has(bytes, 'PE\0\0', header);
}

function textKind(bytes: Uint8Array): string | undefined {
	if (has(bytes, '\xff\xfe') || has(bytes, '\xfe\xff')) {
		return isUtf16(bytes) ? 'a text' : undefined;
	}
	const opening = bytes.subarray(has(bytes, '\xef\xbb\xbf') ? 3 : 0, LOOKED_AT_BYTES);
	if (opening.length === 0 || !isPrintable(opening)) {
		return undefined;
	}
	const text = latin1(opening, 0, opening.length).trimStart().toLowerCase();
	if (/^(<!doctype html|<html|<head|<body|<script)/.test(text)) {
		return 'an HTML page';
	}
	if (text.startsWith('#extm3u')) {
		return 'a playlist';
	}
	if (/^<(svg|\?xml[^>]*>\s*(<!--[^]*?-->\s*)?<svg)/.test(text)) {
		return 'a picture';
	}
	return 'a text';
}

/** Text has no control characters but white space, and is for the most part ASCII. */
function isPrintable(bytes: Uint8Array): boolean {
	let printable = 0;
	for (const byte of bytes) {
		const isSpace = (byte >= 9 && byte <= 13) || byte === 0x1b;
		if ((byte < 0x20 && !isSpace) || byte === 0x7f) {
			return false;
		}
		printable += byte < 0x80 ? 1 : 0;
	}
	return printable >= bytes.length * LEAST_PRINTABLE_SHARE || isUtf8(bytes);
}

function isUtf8(bytes: Uint8Array): boolean {
	try {
		// As a stream: the last character may be cut.
		new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
		return true;
	} catch {
		return false;
	}
}

/** Written by its byte order mark, and without the zero character, which samples are full of. */
function isUtf16(bytes: Uint8Array): boolean {
	for (let offset = 2; offset + 1 < Math.min(bytes.length, LOOKED_AT_BYTES); offset += 2) {
		const isControl = bytes[offset] === 0 && at(bytes, offset + 1) === 0;
		if (isControl) {
			return false;
		}
	}
	return bytes.length > 2 && [2, 3].some((offset) => at(bytes, offset) === 0);
}
