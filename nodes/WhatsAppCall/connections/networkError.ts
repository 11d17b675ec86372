import { CallError } from '../../../common/errors';
import type { Service } from './api';

/**
 * What is recognised in the text of an error. n8n wraps what its HTTP client throws and keeps the
 * texts only: neither the error code nor the cause survives.
 */
const NOT_CONNECTED: ReadonlyArray<readonly [RegExp, string]> = [
	[/ECONNREFUSED|refused the connection/, 'it refuses connections'],
	[/ENOTFOUND|incorrect host \(domain\)/, 'its name does not exist (DNS)'],
	[/EAI_AGAIN|EAI_FAIL|DNS server/, 'its name could not be looked up (DNS)'],
	[/EHOSTUNREACH|EHOSTDOWN/, 'there is no route to it'],
	[/ENETUNREACH|EADDRNOTAVAIL|ENETDOWN/, 'this machine has no network'],
	[/connect (EACCES|EPERM)/, 'this machine is not allowed to connect there'],
	[/connect ETIMEDOUT/, 'it does not answer'],
];

/** Certificates and handshakes that failed: by OpenSSL's codes, or by the sentences of Node.js. */
const TLS =
	/\b(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO)|certificate|wrong version number|before secure TLS connection/i;

const INVALID_ADDRESS = /ERR_INVALID_URL|Invalid URL/;
const NOT_HTTP = /\bHPE_|Parse Error/;
const TIMED_OUT = /ECONNABORTED|ETIMEDOUT|ESOCKETTIMEDOUT|timeout of \d+|took too long/i;

/** More nesting than any error of n8n or its HTTP client has. */
const MAXIMUM_DEPTH = 6;

/**
 * Says in plain words why a request got no answer, and whether it can have been carried out.
 * Nothing of the original text is passed on: it may hold the address with a token in its query.
 *
 * @param hasEffect whether the request rings a phone or sends a message
 */
export function networkError(
	error: unknown,
	service: Service,
	hasEffect: boolean,
	signal: AbortSignal | undefined,
): CallError {
	if (error instanceof CallError) {
		return error;
	}
	const where = service.baseUrl;
	if (signal?.aborted === true) {
		return new CallError('CANCELLED', 'The execution was stopped while the server was working');
	}
	const texts = textsOf(error);
	const refusal = NOT_CONNECTED.find(([pattern]) => texts.some((text) => pattern.test(text)));
	if (refusal !== undefined) {
		return new CallError(
			'NETWORK_UNREACHABLE',
			`The server ${where} cannot be reached: ${refusal[1]}`,
		);
	}
	if (texts.some((text) => TLS.test(text))) {
		return new CallError(
			'NETWORK_UNREACHABLE',
			`No secure connection to ${where} could be made: its certificate or its TLS is not accepted`,
			{
				hint: 'Check that the Base URL starts with the right one of http:// and https://, and that the certificate of the server is valid for its name and signed by an authority that n8n trusts (NODE_EXTRA_CA_CERTS).',
			},
		);
	}
	if (texts.some((text) => INVALID_ADDRESS.test(text))) {
		return new CallError('NETWORK_UNREACHABLE', `The Base URL "${where}" is not an address`);
	}
	if (texts.some((text) => NOT_HTTP.test(text))) {
		return new CallError('BAD_RESPONSE', `What answers at ${where} does not speak HTTP`);
	}
	const timedOut = texts.some((text) => TIMED_OUT.test(text));
	if (!hasEffect) {
		return new CallError(
			'NETWORK_UNREACHABLE',
			timedOut
				? `The server ${where} did not answer in time`
				: `The connection to ${where} broke before the answer came`,
		);
	}
	return new CallError(
		'MAYBE_PLACED',
		timedOut
			? 'The server did not answer in time: the call or message may have been placed'
			: 'The connection broke before the answer came: the call or message may have been placed',
	);
}

/** The codes and sentences of an error, of those that n8n collected in it, and of its causes. */
function textsOf(error: unknown): string[] {
	const found: unknown[] = [];
	let current = error;
	for (let depth = 0; depth < MAXIMUM_DEPTH; depth++) {
		if (typeof current !== 'object' || current === null) {
			break;
		}
		const { code, message, messages, cause } = current as Record<string, unknown>;
		found.push(code, message, ...(Array.isArray(messages) ? (messages as unknown[]) : []));
		current = cause;
	}
	return found.filter((text) => typeof text === 'string');
}
