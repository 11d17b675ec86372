import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { CallError } from '../../../common/errors';
import { printable } from '../../../common/text';
import { unreachable } from './fetchErrors';
import { tooLarge } from './limits';
import { hopTo, nextHop, type Hop } from './redirect';
import { checkedAddresses, type CheckedAddress, type Lookup } from './resolve';

const MAXIMUM_REDIRECTS = 5;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** How long one of several addresses of a host is tried before the next; Node's own 250 ms are too short for slow networks. */
const ADDRESS_ATTEMPT_MS = 1000;
const REQUEST_HEADERS = {
	accept: 'audio/*, */*;q=0.5',
	'accept-encoding': 'identity',
	'user-agent': 'n8n-nodes-whatsapp-call',
};

export interface FetchOptions {
	/** Largest body. */
	maximumBytes: number;
	/** For everything together: name, connections, redirects, body. */
	timeoutMs: number;
	/** Also loopback, private and other addresses that are not public. */
	allowPrivateAddresses: boolean;
	lookup: Lookup;
	signal?: AbortSignal;
}

export interface FetchedAudio {
	/** The body, in a buffer of its own. */
	bytes: Uint8Array;
	/** The header Content-Type as the server sent it. */
	contentType?: string;
}

type Answer = { audio: FetchedAudio } | { location: string };

/**
 * Fetches a file over http(s), by way of at most 5 redirects. No proxy is used. The name of each hop
 * is resolved once, every address is checked, and the connection goes to an address that was checked.
 * Nothing is left open when it returns or throws.
 *
 * @throws CallError AUDIO_UNREACHABLE (with `httpStatus` where the server gave one),
 *   AUDIO_ADDRESS_BLOCKED, AUDIO_TOO_LARGE, AUDIO_UNREADABLE, CANCELLED
 */
export async function fetchAudio(address: URL, options: FetchOptions): Promise<FetchedAudio> {
	const { signal, timeoutMs } = options;
	const stop = new AbortController();
	let hop = hopTo(address);
	const cancel = () => stop.abort(cancelled());
	const timer = setTimeout(
		() => stop.abort(unreachable(hop.url.host, `it took longer than ${timeoutMs / 1000} s`)),
		timeoutMs,
	);
	signal?.addEventListener('abort', cancel, { once: true });
	try {
		if (signal?.aborted === true) {
			cancel();
		}
		const visited = new Set<string>();
		for (let redirects = 0; redirects <= MAXIMUM_REDIRECTS; redirects++) {
			stop.signal.throwIfAborted();
			visited.add(hop.url.href);
			const answer = await visit(hop, options, stop.signal);
			if ('audio' in answer) {
				return answer.audio;
			}
			const next = nextHop(hop, answer.location);
			if (visited.has(next.url.href)) {
				throw unreachable(hop.url.host, 'it redirects in a circle');
			}
			hop = next;
		}
		throw unreachable(hop.url.host, `it redirects more than ${MAXIMUM_REDIRECTS} times`);
	} catch (error) {
		if (stop.signal.aborted) {
			throw stop.signal.reason;
		}
		throw error instanceof CallError ? error : unreachable(hop.url.host, error);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', cancel);
	}
}

async function visit(hop: Hop, options: FetchOptions, signal: AbortSignal): Promise<Answer> {
	const addresses = await orAborted(checkedAddresses(hop.url, options), signal);
	const connections = new AbortController();
	const agent = new Agent({
		connect: {
			lookup: givenAddresses(addresses),
			signal: connections.signal,
			autoSelectFamily: true,
			autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
			timeout: 0,
		},
		headersTimeout: 0,
		bodyTimeout: 0,
	});
	try {
		const request = agent.request({
			origin: hop.url.origin,
			path: `${hop.url.pathname}${hop.url.search}`,
			method: 'GET',
			headers: {
				...REQUEST_HEADERS,
				...(hop.authorization !== undefined && { authorization: hop.authorization }),
			},
			signal,
		});
		// undici heeds the signal from the moment of the connection on, and not before.
		const response = await orAborted(request, signal);
		// A body that is not read to its end fails when the agent is destroyed: nobody needs to know.
		response.body.on('error', () => undefined);
		return await answerOf(response, hop.url.host, options.maximumBytes);
	} finally {
		const destroyed = agent.destroy();
		// A connection that is still being made would outlive its agent.
		connections.abort();
		await destroyed;
	}
}

async function answerOf(
	{ statusCode, headers, body }: Dispatcher.ResponseData,
	host: string,
	maximumBytes: number,
): Promise<Answer> {
	const location = single(headers.location);
	if (REDIRECT_STATUSES.has(statusCode) && location !== undefined) {
		return { location };
	}
	if (statusCode < 200 || statusCode > 299) {
		throw unreachable(host, `it answered with status ${statusCode}`, statusCode);
	}
	const encoding = single(headers['content-encoding'])?.trim() ?? '';
	if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
		throw new CallError(
			'AUDIO_UNREADABLE',
			`${printable(host, 100)} sends the audio compressed (${printable(encoding, 20)}), though it was asked not to`,
			{ hint: 'Let the server send the file as it is, without a Content-Encoding.' },
		);
	}
	if (Number(single(headers['content-length'])) > maximumBytes) {
		throw tooLarge(maximumBytes);
	}
	const bytes = await readBody(body, maximumBytes);
	const contentType = single(headers['content-type']);
	return {
		audio: {
			bytes,
			...(contentType !== undefined && { contentType: printable(contentType, 100) }),
		},
	};
}

async function readBody(
	body: AsyncIterable<Uint8Array>,
	maximumBytes: number,
): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of body) {
		length += piece.length;
		if (length > maximumBytes) {
			throw tooLarge(maximumBytes);
		}
		pieces.push(piece);
	}
	const bytes = new Uint8Array(length);
	let offset = 0;
	for (const piece of pieces) {
		bytes.set(piece, offset);
		offset += piece.length;
	}
	return bytes;
}

/** A resolver for one connection that knows these addresses and asks nobody. */
function givenAddresses(addresses: readonly CheckedAddress[]): LookupFunction {
	return (_hostname, { all }, callback) => {
		const [first] = addresses;
		if (all === true) {
			callback(null, [...addresses]);
		} else if (first !== undefined) {
			callback(null, first.address, first.family);
		}
	};
}

/** The promise, or the reason of the signal when it aborts first: then nobody waits for the promise any more. */
async function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
	let reject = () => undefined as void;
	const aborted = new Promise<never>((_resolve, fail) => {
		reject = () => fail(signal.reason as CallError);
	});
	signal.addEventListener('abort', reject, { once: true });
	try {
		if (signal.aborted) {
			reject();
		}
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', reject);
	}
}

function single(header: string | string[] | undefined): string | undefined {
	return Array.isArray(header) ? header[0] : header;
}

function cancelled(): CallError {
	return new CallError('CANCELLED', 'The fetching of the audio was stopped', {
		hint: 'The execution was stopped before anything was sent.',
	});
}
