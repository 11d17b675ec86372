import { performance } from 'node:perf_hooks';

export type CancelTimer = () => void;

/** Bytes from a generator fit for keys. An argument, so that tests can pin them. */
export type RandomBytes = (length: number) => Uint8Array;

/** Time as the media see it; an argument, so that tests bring their own. */
export interface MediaClock {
	/** Milliseconds from an arbitrary moment; never goes back. */
	nowMs(): number;
	/** Calls once, after at least `delayMs`. Cancelling twice, or too late, is fine. */
	setTimer(delayMs: number, fire: () => void): CancelTimer;
}

/** Its timers never keep the process or the thread alive. */
export const systemMediaClock: MediaClock = {
	nowMs: () => performance.now(),
	setTimer(delayMs, fire) {
		const timer = setTimeout(fire, delayMs).unref();
		return () => clearTimeout(timer);
	},
};
