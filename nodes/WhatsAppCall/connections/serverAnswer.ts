import type { IDataObject } from 'n8n-workflow';
import { CallError, type ErrorCode } from '../../../common/errors';
import { asSentence, printable } from '../../../common/text';
import type { ApiAnswer, Service } from './api';

/** Answers of gateways that gave up on a server which may well have gone on. */
const GATEWAY_GAVE_UP: readonly number[] = [408, 502, 504, 520, 524];
const NOT_CONNECTED_TEXT = /not connected|disconnected|logged ?out|not logged in/i;

/**
 * The JSON object of an answer that says the request was carried out.
 *
 * @param hasEffect whether carrying it out rings a phone or sends a message
 * @throws CallError with the server's own message: BAD_REQUEST (400), UNAUTHORIZED (401),
 *   FORBIDDEN (403), INSTANCE_NOT_FOUND (404), INSTANCE_DISCONNECTED or SERVER_ERROR (500 and
 *   refusals inside a 2xx), MAYBE_PLACED (a gateway gave up waiting), BAD_RESPONSE (anything that
 *   is not this API)
 */
export function requireSuccess(
	answer: ApiAnswer,
	service: Service,
	hasEffect: boolean,
): IDataObject {
	const { status, json } = answer;
	if (status >= 300 && status < 400) {
		throw new CallError(
			'BAD_RESPONSE',
			`The server ${service.baseUrl} redirects elsewhere (${status})`,
			{
				hint: `Enter the address it redirects to as Base URL in the credential${redirectTarget(answer)}. Redirects are not followed, so that the token goes to no other host.`,
				httpStatus: status,
			},
		);
	}
	if (hasEffect && GATEWAY_GAVE_UP.includes(status)) {
		throw new CallError(
			'MAYBE_PLACED',
			`A gateway answered ${status} for the server: the call or message may have been placed`,
			{ httpStatus: status },
		);
	}
	if (status === 413) {
		throw new CallError(
			'AUDIO_TOO_LARGE',
			'The server answered 413: the request is too large for it',
			{
				hint: 'Use a smaller file, or raise the limit of the server or of the proxy before it (nginx: client_max_body_size).',
				httpStatus: status,
			},
		);
	}
	if (status >= 500 || (status >= 400 && json !== undefined)) {
		throw refusal(answer);
	}
	if (json === undefined) {
		throw notJson(answer, hasEffect);
	}
	if (json.success === false || json.wawp_upstream_error !== undefined) {
		throw new CallError(
			'SERVER_ERROR',
			`The server refused although it answered ${status}: ${asSentence(serverMessage(json))}`,
			{ httpStatus: status },
		);
	}
	return json;
}

function refusal({ status, json }: ApiAnswer): CallError {
	const said = serverMessage(json);
	return new CallError(codeOf(status, said), `The server answered ${status}: ${asSentence(said)}`, {
		httpStatus: status,
	});
}

function codeOf(status: number, said: string): ErrorCode {
	switch (status) {
		case 400:
		case 422:
			return 'BAD_REQUEST';
		case 401:
			return 'UNAUTHORIZED';
		case 403:
			return 'FORBIDDEN';
		case 429:
			return 'RATE_LIMITED';
		case 404:
			return /instance/i.test(said) ? 'INSTANCE_NOT_FOUND' : 'BAD_RESPONSE';
		default:
			return NOT_CONNECTED_TEXT.test(said) ? 'INSTANCE_DISCONNECTED' : 'SERVER_ERROR';
	}
}

/** The sentence a server gives: `error.message`, `wawp_upstream_error`, `message` or `error`. */
export function serverMessage(json: IDataObject | undefined): string {
	const { error, message, wawp_upstream_error: upstream } = json ?? {};
	const candidates = [nestedMessage(error), nestedMessage(upstream), upstream, message, error];
	const text = candidates.find((one) => typeof one === 'string' && one.trim() !== '');
	return typeof text === 'string' ? printable(text) : 'it gave no reason';
}

function nestedMessage(value: unknown): unknown {
	return typeof value === 'object' && value !== null
		? (value as { message?: unknown }).message
		: undefined;
}

/** A web page comes from a wrong address; anything else in a 2xx may come from the API after it acted. */
function notJson({ status, text }: ApiAnswer, hasEffect: boolean): CallError {
	const options = { httpStatus: status };
	if (/^\s*</.test(text)) {
		return new CallError(
			'BAD_RESPONSE',
			`The server answered ${status} with a web page instead of JSON`,
			options,
		);
	}
	const what =
		text.trim() === ''
			? 'with nothing instead of JSON'
			: 'with something that is not a JSON object';
	return hasEffect && status < 300
		? unclearSuccess(status, what)
		: new CallError('BAD_RESPONSE', `The server answered ${status} ${what}`, options);
}

/** A 2xx that does not say whether the call was placed or the message sent. */
export function unclearSuccess(status: number, what: string): CallError {
	return new CallError(
		'MAYBE_PLACED',
		`The server answered ${status} ${what}: the call or message may have been placed`,
		{ httpStatus: status },
	);
}

function redirectTarget({ headers }: ApiAnswer): string {
	if (headers.location === undefined || !URL.canParse(headers.location)) {
		return '';
	}
	return ` (${printable(new URL(headers.location).origin, 100)})`;
}
