import type { CallReport } from '../../common/report';
import type { CallProgress } from '../../engine';
import type { CallRecord } from './callRecord';

/** The `data` of `call.update` events. docs/server.md tells its fields. */
export type CallEventData = Record<string, unknown> & {
	callId: string;
	type: 'accepted' | 'offer' | 'rejected' | 'ringing' | 'terminated';
};

const TYPES = { placed: 'offer', ringing: 'ringing', answered: 'accepted' } as const;

export function progressEvent(record: CallRecord, { kind }: CallProgress): CallEventData {
	return event(record, TYPES[kind]);
}

/** The end of a call, with what came before it from the recipient. */
export function endEvents(record: CallRecord, report: CallReport): CallEventData[] {
	const { message, outcome, endedBy, failureCode, rang, ringSeconds, talkSeconds } = report;
	const known = { outcome, message, endedBy, failureCode, rang, ringSeconds, talkSeconds };
	const terminated = { ...event(record, 'terminated'), ...defined(known) };
	switch (outcome) {
		case 'declined':
			return [{ ...event(record, 'rejected'), reason: 'declined' }, terminated];
		case 'busy':
			return [{ ...event(record, 'rejected'), reason: 'busy' }, terminated];
		default:
			return [terminated];
	}
}

function event(record: CallRecord, type: CallEventData['type']): CallEventData {
	const { callId, subject } = record;
	return {
		callId,
		type,
		number: subject.number,
		fromMe: true,
		kind: subject.kind,
		...record.timesSoFar(),
	};
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
