import type { CallEnding } from './callTypes';

type Facts = Pick<
	CallEnding,
	'answeredAt' | 'placedAt' | 'rang' | 'reached' | 'ringMilliseconds' | 'talkMilliseconds'
>;

/** What is known of a call so far. Moments are milliseconds since the epoch. */
export class CallFacts {
	placedAt: number | undefined;
	acknowledgedAt: number | undefined;
	/** The first receipt or preaccept. */
	firstSignAt: number | undefined;
	answeredAt: number | undefined;
	/** One of the recipient's devices sent something about this call. */
	contacted = false;

	/** Somebody has shown that the offer arrived. */
	get reached(): boolean {
		return this.contacted || this.acknowledgedAt !== undefined;
	}

	/** A device confirmed that it rings; an answer confirms it too. */
	get rang(): boolean {
		return this.firstSignAt !== undefined || this.answeredAt !== undefined;
	}

	/** The part of a report that is measured; what is not known is not there. */
	at(endedAt: number): Facts {
		const { answeredAt, firstSignAt, placedAt, rang, reached } = this;
		return {
			reached,
			rang,
			...(placedAt !== undefined && { placedAt }),
			...(answeredAt !== undefined && {
				answeredAt,
				talkMilliseconds: Math.max(0, endedAt - answeredAt),
			}),
			...(firstSignAt !== undefined && {
				ringMilliseconds: Math.max(0, (answeredAt ?? endedAt) - firstSignAt),
			}),
		};
	}
}
