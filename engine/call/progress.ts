import type { CallEvent } from './callTypes';

/** What is known of a call before it ends; each kind comes once at most, and in this order. */
export interface CallProgress {
	/** `placed`: WhatsApp took the call; `ringing`: a device confirmed that it rings. */
	kind: 'answered' | 'placed' | 'ringing';
	callId: string;
	/** Milliseconds since the epoch. */
	at: number;
}

const ORDER = ['placed', 'ringing', 'answered'] as const;

/** Tells the progress of a call from its events. */
export class ProgressTeller {
	private told = 0;

	constructor(private readonly tell: (progress: CallProgress) => void) {}

	take(event: CallEvent, callId: string): void {
		const reached = stepOf(event);
		while (this.told < reached) {
			const kind = ORDER[this.told] as CallProgress['kind'];
			this.told += 1;
			// Nobody's confirmation is made up: an answer without a receipt did not show that it rang.
			if (kind !== 'ringing' || reached === 2) {
				this.tell({ kind, callId, at: event.at });
			}
		}
	}
}

/** How many kinds of progress an event shows. */
function stepOf(event: CallEvent): number {
	switch (event.kind) {
		case 'ack':
			return event.error === undefined ? 1 : 0;
		case 'receipt':
		case 'preaccept':
			return 2;
		case 'accept':
			return 3;
		case 'reject':
		case 'terminate':
			return 1;
		default:
			return 0;
	}
}
