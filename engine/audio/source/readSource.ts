import { CallError } from '../../../common/errors';
import { printable } from '../../../common/text';
import { decodeBase64 } from './base64';
import { fetchAudio } from './fetchAudio';
import { tooLarge } from './limits';
import { systemResolver, type Lookup } from './resolve';

/** 16 MB. */
export const DEFAULT_MAXIMUM_BYTES = 16 * 1024 * 1024;
export const DEFAULT_TIMEOUT_MS = 30_000;

/** RFC 2397; media types and their parameters are short. */
const DATA_URI_PREFIX = /^\s*data:([^,]{0,200}),/i;
const LONGEST_PREFIX_CHARACTERS = 1024;
const LONGEST_URL_CHARACTERS = 16_384;

/** What a user has: a file, or a text that is an http(s) URL, a data URI or base64. */
export type AudioInput = { bytes: Uint8Array } | { text: string };

export interface AudioBytes {
	/** Never empty. With `origin: 'bytes'` the very array that came in, else one in a buffer of its own. */
	bytes: Uint8Array;
	/** What the server or the data URI says it is; nothing relies on it. */
	contentType?: string;
	origin: 'base64' | 'bytes' | 'url';
}

export interface SourceOptions {
	/** Largest file, in bytes; 16 MB by default. */
	maximumBytes?: number;
	/** For fetching a URL, everything together; 30 s by default. */
	timeoutMs?: number;
	/** Fetch also from loopback, private and other addresses that are not public; off by default. */
	allowPrivateAddresses?: boolean;
	/** The resolver of host names; that of the system by default. */
	lookup?: Lookup;
	signal?: AbortSignal;
}

/**
 * The bytes of a recording, wherever it is. What a text is, is told as RyzeAPI tells it for
 * `mediaUrl`: an http(s) URL is fetched, a data URI or base64 decoded, anything else refused.
 *
 * @throws CallError AUDIO_SOURCE, AUDIO_TOO_LARGE, and for URLs AUDIO_UNREACHABLE,
 *   AUDIO_ADDRESS_BLOCKED, AUDIO_UNREADABLE (a Content-Encoding that was not asked for), CANCELLED
 */
export async function readSource(
	input: AudioInput,
	options: SourceOptions = {},
): Promise<AudioBytes> {
	const maximumBytes = options.maximumBytes ?? DEFAULT_MAXIMUM_BYTES;
	const audio =
		'bytes' in input
			? ofBytes(input.bytes, maximumBytes)
			: await ofText(input.text, { ...options, maximumBytes });
	if (audio.bytes.length === 0) {
		throw empty(
			audio.origin === 'url' ? 'The address answers with an empty file' : 'The audio is empty',
		);
	}
	return audio;
}

function ofBytes(bytes: Uint8Array, maximumBytes: number): AudioBytes {
	if (bytes.length > maximumBytes) {
		throw tooLarge(maximumBytes);
	}
	return { bytes, origin: 'bytes' };
}

async function ofText(
	text: string,
	options: SourceOptions & { maximumBytes: number },
): Promise<AudioBytes> {
	const { maximumBytes } = options;
	const opening = text.slice(0, LONGEST_PREFIX_CHARACTERS).trimStart();
	if (/^https?:/i.test(opening)) {
		const fetched = await fetchAudio(urlOf(text), {
			maximumBytes,
			timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
			allowPrivateAddresses: options.allowPrivateAddresses ?? false,
			lookup: options.lookup ?? systemResolver,
			...(options.signal !== undefined && { signal: options.signal }),
		});
		return { ...fetched, origin: 'url' };
	}
	if (/^data:/i.test(opening)) {
		return await ofDataUri(text, maximumBytes);
	}
	refuseOtherAddress(opening);
	const bytes = await decodeBase64(text, { start: 0, percentEncoded: false, maximumBytes });
	return { bytes, origin: 'base64' };
}

function urlOf(text: string): URL {
	const url = text.length > LONGEST_URL_CHARACTERS ? '' : text.trim();
	if (!URL.canParse(url)) {
		throw new CallError('AUDIO_SOURCE', 'The address of the audio is not a complete URL', {
			hint: 'Enter an address such as https://example.com/message.mp3.',
		});
	}
	return new URL(url);
}

async function ofDataUri(text: string, maximumBytes: number): Promise<AudioBytes> {
	const [prefix, description = ''] =
		DATA_URI_PREFIX.exec(text.slice(0, LONGEST_PREFIX_CHARACTERS)) ?? [];
	if (prefix === undefined || !/;\s*base64\s*$/i.test(description)) {
		throw new CallError('AUDIO_SOURCE', 'The data URI of the audio is not a base64 one', {
			hint: 'A data URI with a file looks like data:audio/mpeg;base64,SUQz…',
		});
	}
	const bytes = await decodeBase64(text, {
		start: prefix.length,
		percentEncoded: true,
		maximumBytes,
	});
	const contentType = printable(description.replace(/;\s*base64\s*$/i, ''), 100);
	return { bytes, ...(contentType !== '' && { contentType }), origin: 'base64' };
}

/** @param opening the first characters of the text, without leading spaces */
function refuseOtherAddress(opening: string): void {
	if (/^[a-z]:[\\/]/i.test(opening)) {
		throw new CallError('AUDIO_SOURCE', 'The audio is the path of a file, which is not opened', {
			hint: 'Read the file with a previous node and choose the binary file, or give an http(s) URL.',
		});
	}
	const scheme = /^[a-z][a-z0-9+.-]{0,30}(?=:)/i.exec(opening)?.[0].toLowerCase();
	if (scheme !== undefined) {
		throw new CallError(
			'AUDIO_SOURCE',
			`The audio has an address that starts with "${scheme}:", and only http and https are fetched`,
			{
				hint: 'Enter an address that starts with https:// or http://. For a file on this machine, read it with a previous node and choose the binary file.',
			},
		);
	}
}

function empty(message: string): CallError {
	return new CallError('AUDIO_SOURCE', message, {
		hint: 'Look at where the audio comes from: there must be a file with content.',
	});
}
