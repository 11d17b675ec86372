import type { Clock } from '../../common/clock';

/** A clock that stands still: sleeping takes no time and moves it. */
export class FakeClock implements Clock {
	/** Milliseconds of every sleep, in order. */
	readonly slept: number[] = [];

	constructor(private time = Date.UTC(2026, 0, 1)) {}

	now(): number {
		return this.time;
	}

	async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted !== true) {
			this.slept.push(milliseconds);
			this.time += milliseconds;
		}
	}
}
