/**
 * Every error that a user or a program can get from this package, in one table.
 *
 * Callers match on the code, never on the text: codes are stable, sentences are not.
 * `cause` says who can mend it: the `input` of the user, or the `service` at the other end.
 */
export const ERRORS = {
	ACCOUNT_RESTRICTED: {
		cause: 'service',
		hint: 'WhatsApp restricts this account. Open WhatsApp on the phone to see why and for how long, and do not call until it is lifted.',
	},
	AUDIO_ADDRESS_BLOCKED: {
		cause: 'input',
		hint: 'Audio is fetched from public addresses only. If yours lies in your own network, switch on "Allow Private Addresses" (allowPrivateAddresses).',
	},
	AUDIO_FORMAT: {
		cause: 'input',
		hint: 'Convert the file to MP3, WAV, OGG or FLAC, or make ffmpeg available to this machine (FFMPEG_PATH).',
	},
	AUDIO_SOURCE: {
		cause: 'input',
		hint: 'Choose one audio source and fill its field: a binary file, an http(s) URL, or base64.',
	},
	AUDIO_TOO_LARGE: {
		cause: 'input',
		hint: 'Use a shorter or more strongly compressed file, or raise the option "Maximum Audio Size".',
	},
	AUDIO_TOO_LONG: {
		cause: 'input',
		hint: 'Use a shorter recording, or raise the limit for the length of the audio.',
	},
	AUDIO_UNREACHABLE: {
		cause: 'service',
		hint: 'Open the address in a private browser window: it must give the file itself, without a login. Check also that this machine can reach it.',
	},
	AUDIO_UNREADABLE: {
		cause: 'input',
		hint: 'Check that the file plays in an audio player, and that it is the recording itself and not a web page or an archive.',
	},
	BAD_REQUEST: {
		cause: 'service',
		hint: 'Check the fields of this node against what the server says it expects.',
	},
	BAD_RESPONSE: {
		cause: 'service',
		hint: "Check the Base URL in the credential: it must be the address of the server's API, not of a website or a login page.",
	},
	CANCELLED: {
		cause: 'service',
		hint: 'The execution was stopped. A request that was already under way may still have been carried out by the server.',
	},
	CODEC_REFUSED: {
		cause: 'service',
		hint: "The recipient's app offers no audio that this package speaks. Use a fake call or a voice message for this contact.",
	},
	FORBIDDEN: {
		cause: 'service',
		hint: 'Check the rights and the quota of this account with the provider of the server.',
	},
	INSTANCE_DISCONNECTED: {
		cause: 'service',
		hint: 'Connect the instance to WhatsApp again (scan its QR code at the server), then run this again.',
	},
	INSTANCE_NOT_FOUND: {
		cause: 'service',
		hint: 'Check the instance name in the credential: it must be written as on the server, and the token must belong to it.',
	},
	INVALID_DURATION: {
		cause: 'input',
		hint: 'Enter a whole number of seconds from 1 to 60, or 0 for the default of 8 seconds.',
	},
	INVALID_NUMBER: {
		cause: 'input',
		hint: 'Write the number with its country code, for example +55 11 99999-9999 or 5511999999999.',
	},
	INVALID_OPTION: {
		cause: 'input',
		hint: 'Correct the option, or remove it to use its default.',
	},
	LINK_TIMEOUT: {
		cause: 'input',
		hint: 'Start linking again, and scan the QR code or enter the pairing code on the phone while it is shown: WhatsApp > Settings > Linked devices.',
	},
	LOGGED_OUT: {
		cause: 'input',
		hint: 'Link the device again: somebody removed it on the phone, or WhatsApp did after a long time without the phone.',
	},
	MAYBE_PLACED: {
		cause: 'service',
		hint: 'Look at the phone or at the log of the server before you run this again. It is not repeated by itself, so that nobody is called twice.',
	},
	NETWORK_UNREACHABLE: {
		cause: 'service',
		hint: 'Check the Base URL in the credential, and that this machine can reach the server.',
	},
	NOT_LINKED: {
		cause: 'input',
		hint: 'Link the session to a phone first, with Session > Link Device.',
	},
	NOT_ON_WHATSAPP: {
		cause: 'input',
		hint: 'Check the number, its country code included: nobody uses WhatsApp under it.',
	},
	NOT_SUPPORTED: {
		cause: 'input',
		hint: 'Choose another connection in this node.',
	},
	OFFER_REFUSED: {
		cause: 'service',
		hint: 'Try once more after some minutes. If it stays so, report the number of the refusal to this package.',
	},
	RATE_LIMITED: {
		cause: 'service',
		hint: 'Raise the option "Wait When Rate-Limited", or put a pause between the calls. Nothing was sent, so running it again is safe.',
	},
	RECIPIENT_UNREACHABLE: {
		cause: 'service',
		hint: 'Try again later. If it stays so, write to this contact on WhatsApp once, then call.',
	},
	RELAY_UNREACHABLE: {
		cause: 'service',
		hint: "Allow outgoing UDP to ports 3478 and 3480 in this machine's firewall: the sound of calls goes that way.",
	},
	SERVER_ERROR: {
		cause: 'service',
		hint: "The reason is the server's own. Check there that the instance is connected and that the number is on WhatsApp.",
	},
	SESSION_BUSY: {
		cause: 'service',
		hint: 'One session places one call at a time. Call again later, or use another session for calls at the same time. Nothing was sent.',
	},
	SESSION_IN_USE: {
		cause: 'input',
		hint: 'Only one process can use a session. In queue mode, where several workers run, use the server (Connection: RyzeAPI) instead.',
	},
	SESSION_REPLACED: {
		cause: 'service',
		hint: 'Another program uses the same session, perhaps a copy of its folder. Stop it, or link a session of its own for each.',
	},
	SESSION_UNREADABLE: {
		cause: 'input',
		hint: 'Check the folder of the session, or link the device again under another session name.',
	},
	UNAUTHORIZED: {
		cause: 'service',
		hint: 'Check the token in the credential: it must be the one of this instance or of the account it belongs to.',
	},
} as const satisfies Record<string, { cause: 'input' | 'service'; hint: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface CallErrorOptions {
	/** What to do, in one sentence. The table's hint when absent. */
	hint?: string;
	/** The HTTP status that the service answered with, where there was one. */
	httpStatus?: number;
}

/**
 * An error with a stable `code`, a sentence that says what happened (`message`) and one that says
 * what to do (`hint`). Neither ever holds a token or another secret.
 */
export class CallError extends Error {
	readonly code: ErrorCode;
	readonly hint: string;
	readonly httpStatus: number | undefined;

	constructor(code: ErrorCode, message: string, options: CallErrorOptions = {}) {
		super(message);
		this.name = 'CallError';
		this.code = code;
		this.hint = options.hint ?? ERRORS[code].hint;
		this.httpStatus = options.httpStatus;
	}
}
