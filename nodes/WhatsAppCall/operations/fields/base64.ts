import { CallError } from '../../../../common/errors';
import type { AudioSource } from '../../connections/connection';

type FileSource = AudioSource & { kind: 'file' };

/** A multiple of 3, so that no padding falls between two pieces. */
const PIECE_BYTES = 48 * 1024;
/** A multiple of 4, for the same reason. */
const PIECE_CHARACTERS = 64 * 1024;

const BASE64_TEXT = /^[A-Za-z0-9+/]*={0,2}$/;
const FOREIGN_CHARACTER = /[^A-Za-z0-9+/]/;
/** RFC 2397; media types and their parameters are short. */
const DATA_URI_PREFIX = /^data:[^,]{0,200},/i;

/** Bytes as an audio source. */
export function bytesSource(bytes: Buffer): FileSource {
	return {
		kind: 'file',
		byteLength: bytes.length,
		*base64() {
			for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
				yield bytes.toString('base64', start, start + PIECE_BYTES);
			}
		},
	};
}

/**
 * A base64 text (RFC 4648, section 4) or a data URI (RFC 2397) as an audio source. Line breaks and
 * spaces in it do no harm, and padding that is missing is put there.
 *
 * @throws CallError AUDIO_SOURCE
 */
export function base64Source(input: string): FileSource {
	const base64 = padded(withoutSpace(withoutPrefix(input)));
	if (base64 === '') {
		throw new CallError(
			'AUDIO_SOURCE',
			'There is no audio source: the field "Audio Base64" is empty',
		);
	}
	const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
	return {
		kind: 'file',
		byteLength: (base64.length / 4) * 3 - padding,
		*base64() {
			for (let start = 0; start < base64.length; start += PIECE_CHARACTERS) {
				yield base64.slice(start, start + PIECE_CHARACTERS);
			}
		},
	};
}

function withoutPrefix(input: string): string {
	const text = input.trim();
	if (/^https?:\/\//i.test(text)) {
		throw new CallError('AUDIO_SOURCE', 'The field "Audio Base64" holds a URL', {
			hint: 'Choose the audio source "URL" and put the address there.',
		});
	}
	if (!/^data:/i.test(text)) {
		return text;
	}
	const prefix = DATA_URI_PREFIX.exec(text)?.[0];
	if (prefix === undefined || !/;\s*base64,$/i.test(prefix)) {
		throw new CallError(
			'AUDIO_SOURCE',
			'The data URI in the field "Audio Base64" is not a base64 one',
			{
				hint: 'A data URI with a file looks like data:audio/mpeg;base64,SUQz…',
			},
		);
	}
	return text.slice(prefix.length);
}

function withoutSpace(text: string): string {
	return /\s/.test(text) ? text.replace(/\s+/g, '') : text;
}

function padded(text: string): string {
	if (!BASE64_TEXT.test(text)) {
		throw new CallError(
			'AUDIO_SOURCE',
			`The field "Audio Base64" holds no base64: ${describeFault(text)}`,
		);
	}
	if (!text.includes('=') && text.length % 4 > 1) {
		return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
	}
	if (text.length % 4 !== 0) {
		throw new CallError(
			'AUDIO_SOURCE',
			'The field "Audio Base64" holds no complete base64: its end is missing',
		);
	}
	return text;
}

function describeFault(text: string): string {
	const position = text.search(FOREIGN_CHARACTER);
	return `"${String.fromCodePoint(text.codePointAt(position) ?? 0x3f)}" stands where it cannot`;
}
