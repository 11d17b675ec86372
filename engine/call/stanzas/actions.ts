import type { BinaryNode } from './binaryNode';

/** What every stanza about a call says of it. */
export interface CallIdentity {
	callId: string;
	/** Our own device's hidden id, the same in every stanza of the call. */
	creator: string;
}

/**
 * Why a device is told to stop. Protocol page 01: no reason leaves a missed call on a phone that
 * rings; these two leave none. Any other reason gives no entry in the call log at all.
 */
export type StopReason = 'accepted_elsewhere' | 'rejected_elsewhere';

/** Hangs up, or stops a device from ringing (protocol page 02, section 7). */
export function buildTerminate(
	call: CallIdentity,
	to: string,
	stanzaId: string,
	reason?: StopReason,
): BinaryNode {
	return inCall(call, to, stanzaId, 'terminate', reason === undefined ? {} : { reason });
}

/** Says that our microphone is on; some phones wait for it after they accepted (page 07, Q16). */
export function buildUnmuted(call: CallIdentity, to: string, stanzaId: string): BinaryNode {
	return inCall(call, to, stanzaId, 'mute_v2', { 'mute-state': '0' });
}

function inCall(
	{ callId, creator }: CallIdentity,
	to: string,
	stanzaId: string,
	tag: string,
	attributes: Record<string, string>,
): BinaryNode {
	return {
		tag: 'call',
		attrs: { to, id: stanzaId },
		content: [{ tag, attrs: { 'call-id': callId, 'call-creator': creator, ...attributes } }],
	};
}
