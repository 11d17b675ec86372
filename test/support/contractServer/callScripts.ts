import type { EventChannels } from './channels';
import type { CallEvent } from './types';

/** What the next calls will tell their listeners. */
export class CallScripts {
	private readonly waiting: Array<(callId: string) => CallEvent[]> = [];
	private readonly timers = new Set<NodeJS.Timeout>();

	constructor(private readonly channels: EventChannels) {}

	add(script: (callId: string) => CallEvent[]): void {
		this.waiting.push(script);
	}

	/** Starts the next script, if there is one; resolves when what precedes the answer was received. */
	async play(instance: string, callId: string): Promise<void> {
		const events = this.waiting.shift()?.(callId) ?? [];
		const received = events
			.filter((event) => event.afterMs < 0)
			.map((event) => this.channels.sendAndConfirm(instance, event.frame));
		for (const { afterMs, frame } of events.filter((event) => event.afterMs >= 0)) {
			const timer = setTimeout(() => {
				this.timers.delete(timer);
				this.channels.send(instance, frame);
			}, afterMs);
			this.timers.add(timer);
		}
		await Promise.all(received);
	}

	reset(): void {
		this.waiting.length = 0;
		this.timers.forEach((timer) => clearTimeout(timer));
		this.timers.clear();
	}
}
