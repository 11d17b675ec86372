import { CallError } from '../../common/errors';
import type { CallReport } from '../../common/report';
import { asSentence, printable } from '../../common/text';
import type { CallEnding, CallKind } from './callTypes';

/** What the server or a device wrote, at most so much of it in a sentence. */
const QUOTED_CHARACTERS = 40;

export interface ReportedCall {
	kind: CallKind;
	callId: string;
	/** E.164 without the plus, or a JID, as it was asked for. */
	number: string;
	/** How long it was to ring, in seconds. */
	ringSeconds: number;
	waitedMilliseconds: number;
}

/** The report of a call that reached the network. What is not known is not in it. */
export function toCallReport(ending: CallEnding, call: ReportedCall): CallReport {
	const { answeredAt, endedAt, placedAt = endedAt, ringMilliseconds, talkMilliseconds } = ending;
	return {
		success: true,
		message: describeEnding(ending),
		callId: call.callId,
		number: call.number,
		...(call.kind === 'fake' && { duration: call.ringSeconds }),
		outcome: ending.outcome,
		rang: ending.rang,
		...(ringMilliseconds !== undefined && { ringSeconds: seconds(ringMilliseconds) }),
		...(talkMilliseconds !== undefined && { talkSeconds: seconds(talkMilliseconds) }),
		...(call.kind === 'audio' && answeredAt !== undefined && { heard: ending.heard }),
		endedBy: ending.endedBy,
		...(ending.failureCode !== undefined && { failureCode: ending.failureCode }),
		...(call.waitedMilliseconds > 0 && { waitedSeconds: seconds(call.waitedMilliseconds) }),
		placedAt: isoTime(placedAt),
		...(answeredAt !== undefined && { answeredAt: isoTime(answeredAt) }),
		endedAt: isoTime(endedAt),
	};
}

/**
 * The error for a call that went wrong before anybody showed that its offer arrived.
 */
export function toCallError({ failureCode, outcome, refusal }: CallEnding): CallError {
	if (outcome === 'cancelled') {
		return new CallError('CANCELLED', 'The call was cancelled before WhatsApp confirmed it', {
			hint: 'The phone may have rung for a moment; it was told to stop.',
		});
	}
	switch (failureCode) {
		case 'ACCOUNT_RESTRICTED':
			return new CallError(
				'ACCOUNT_RESTRICTED',
				`WhatsApp refused the call (${quoted(refusal)}): this account may not call people it has not been in touch with`,
				{
					hint: 'Exchange a message with this contact first. If contacts you write with are refused too, WhatsApp restricts the account: look at the phone, and place no calls for some days.',
				},
			);
		case 'OFFER_REFUSED':
			return new CallError('OFFER_REFUSED', `WhatsApp refused the call (${quoted(refusal)})`);
		case 'MAYBE_PLACED':
			return new CallError(
				'MAYBE_PLACED',
				'WhatsApp did not confirm the call, so it may or may not have rung',
			);
		default:
			return new CallError(
				failureCode ?? 'NETWORK_UNREACHABLE',
				'The connection to WhatsApp broke before the call was placed',
				{ hint: 'Nothing rang, so running it again is safe.' },
			);
	}
}

function describeEnding(ending: CallEnding): string {
	const { busySeen, outcome, reason } = ending;
	const said = reason === undefined ? '' : ` WhatsApp gave the reason "${quoted(reason)}".`;
	const busy = busySeen && outcome !== 'busy' ? ' One of their devices was busy.' : '';
	return `${asSentence(sentenceOf(ending))}${busy}${said}`;
}

function sentenceOf({ endedBy, failureCode, outcome, rang }: CallEnding): string {
	switch (outcome) {
		case 'answered':
			return endedBy === 'network' ? 'Answered, then the connection broke' : 'Answered';
		case 'busy':
			return 'The recipient was busy';
		case 'cancelled':
			return 'Cancelled before an answer';
		case 'declined':
			return 'The recipient declined';
		case 'noAnswer':
			return rang
				? 'It rang, and nobody answered'
				: 'Nobody answered, and no device confirmed to ring';
		case 'failed':
			return `The call failed (${failureCode ?? 'UNKNOWN'})`;
	}
}

function quoted(text = 'unknown'): string {
	return printable(text, QUOTED_CHARACTERS);
}

function seconds(milliseconds: number): number {
	return milliseconds / 1_000;
}

function isoTime(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
