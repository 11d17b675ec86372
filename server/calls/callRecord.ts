import type { CallReport } from '../../common/report';
import type { CallProgress } from '../../engine';

export type CallKind = 'audio' | 'fake';

/** How far a call has come. */
export type CallState = 'answered' | 'ended' | 'placed' | 'ringing';

/** What a request asked for. */
export interface CallSubject {
	instance: string;
	kind: CallKind;
	/** Digits, or a JID. */
	number: string;
	/** Fake calls: whole seconds. */
	duration?: number;
}

/** What is known of a call, while it runs and afterwards. */
export class CallRecord {
	private state: CallState = 'placed';
	/** Milliseconds since the epoch. */
	private readonly times: Partial<Record<CallProgress['kind'], number>> = {};
	private report: CallReport | undefined;

	constructor(
		readonly subject: CallSubject,
		readonly callId: string,
	) {}

	take({ kind, at }: CallProgress): void {
		this.state = kind;
		this.times[kind] = at;
	}

	end(report: CallReport): void {
		this.state = 'ended';
		this.report = report;
	}

	/** When it got so far; ISO 8601, UTC. */
	timesSoFar(): Record<string, string> {
		const { placed, ringing, answered } = this.times;
		return {
			...(placed !== undefined && { placedAt: isoTime(placed) }),
			...(ringing !== undefined && { ringingAt: isoTime(ringing) }),
			...(answered !== undefined && { answeredAt: isoTime(answered) }),
			...(this.report?.endedAt !== undefined && { endedAt: this.report.endedAt }),
		};
	}

	/** The report so far, and whole when the call has ended. */
	toJson(): Record<string, unknown> {
		const { callId, report, state, subject, times } = this;
		const { kind, number, duration } = subject;
		const asked = { callId, number, ...(duration !== undefined && { duration }) };
		if (report !== undefined) {
			return { ...asked, ...report, kind, state, ...this.timesSoFar() };
		}
		return {
			success: true,
			...asked,
			outcome: times.answered === undefined ? 'placed' : 'answered',
			...(times.ringing !== undefined && { rang: true }),
			kind,
			state,
			...this.timesSoFar(),
		};
	}
}

export function isoTime(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
