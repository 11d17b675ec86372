import type { CallOutcome, CallReport } from '../../../common/report';
import { CALL_OUTCOMES } from '../../../common/report';

/**
 * What RyzeAPI's `call.update` events say, read tolerantly: the names of the fields in `data` are
 * not documented, so the call id and the kind are looked for under the names that are usual, at the
 * top or nested. What cannot be understood is left out; nothing is guessed.
 */

type CallEventKind =
	| 'accepted'
	| 'latency'
	| 'notification'
	| 'offer'
	| 'rejected'
	| 'ringing'
	| 'terminated';

export interface CallEvent {
	kind: CallEventKind;
	/** Outcome, if the server says it in the words of our own report. */
	outcome?: CallOutcome;
	/** Why the call ended, in the server's words, lower case. */
	reason?: string;
}

const ID_KEYS: readonly string[] = ['callid', 'call_id', 'id'];
const KIND_KEYS: readonly string[] = ['type', 'status', 'state', 'action'];

const KINDS: Readonly<Record<string, CallEventKind>> = {
	accept: 'accepted',
	accepted: 'accepted',
	latency: 'latency',
	notification: 'notification',
	offer: 'offer',
	preaccept: 'ringing',
	reject: 'rejected',
	rejected: 'rejected',
	ringing: 'ringing',
	terminate: 'terminated',
	terminated: 'terminated',
};

const MAXIMUM_DEPTH = 4;
const MAXIMUM_VALUES = 500;

/**
 * The event of a frame, when the frame is a `call.update` about this call and says one thing only.
 *
 * @param frame a JSON text from the event channel
 */
export function readCallEvent(frame: string, callId: string): CallEvent | undefined {
	const values = callUpdateValues(frame);
	if (!values.some(({ key, value }) => ID_KEYS.includes(key) && value === callId)) {
		return undefined;
	}
	const kinds = new Set(
		values
			.filter(({ key }) => KIND_KEYS.includes(key))
			.map(({ value }) => KINDS[value.toLowerCase()])
			.filter((kind) => kind !== undefined),
	);
	const [kind] = kinds;
	if (kind === undefined || kinds.size > 1) {
		return undefined;
	}
	const outcome = values.find(({ key }) => key === 'outcome')?.value;
	const reason = values.find(({ key }) => key === 'reason')?.value.toLowerCase();
	return {
		kind,
		...(isOutcome(outcome) && { outcome }),
		...(reason !== undefined && { reason }),
	};
}

function isOutcome(value: string | undefined): value is CallOutcome {
	return CALL_OUTCOMES.some((outcome) => outcome === value);
}

interface NamedText {
	/** Lower case. */
	key: string;
	value: string;
}

/** Every text in the `data` of a `call.update` frame with the name it stands under. */
function callUpdateValues(frame: string): NamedText[] {
	let envelope: unknown;
	try {
		envelope = JSON.parse(frame);
	} catch {
		return [];
	}
	if (!isObject(envelope) || envelope.event !== 'call.update') {
		return [];
	}
	const found: NamedText[] = [];
	collect(envelope.data, 0, found);
	return found;
}

function collect(value: unknown, depth: number, found: NamedText[]): void {
	if (!isObject(value) || depth > MAXIMUM_DEPTH) {
		return;
	}
	for (const [key, entry] of Object.entries(value)) {
		if (found.length >= MAXIMUM_VALUES) {
			return;
		}
		if (typeof entry === 'string') {
			found.push({ key: key.toLowerCase(), value: entry });
		} else {
			collect(entry, depth + 1, found);
		}
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}

/** What is known of a call from its events; times in milliseconds since the epoch. */
export interface CallProgress {
	ringingAt?: number;
	acceptedAt?: number;
	endedAt?: number;
	/** One device of the recipient was busy; the others may still ring (protocol: reject, reason busy). */
	busySeen?: boolean;
	outcome?: CallOutcome;
	endedBy?: CallReport['endedBy'];
}

/**
 * What is known after one more event. `endedAt` is set when the call is over; from then on nothing
 * changes any more.
 */
export function advance(progress: CallProgress, event: CallEvent, at: number): CallProgress {
	if (progress.endedAt !== undefined) {
		return progress;
	}
	switch (event.kind) {
		case 'latency':
		case 'notification':
		case 'offer':
			return progress;
		case 'ringing':
			return { ...progress, ringingAt: progress.ringingAt ?? at };
		case 'accepted':
			return { ...progress, acceptedAt: progress.acceptedAt ?? at, outcome: 'answered' };
		case 'rejected':
			return event.reason === 'busy'
				? { ...progress, busySeen: true }
				: { ...progress, endedAt: at, outcome: 'declined', endedBy: 'recipient' };
		case 'terminated':
			return { ...progress, endedAt: at, outcome: outcomeOfEnd(progress, event) };
	}
}

function outcomeOfEnd(progress: CallProgress, event: CallEvent): CallOutcome {
	if (event.outcome !== undefined) {
		return event.outcome;
	}
	if (progress.acceptedAt !== undefined) {
		return 'answered';
	}
	return event.reason === 'busy' || progress.busySeen === true ? 'busy' : 'noAnswer';
}

/** The fields of a report that follow from what is known. */
export function reportOf(progress: CallProgress): Partial<CallReport> & { outcome: CallOutcome } {
	const { ringingAt, acceptedAt, endedAt, outcome, endedBy } = progress;
	const ringEnd = acceptedAt ?? endedAt;
	return {
		outcome: outcome ?? 'placed',
		...(ringingAt !== undefined && { rang: true }),
		...(ringingAt !== undefined &&
			ringEnd !== undefined && { ringSeconds: seconds(ringingAt, ringEnd) }),
		...(acceptedAt !== undefined && { answeredAt: new Date(acceptedAt).toISOString() }),
		...(acceptedAt !== undefined &&
			endedAt !== undefined && { talkSeconds: seconds(acceptedAt, endedAt) }),
		...(endedAt !== undefined && { endedAt: new Date(endedAt).toISOString() }),
		...(endedBy !== undefined && { endedBy }),
	};
}

function seconds(from: number, to: number): number {
	return Math.round(to - from) / 1000;
}
