import { rootCertificates } from 'node:tls';
import { Agent } from 'undici';
import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import { errorCodeOf } from '../session';
import { orCancelled, voiceNoteCancelled } from './cancelled';
import { readMediaServers, type MediaServers } from './mediaServers';
import type { VoiceSocket } from './voiceTypes';

/** For all attempts together, and for each one. */
const UPLOAD_MS = 120_000;
const ATTEMPT_MS = 60_000;
/** WhatsApp names more servers than are worth trying. */
const MOST_SERVERS = 3;

export interface UploadOptions {
	/** A certificate in PEM to trust, beside those that Node.js trusts. */
	ca?: string;
	clock: Clock;
	signal?: AbortSignal;
}

export interface Upload {
	blob: Uint8Array;
	/** sha-256 of the blob: its name on the server. */
	sha256: Buffer;
	/** `encrypted` for the people of a chat; `open` for a channel, which has no end-to-end encryption. */
	form: 'encrypted' | 'open';
}

/** Where it lies now. */
export interface Uploaded {
	url: string;
	directPath: string;
}

/** Channels have a place of their own: what lies elsewhere is not shown in them. */
const PATHS = { encrypted: '/mms/audio', open: '/newsletter/newsletter-audio' } as const;

/**
 * Brings a file to one of WhatsApp's media servers. Nothing is written to disk, and nothing is left
 * open. Each server is tried; then they are all asked for once more, with a new permission.
 *
 * @throws CallError NETWORK_UNREACHABLE, CANCELLED: nothing was sent to anybody
 */
export async function uploadMedia(
	upload: Upload,
	socket: VoiceSocket,
	options: UploadOptions,
): Promise<Uploaded> {
	const { clock, signal } = options;
	const deadline = clock.now() + UPLOAD_MS;
	let reason = 'WhatsApp names no server';
	for (let round = 0; round < 2; round++) {
		const servers = await orCancelled(mediaServers(socket), signal);
		for (const host of servers.hosts.slice(0, MOST_SERVERS)) {
			const limit = Math.min(ATTEMPT_MS, deadline - clock.now());
			if (limit <= 0) {
				break;
			}
			const outcome = await attempt(upload, host, servers.auth, limit, options);
			if (typeof outcome !== 'string') {
				return outcome;
			}
			reason = outcome;
		}
	}
	throw unreachable(reason);
}

/** @returns why it failed, where it did */
async function attempt(
	upload: Upload,
	host: string,
	auth: string,
	limitMs: number,
	{ ca, clock, signal }: UploadOptions,
): Promise<Uploaded | string> {
	const stop = new AbortController();
	const cancel = (): void => stop.abort();
	const over = new AbortController();
	void clock.sleep(limitMs, over.signal).then(cancel);
	signal?.addEventListener('abort', cancel);
	try {
		return await orCancelled(post(upload, host, auth, ca, stop.signal), stop.signal);
	} catch (error) {
		if (signal?.aborted === true) {
			throw voiceNoteCancelled();
		}
		return stop.signal.aborted ? 'the media server did not answer in time' : errorCodeOf(error);
	} finally {
		signal?.removeEventListener('abort', cancel);
		over.abort();
	}
}

async function post(
	{ blob, form, sha256 }: Upload,
	host: string,
	auth: string,
	ca: string | undefined,
	signal: AbortSignal,
): Promise<Uploaded | string> {
	const name = sha256.toString('base64url');
	const agent = new Agent({
		connect: { ...(ca !== undefined && { ca: [...rootCertificates, ca] }), signal, timeout: 0 },
		headersTimeout: 0,
		bodyTimeout: 0,
	});
	try {
		const { body, statusCode } = await agent.request({
			origin: `https://${host}`,
			path: `${PATHS[form]}/${name}?auth=${encodeURIComponent(auth)}&token=${name}`,
			method: 'POST',
			headers: {
				'content-type': 'application/octet-stream',
				origin: 'https://web.whatsapp.com',
			},
			body: blob,
			signal,
		});
		const answer = await body.text();
		return uploadedAs(answer) ?? `the media server answered with status ${statusCode}`;
	} finally {
		await agent.destroy();
	}
}

function uploadedAs(answer: string): Uploaded | undefined {
	try {
		const { direct_path: directPath, url } = JSON.parse(answer) as Record<string, unknown>;
		return typeof directPath === 'string' && typeof url === 'string'
			? { directPath, url }
			: undefined;
	} catch {
		return undefined;
	}
}

async function mediaServers(socket: VoiceSocket): Promise<MediaServers> {
	let answer: unknown;
	try {
		// Baileys' own look-up keeps a failed one for ever.
		answer = await socket.query({
			tag: 'iq',
			attrs: { type: 'set', xmlns: 'w:m', to: 's.whatsapp.net' },
			content: [{ tag: 'media_conn', attrs: {} }],
		});
	} catch (error) {
		throw unreachable(`WhatsApp did not name its media servers (${errorCodeOf(error)})`);
	}
	return readMediaServers(answer);
}

function unreachable(reason: string): CallError {
	return new CallError('NETWORK_UNREACHABLE', `The voice note could not be uploaded: ${reason}`, {
		hint: 'Nothing was sent, so running it again is safe. Check that this machine can reach mmg.whatsapp.net and the servers under cdn.whatsapp.net on port 443.',
	});
}
