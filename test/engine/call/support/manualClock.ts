import type { Clock } from '../../../../common/clock';

interface Sleeper {
	at: number;
	wake: () => void;
}

/** A clock that moves when it is told to, and wakes in order whoever sleeps until then. */
export class ManualClock implements Clock {
	private sleepers: Sleeper[] = [];

	constructor(private time = Date.UTC(2026, 0, 1)) {}

	now(): number {
		return this.time;
	}

	/** How many sleep. */
	get sleeping(): number {
		return this.sleepers.length;
	}

	sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted === true) {
			return Promise.resolve();
		}
		return new Promise((resolve) => {
			const sleeper: Sleeper = {
				at: this.time + milliseconds,
				wake: () => {
					this.sleepers = this.sleepers.filter((other) => other !== sleeper);
					signal?.removeEventListener('abort', sleeper.wake);
					resolve();
				},
			};
			this.sleepers.push(sleeper);
			signal?.addEventListener('abort', sleeper.wake, { once: true });
		});
	}

	async advance(milliseconds: number): Promise<void> {
		const until = this.time + milliseconds;
		await settle();
		for (;;) {
			const next = this.sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
			if (next === undefined) {
				break;
			}
			this.time = Math.max(this.time, next.at);
			next.wake();
			await settle();
		}
		this.time = until;
		await settle();
	}
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < 4; turn += 1) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}
