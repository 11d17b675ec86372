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

/** What became of a voice note. Servers may add fields of their own. */
export interface VoiceReport {
	success: true;
	messageId?: string;
	[serverField: string]: unknown;
}
