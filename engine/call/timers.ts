import type { Clock } from '../../common/clock';

/** Named timers over a clock. Setting one again replaces it. */
export class Timers<Name extends string> {
	private readonly running = new Map<Name, AbortController>();

	constructor(
		private readonly clock: Clock,
		private readonly onExpired: (name: Name, at: number) => void,
	) {}

	/** @param at milliseconds since the epoch */
	set(name: Name, at: number): void {
		this.clear(name);
		const controller = new AbortController();
		this.running.set(name, controller);
		void this.wait(name, at, controller.signal);
	}

	clear(name: Name): void {
		this.running.get(name)?.abort();
		this.running.delete(name);
	}

	private async wait(name: Name, at: number, signal: AbortSignal): Promise<void> {
		await this.clock.sleep(Math.max(0, at - this.clock.now()), signal);
		if (!signal.aborted) {
			this.running.delete(name);
			// A timer may wake a moment early, and a clock can be set back: it has expired all the same.
			this.onExpired(name, Math.max(at, this.clock.now()));
		}
	}
}
