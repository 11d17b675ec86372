import { Readable } from 'node:stream';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { numberOption } from '../options';
import type { ApiRequest, RawAnswer, Service, StreamedJson } from './api';
import type { ConnectionContext } from './connection';
import { networkError } from './networkError';
import { redacted } from './redact';
import { waitForRateLimit } from './rateLimit';

/** Answers of the APIs are a few kilobytes; more than this is no answer of theirs. */
const MAXIMUM_ANSWER_BYTES = 2 * 1024 * 1024;
const MILLISECONDS_PER_SECOND = 1000;

/**
 * Sends one request through n8n's own client (its proxy settings and its credential) and reads the
 * answer whatever its status is. A 429 was not executed by the server: it is asked again when the
 * user allows the time for it (option `waitWhenRateLimitedSeconds`). Nothing else is ever repeated,
 * and redirects are not followed, so that a token goes to no other host.
 *
 * @throws CallError INVALID_OPTION, NETWORK_UNREACHABLE when nothing was sent, MAYBE_PLACED when the server may have
 *   carried it out, BAD_RESPONSE, RATE_LIMITED, CANCELLED
 */
export async function sendRequest(
	context: ConnectionContext,
	service: Service,
	request: ApiRequest,
): Promise<RawAnswer> {
	const timeoutSeconds =
		numberOption(context.options, 'timeoutSeconds') + (request.answerAfterSeconds ?? 0);
	const allowedSeconds = numberOption(context.options, 'waitWhenRateLimitedSeconds');
	const startedAt = context.clock.now();
	for (;;) {
		const answer = await sendOnce(context, service, request, timeoutSeconds);
		if (answer.status !== 429) {
			return answer;
		}
		await waitForRateLimit(context, answer, startedAt, allowedSeconds);
	}
}

async function sendOnce(
	context: ConnectionContext,
	service: Service,
	request: ApiRequest,
	timeoutSeconds: number,
): Promise<RawAnswer> {
	const { functions } = context;
	let answer: { statusCode: number; headers: unknown; body: unknown };
	try {
		answer = (await functions.helpers.httpRequestWithAuthentication.call(
			functions,
			service.credentialName,
			requestOptions(service, request, timeoutSeconds),
		)) as typeof answer;
	} catch (error) {
		throw networkError(error, service, request.hasEffect, context.signal);
	}
	const bytes = await readAnswer(
		answer.body,
		timeoutSeconds,
		request.maximumAnswerBytes ?? MAXIMUM_ANSWER_BYTES,
	).catch((error: unknown) => {
		throw networkError(error, service, request.hasEffect, context.signal);
	});
	const headers = plainHeaders(answer.headers);
	const text = /^(audio|video|image)\//.test(headers['content-type'] ?? '') ? '' : bytes.toString();
	return {
		status: answer.statusCode,
		headers,
		bytes,
		text,
		json: redacted(jsonObject(text), service.secrets),
	};
}

function requestOptions(
	service: Service,
	request: ApiRequest,
	timeoutSeconds: number,
): IHttpRequestOptions {
	const headers: IDataObject = { Accept: 'application/json' };
	let body: IHttpRequestOptions['body'];
	if (isStreamed(request.body)) {
		headers['Content-Type'] = 'application/json';
		headers['Content-Length'] = String(request.body.byteLength);
		// n8n passes streams on; its type only names objects and buffers.
		body = request.body.stream() as unknown as IDataObject;
	} else if (request.body !== undefined) {
		headers['Content-Type'] = 'application/json';
		body = request.body;
	}
	return {
		method: request.method,
		url: `${service.baseUrl}${request.path}`,
		qs: request.query,
		headers,
		body,
		encoding: 'stream',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout: timeoutSeconds * MILLISECONDS_PER_SECOND,
	};
}

function isStreamed(body: ApiRequest['body']): body is StreamedJson {
	return typeof body?.stream === 'function';
}

/** Reads a body to its end, within the size and the time that an answer may take. */
async function readAnswer(
	body: unknown,
	timeoutSeconds: number,
	maximumBytes: number,
): Promise<Buffer> {
	if (!(body instanceof Readable)) {
		return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? ''));
	}
	const deadline = AbortSignal.timeout(timeoutSeconds * MILLISECONDS_PER_SECOND);
	const stop = () => body.destroy(new Error('the answer took too long'));
	deadline.addEventListener('abort', stop, { once: true });
	try {
		const pieces: Buffer[] = [];
		let byteLength = 0;
		for await (const piece of body as AsyncIterable<Buffer>) {
			byteLength += piece.length;
			if (byteLength > maximumBytes) {
				throw new Error('the answer is far too large');
			}
			pieces.push(piece);
		}
		return Buffer.concat(pieces);
	} finally {
		deadline.removeEventListener('abort', stop);
		body.destroy();
	}
}

function plainHeaders(headers: unknown): Record<string, string> {
	return Object.fromEntries(
		Object.entries((headers ?? {}) as Record<string, unknown>).map(([name, value]) => [
			name.toLowerCase(),
			String(value),
		]),
	);
}

function jsonObject(text: string): IDataObject | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? (value as IDataObject)
			: undefined;
	} catch {
		return undefined;
	}
}

/**
 * A JSON object whose last property is a base64 text, as a stream: a large file never stands in
 * memory as one string.
 *
 * @param base64ByteLength length of the base64 text in characters
 */
export function jsonWithBase64(
	fields: IDataObject,
	name: string,
	base64: () => Iterable<string>,
	base64ByteLength: number,
): StreamedJson {
	const start = JSON.stringify(fields).slice(0, -1);
	const head = `${start}${start.length > 1 ? ',' : ''}${JSON.stringify(name)}:"`;
	const tail = '"}';
	return {
		byteLength: Buffer.byteLength(head) + base64ByteLength + tail.length,
		stream: () =>
			Readable.from(
				(function* () {
					yield Buffer.from(head);
					for (const piece of base64()) {
						yield Buffer.from(piece, 'latin1');
					}
					yield Buffer.from(tail);
				})(),
				{ objectMode: false },
			),
	};
}
