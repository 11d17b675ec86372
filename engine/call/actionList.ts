import type { CallAction, TimerName } from './callTypes';
import type { BinaryNode } from './stanzas/binaryNode';

/** Collects the actions of one event, and remembers which timers run. */
export class ActionList {
	private actions: CallAction[] = [];
	private readonly deadlines = new Map<TimerName, number>();

	/** The actions since the last time, in order. */
	takeAll(): CallAction[] {
		const taken = this.actions;
		this.actions = [];
		return taken;
	}

	add(action: CallAction): void {
		this.actions.push(action);
	}

	send(node: BinaryNode): void {
		this.add({ kind: 'send', node });
	}

	/** @param at milliseconds since the epoch; replaces what was set before */
	setTimer(timer: TimerName, at: number): void {
		this.deadlines.set(timer, at);
		this.add({ kind: 'setTimer', timer, at });
	}

	clearTimer(timer: TimerName): void {
		if (this.deadlines.delete(timer)) {
			this.add({ kind: 'clearTimer', timer });
		}
	}

	clearTimers(): void {
		for (const timer of [...this.deadlines.keys()]) {
			this.clearTimer(timer);
		}
	}

	/** Whether this expiry counts. One that was under way while its timer was moved does not. */
	expires(timer: TimerName, at: number): boolean {
		const deadline = this.deadlines.get(timer);
		return deadline !== undefined && at >= deadline && this.deadlines.delete(timer);
	}
}
