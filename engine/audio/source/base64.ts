import { setImmediate as nextTurn } from 'node:timers/promises';
import { CallError } from '../../../common/errors';
import { printable } from '../../../common/text';
import { tooLarge } from './limits';

/** Decoded in one turn of the event loop: about a millisecond. */
const PIECE_CHARACTERS = 256 * 1024;
const GROUP_CHARACTERS = 4;
const GROUP_BYTES = 3;

/** RFC 4648, sections 4 and 5: both alphabets. */
const BASE64_TEXT = /^[A-Za-z0-9+/_-]*={0,2}$/;
const BASE64_FAULT = /[^A-Za-z0-9+/_-]/;

export interface Base64Options {
	/** Where the base64 starts in the text. */
	start: number;
	/** Percent-encoded characters may be in it, as in a data URI (RFC 2397, section 2). */
	percentEncoded: boolean;
	/** Largest result. */
	maximumBytes: number;
}

/**
 * Decodes base64 in pieces, so that a large text is not copied and the event loop is not held.
 * Spaces and line breaks do no harm, and the padding at the end may be missing.
 *
 * @throws CallError AUDIO_SOURCE for anything else, AUDIO_TOO_LARGE
 */
export async function decodeBase64(
	text: string,
	{ start, percentEncoded, maximumBytes }: Base64Options,
): Promise<Uint8Array> {
	const characters = Math.min(text.length - start, maximumBytes * 2 + PIECE_CHARACTERS);
	const target = Buffer.from(
		new ArrayBuffer(Math.ceil(characters / GROUP_CHARACTERS) * GROUP_BYTES),
	);
	let length = 0;
	let rest = '';
	for (const piece of pieces(text, start, percentEncoded)) {
		const ready = rest + piece;
		if (!BASE64_TEXT.test(ready)) {
			throw noBase64(ready);
		}
		// A group with padding is kept back: nothing but more padding may follow.
		const padding = ready.indexOf('=');
		const complete = padding === -1 ? ready.length : padding;
		const end = complete - (complete % GROUP_CHARACTERS);
		length += target.write(ready.slice(0, end), length, 'base64');
		rest = ready.slice(end);
		if (length > maximumBytes) {
			throw tooLarge(maximumBytes);
		}
		await nextTurn();
	}
	const excess = rest.length % GROUP_CHARACTERS;
	if (excess === 1 || (excess !== 0 && rest.includes('='))) {
		throw new CallError('AUDIO_SOURCE', 'The base64 of the audio is not complete', {
			hint: 'Its end is missing: check that the text was not cut on its way.',
		});
	}
	length += target.write(rest, length, 'base64');
	if (length > maximumBytes) {
		throw tooLarge(maximumBytes);
	}
	return new Uint8Array(target.buffer.slice(0, length));
}

/** The text from `start` on without white space, in pieces that cut no percent-encoded character. */
function* pieces(text: string, start: number, percentEncoded: boolean): Generator<string> {
	for (let from = start; from < text.length; ) {
		let piece = text.slice(from, from + PIECE_CHARACTERS);
		if (percentEncoded) {
			const cut = from + piece.length < text.length ? piece.slice(-2).indexOf('%') : -1;
			piece = cut === -1 ? piece : piece.slice(0, cut - 2);
		}
		from += piece.length;
		const plain = percentEncoded && piece.includes('%') ? percentDecoded(piece) : piece;
		yield /\s/.test(plain) ? plain.replace(/\s+/g, '') : plain;
	}
}

function percentDecoded(piece: string): string {
	return piece.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
}

function noBase64(text: string): CallError {
	const fault = text.codePointAt(text.search(BASE64_FAULT)) ?? 0x3d;
	return new CallError(
		'AUDIO_SOURCE',
		`The audio is neither an http(s) URL nor base64: "${printable(String.fromCodePoint(fault))}" stands where it cannot`,
		{
			hint: 'Give an address that starts with https:// or http://, a data URI, or the file itself as base64.',
		},
	);
}
