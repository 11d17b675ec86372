import { AsyncLocalStorage } from 'node:async_hooks';

const light = new AsyncLocalStorage<true>();
const PATCHED = Symbol.for('n8n-nodes-whatsapp-call.lightTimers');

type Timers = Pick<typeof globalThis, 'setInterval' | 'setTimeout'>;
type Scope = Timers & { [PATCHED]?: <T>(work: () => T) => T };

/**
 * Runs `work` so that no timer that comes of it, now or later, keeps the process alive.
 *
 * Baileys gives no access to its timers: the ping of every 30 s, and up to a minute for each query
 * that was under way when its socket closed. So the two global functions that make timers look
 * whether they are called on behalf of `work`; for everybody else they are what they were.
 */
export function withLightTimers<T>(work: () => T): T {
	const scope: Scope = globalThis;
	scope[PATCHED] ??= patch(scope);
	return scope[PATCHED](work);
}

function patch(scope: Scope): <T>(work: () => T) => T {
	for (const name of ['setInterval', 'setTimeout'] as const) {
		const start = scope[name];
		const lightStart = (...parameters: Parameters<typeof setTimeout>): NodeJS.Timeout => {
			const timer = start(...parameters);
			return light.getStore() === true ? timer.unref() : timer;
		};
		// `util.promisify(setTimeout)` works by a property of the function.
		scope[name] = Object.assign(lightStart, start) as unknown as typeof setTimeout &
			typeof setInterval;
	}
	return (work) => light.run(true, work);
}
