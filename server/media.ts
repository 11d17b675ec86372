import type { AudioInput } from '../engine';
import { invalidBody, Refusal } from './refusal';

/**
 * The one source of audio: `mediaUrl` with an http(s) URL, base64 or a data URI, or `mediaBase64`
 * with base64. An empty text counts as left out.
 *
 * @throws Refusal 400
 */
export function readMedia({
	mediaUrl = '',
	mediaBase64 = '',
}: {
	mediaUrl?: string;
	mediaBase64?: string;
}): AudioInput {
	if ((mediaUrl === '') === (mediaBase64 === '')) {
		throw new Refusal(400, 'Provide exactly one of mediaUrl or mediaBase64');
	}
	if (mediaBase64 === '') {
		return { text: mediaUrl };
	}
	// Of the alphabet of base64, no address has a colon.
	if (mediaBase64.slice(0, 20).includes(':')) {
		throw invalidBody('mediaBase64 must be base64 without a data URI prefix');
	}
	return { text: mediaBase64 };
}
