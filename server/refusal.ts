import { STATUS_CODES } from 'node:http';
import { CallError, ERRORS, type ErrorCode } from '../common/errors';
import { asSentence } from '../common/text';

export interface RefusalDetails {
	/** A code of the error table. */
	code?: ErrorCode;
	/** What to do, in one sentence. */
	hint?: string;
}

/** A request that is answered with an error: its HTTP status and the contract's message. */
export class Refusal extends Error {
	readonly code: ErrorCode | undefined;
	readonly hint: string | undefined;

	constructor(
		readonly status: number,
		message: string,
		{ code, hint }: RefusalDetails = {},
	) {
		super(message);
		this.name = 'Refusal';
		this.code = code;
		this.hint = hint;
	}
}

/** 400 of the contract for a body it cannot take. */
export function invalidBody(detail: string, details?: RefusalDetails): Refusal {
	return new Refusal(400, `Invalid request body: ${detail}`, details);
}

export function instanceNotFound(): Refusal {
	return new Refusal(404, 'instance not found', {
		code: 'INSTANCE_NOT_FOUND',
		hint: 'GET /api/instance/list shows the instances that this token opens.',
	});
}

export function invalidToken(): Refusal {
	return new Refusal(401, 'Invalid token', { code: 'UNAUTHORIZED' });
}

/** RyzeAPI's envelope of an error; `code` and `hint` are ours. */
export function ryzeApiError({ message, code, hint }: Refusal) {
	return {
		success: false,
		error: { message, ...(code !== undefined && { code }), ...(hint !== undefined && { hint }) },
	};
}

/** The Voice API's error object. */
export function voiceApiError({ status, message }: Refusal) {
	return { status, message, error: STATUS_CODES[status] ?? 'Error' };
}

/** What the engine threw, as an answer. */
export function refusalOf(error: CallError): Refusal {
	const { code, message } = error;
	const hint = hintOf(error);
	switch (code) {
		case 'AUDIO_TOO_LARGE':
			return new Refusal(413, `Invalid request body: ${message}`, { code, hint });
		case 'SESSION_BUSY':
			return new Refusal(500, 'Instance is in another call', { code, hint });
		case 'LOGGED_OUT':
		case 'NOT_LINKED':
			return new Refusal(500, `Instance is not connected: ${asSentence(message)}`, { code, hint });
		default:
			return isOfInput(code)
				? invalidBody(message, { code, hint })
				: new Refusal(500, message, { code, hint });
	}
}

const OF_THE_REQUEST: readonly ErrorCode[] = [
	'AUDIO_ADDRESS_BLOCKED',
	'AUDIO_FORMAT',
	'AUDIO_SOURCE',
	'AUDIO_TOO_LONG',
	'AUDIO_UNREADABLE',
	'INVALID_DURATION',
	'INVALID_NUMBER',
	'INVALID_OPTION',
];

function isOfInput(code: ErrorCode): boolean {
	return OF_THE_REQUEST.includes(code);
}

/** Those of the table are written for the panel of the node; who reads this calls a server. */
function hintOf({ code, hint }: CallError): string {
	if (hint !== ERRORS[code].hint) {
		return hint;
	}
	switch (code) {
		case 'LOGGED_OUT':
		case 'NOT_LINKED':
			return 'Link the instance to a phone with GET /api/instance/connect/<instance>.';
		case 'AUDIO_ADDRESS_BLOCKED':
			return 'Recordings are fetched from public addresses only, unless the server is started with --allow-private-addresses.';
		case 'NETWORK_UNREACHABLE':
			return 'Check that the server can reach web.whatsapp.com on port 443.';
		case 'RATE_LIMITED':
			return 'Nothing was sent. --calls-per-day of the server protects the account from being restricted; raise it with care.';
		case 'SESSION_IN_USE':
			return 'Only one process can use an instance: stop the other one.';
		case 'SESSION_BUSY':
			return 'An instance places one call at a time, and this one waited in line for too long. Nothing was sent.';
		case 'SESSION_UNREADABLE':
			return 'Check WHATSAPP_CALL_PASSPHRASE and the data folder of the server, or log the instance out and link it again.';
		default:
			return hint;
	}
}
