import type { Digests } from './digests';
import { invalidBody, Refusal } from './refusal';

/**
 * Checks that there is exactly one source of audio: `mediaUrl` with an http(s) URL, base64 or a
 * data URI, or `mediaBase64` with base64. An empty text counts as left out.
 *
 * @throws Refusal 400
 */
export function requireOneMedia(
	{ mediaUrl = '', mediaBase64 = '' }: { mediaUrl?: string; mediaBase64?: string },
	digests: Digests,
): void {
	if ((mediaUrl === '') === (mediaBase64 === '')) {
		throw new Refusal(400, 'Provide exactly one of mediaUrl or mediaBase64');
	}
	if (mediaBase64 !== '') {
		const { dataUri, isBase64 } = digests.of(mediaBase64);
		if (dataUri !== undefined || !isBase64) {
			throw invalidBody('mediaBase64 must be base64 without a data URI prefix');
		}
	} else if (!isHttpUrl(mediaUrl) && !digests.of(mediaUrl).isBase64) {
		throw invalidBody('mediaUrl must be an http(s) URL, base64 or a data URI');
	}
}

function isHttpUrl(text: string): boolean {
	return /^https?:\/\//i.test(text) && URL.canParse(text);
}
