import { CallError } from '../../../common/errors';

/**
 * @param what the format's name as users know it, e.g. "MP3"
 * @param detail what is wrong with it, a part of a sentence
 */
export function unreadable(what: string, detail: string): CallError {
	return new CallError('AUDIO_UNREADABLE', `This ${what} file cannot be read: ${detail}`);
}

/** @param what the format's name as users know it, e.g. "AAC (M4A)" */
export function noDecoder(what: string): CallError {
	return new CallError(
		'AUDIO_FORMAT',
		`There is no decoder for ${what} in this package: it needs ffmpeg, which was not found`,
		{
			hint: 'Install ffmpeg on the machine that runs n8n, or set FFMPEG_PATH to it; or convert the file to MP3, WAV, OGG or FLAC.',
		},
	);
}

/**
 * Turns whatever a decoder throws (a WebAssembly trap, an error code) into an error of the table.
 *
 * @param what the format's name as users know it
 */
export function asUnreadable(what: string, error: unknown): CallError {
	return error instanceof CallError ? error : unreadable(what, 'it is damaged');
}
