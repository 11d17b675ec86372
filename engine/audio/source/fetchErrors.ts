import { CallError } from '../../../common/errors';
import { printable } from '../../../common/text';

const REASONS: Readonly<Record<string, string>> = {
	CERT_HAS_EXPIRED: 'its certificate has expired',
	ECONNREFUSED: 'nothing answers at this address and port',
	ECONNRESET: 'it closed the connection before the file was complete',
	EHOSTUNREACH: 'there is no way to it from this machine',
	ENETUNREACH: 'there is no way to it from this machine',
	ENOTFOUND: 'there is no host of this name',
	EAI_AGAIN: 'the name server of this machine does not answer',
	ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate belongs to another host',
	ETIMEDOUT: 'it does not answer',
	UND_ERR_SOCKET: 'it closed the connection before the file was complete',
};
const NOT_TRUSTED = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const HTTP_PARSER_ERROR = 'HTTPParserError';
const NOT_HTTP = /^(HTTPParserError$|HPE_|EPROTO$|ERR_SSL_|UND_ERR_HEADERS_OVERFLOW$|UND_ERR_RES)/;

/**
 * The error for a host that audio could not be fetched from. It names the host and nothing else of
 * the address: queries, and paths too, often hold tokens.
 *
 * @param host name or address, with the port where it is not the usual one
 * @param cause what a socket, the resolver or undici threw, or a reason in words
 */
export function unreachable(host: string, cause: unknown, httpStatus?: number): CallError {
	const reason = typeof cause === 'string' ? cause : reasonOf(codeOf(cause));
	return new CallError(
		'AUDIO_UNREACHABLE',
		`The audio could not be fetched from ${printable(host, 100)}: ${reason}`,
		{ ...(httpStatus !== undefined && { httpStatus }) },
	);
}

/** The code; for an answer that is not HTTP, undici gives only the name of the error. */
function codeOf(cause: unknown): string {
	if (typeof cause !== 'object' || cause === null) {
		return '';
	}
	if ('code' in cause && typeof cause.code === 'string') {
		return cause.code;
	}
	return 'name' in cause && cause.name === HTTP_PARSER_ERROR ? HTTP_PARSER_ERROR : '';
}

function reasonOf(code: string): string {
	if (Object.hasOwn(REASONS, code)) {
		return REASONS[code] ?? code;
	}
	if (NOT_TRUSTED.test(code)) {
		return 'its certificate is not trusted';
	}
	if (NOT_HTTP.test(code)) {
		return 'it does not answer as a web server does';
	}
	return code === '' ? 'the connection failed' : `the connection failed (${printable(code, 40)})`;
}
