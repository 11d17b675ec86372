import type { CancelTimer, MediaClock } from '../../../../engine/relay';

interface Timer {
	atMs: number;
	fire: () => void;
}

/** A clock that moves when it is told to, with timers that may be late. */
export class FakeMediaClock implements MediaClock {
	private timers = new Set<Timer>();

	/** @param lateMs how late the next timer is to be */
	constructor(
		private timeMs = 1000,
		private readonly lateMs: () => number = () => 0,
	) {}

	/** How many timers wait. */
	get waiting(): number {
		return this.timers.size;
	}

	nowMs(): number {
		return this.timeMs;
	}

	setTimer(delayMs: number, fire: () => void): CancelTimer {
		const timer = { atMs: this.timeMs + delayMs + this.lateMs(), fire };
		this.timers.add(timer);
		return () => this.timers.delete(timer);
	}

	advance(ms: number): void {
		const untilMs = this.timeMs + ms;
		for (;;) {
			const next = this.nextUntil(untilMs);
			if (next === undefined) {
				break;
			}
			this.timers.delete(next);
			this.timeMs = Math.max(this.timeMs, next.atMs);
			next.fire();
		}
		this.timeMs = untilMs;
	}

	/** Time passes in which nothing runs. */
	stall(ms: number): void {
		this.timeMs += ms;
	}

	private nextUntil(untilMs: number): Timer | undefined {
		let next: Timer | undefined;
		for (const timer of this.timers) {
			if (timer.atMs <= untilMs && timer.atMs < (next?.atMs ?? Number.POSITIVE_INFINITY)) {
				next = timer;
			}
		}
		return next;
	}
}
