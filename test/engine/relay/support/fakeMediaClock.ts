import type { CancelTimer, MediaClock } from '../../../../engine/relay';

interface Timer {
	atMs: number;
	fire: () => void;
}

/** A clock that moves when it is told to, and fires timers in order. */
export class FakeMediaClock implements MediaClock {
	private timers: Timer[] = [];

	constructor(private timeMs = 1000) {}

	/** How many timers wait. */
	get waiting(): number {
		return this.timers.length;
	}

	nowMs(): number {
		return this.timeMs;
	}

	setTimer(delayMs: number, fire: () => void): CancelTimer {
		const timer = { atMs: this.timeMs + delayMs, fire };
		this.timers.push(timer);
		return () => {
			this.timers = this.timers.filter((other) => other !== timer);
		};
	}

	advance(ms: number): void {
		const untilMs = this.timeMs + ms;
		for (;;) {
			const next = this.timers
				.filter(({ atMs }) => atMs <= untilMs)
				.sort((a, b) => a.atMs - b.atMs)[0];
			if (next === undefined) {
				break;
			}
			this.timers = this.timers.filter((other) => other !== next);
			this.timeMs = Math.max(this.timeMs, next.atMs);
			next.fire();
		}
		this.timeMs = untilMs;
	}
}
