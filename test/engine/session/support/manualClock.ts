import type { Clock } from '../../../../common/clock';

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
	private sleepers = new Set<{ until: number; wake: () => void }>();

	constructor(private time = Date.UTC(2026, 0, 1)) {}

	now(): number {
		return this.time;
	}

	sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (milliseconds <= 0 || signal?.aborted === true) {
			return Promise.resolve();
		}
		return new Promise((resolve) => {
			const sleeper = {
				until: this.time + milliseconds,
				wake: () => {
					this.sleepers.delete(sleeper);
					resolve();
				},
			};
			this.sleepers.add(sleeper);
			signal?.addEventListener('abort', sleeper.wake);
		});
	}

	/** Milliseconds until each sleeper wakes, shortest first. */
	get waits(): number[] {
		return [...this.sleepers].map(({ until }) => until - this.time).sort((a, b) => a - b);
	}

	advance(milliseconds: number): void {
		this.time += milliseconds;
		for (const sleeper of [...this.sleepers]) {
			if (sleeper.until <= this.time) {
				sleeper.wake();
			}
		}
	}
}

/** Waits, in real time, for something that comes of files and promises. */
export async function until(condition: () => boolean): Promise<void> {
	const end = Date.now() + 5_000;
	while (!condition()) {
		if (Date.now() > end) {
			throw new Error('It did not happen');
		}
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}
