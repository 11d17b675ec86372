import type { ErrorCode } from './errors';

/** How a call ended, as far as it is known. `placed`: accepted by the network, no more known. */
export type CallOutcome =
	| 'answered'
	| 'busy'
	| 'cancelled'
	| 'declined'
	| 'failed'
	| 'noAnswer'
	| 'placed';

export const CALL_OUTCOMES: readonly CallOutcome[] = [
	'answered',
	'busy',
	'cancelled',
	'declined',
	'failed',
	'noAnswer',
	'placed',
];

/** Which codec the packets of a call hold, as seen on the wire. */
export type CallCodec = 'escape' | 'mlow' | 'opus';

export type CallEndedBy = 'network' | 'recipient' | 'us';

/**
 * What became of a call. Fields are there only where they are known; nothing is inferred.
 * Keeps RyzeAPI's answer (`success`, `message`, `callId`, `number`, `duration`), so that a workflow
 * does not change when its connection does. Servers may add fields of their own.
 */
export interface CallReport {
	success: true;
	message?: string;
	callId?: string;
	/** E.164 without the plus, or a JID. */
	number?: string;
	/** Fake calls: the seconds asked for. */
	duration?: number;
	outcome: CallOutcome;
	/** True when at least one of the recipient's devices confirmed that it rings. */
	rang?: boolean;
	/** Seconds, measured from events. */
	ringSeconds?: number;
	/** Seconds, measured from events. */
	talkSeconds?: number;
	/** Audio packets of the recipient came back: the media path works in both directions. */
	heard?: boolean;
	/** Audio calls: how much of the recording was sent while the call was up, in seconds. */
	playedSeconds?: number;
	/** Audio calls: how long the recording is, in seconds. */
	audioSeconds?: number;
	/** Audio calls: the codec that was sent. */
	codecSent?: CallCodec;
	/** Audio calls: the codec of the recipient's packets. */
	recipientCodec?: CallCodec;
	/** Name of the binary field with what the recipient said. */
	recording?: string;
	endedBy?: CallEndedBy;
	/** With the outcome `failed`. */
	failureCode?: ErrorCode;
	/** Seconds that this call waited for others of the same session, where it had to. */
	waitedSeconds?: number;
	/** ISO 8601, UTC. */
	placedAt: string;
	/** ISO 8601, UTC. */
	answeredAt?: string;
	/** ISO 8601, UTC. */
	endedAt?: string;
	[serverField: string]: unknown;
}

/** The current step of linking a device; what to enter or scan while `state` is `linking`. */
export interface LinkReport {
	success: true;
	/** What to do now, in a sentence. */
	message: string;
	session: string;
	state: 'linked' | 'linking';
	method?: 'code' | 'qr';
	/** With the method `code`: eight characters and a dash, to be typed on the phone. */
	code?: string;
	/** With the method `qr`: the text of the QR code. */
	qr?: string;
	/** Until when the code or QR code is valid; ISO 8601, UTC. */
	expiresAt?: string;
	/** Digits of the linked account's number. */
	number?: string;
	/** The linked account's hidden id, `…@lid`. */
	lid?: string;
}

/** What is known of a session without connecting it. */
export interface SessionReport {
	success: true;
	session: string;
	state: string;
	number?: string;
	lid?: string;
	lastError?: { code: ErrorCode; message: string; at: string };
}

/** A session after its device was removed. */
export interface LogOutReport {
	success: true;
	message: string;
	session: string;
	/** Whether WhatsApp was told; if not, the phone still lists the device. */
	removedFromAccount: boolean;
}

/** What became of a voice note. Servers may add fields of their own. */
export interface VoiceReport {
	success: true;
	messageId?: string;
	[serverField: string]: unknown;
}
