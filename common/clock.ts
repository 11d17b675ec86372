import { setTimeout as wait } from 'node:timers/promises';

/** Time as an argument, so that tests bring their own. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/**
	 * Resolves after `milliseconds`, or at once when the signal aborts: the caller looks at the
	 * signal again. Never rejects.
	 */
	sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	async sleep(milliseconds, signal) {
		await wait(milliseconds, undefined, { signal }).catch(() => undefined);
	},
};
