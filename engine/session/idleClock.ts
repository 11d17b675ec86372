import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../common/clock';

/** The clock of sessions: what it waits for does not keep the process alive. */
export const idleClock: Clock = {
	now: () => Date.now(),
	async sleep(milliseconds, signal) {
		await wait(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
	},
};
