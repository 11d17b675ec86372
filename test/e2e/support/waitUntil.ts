import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Asks again and again until the answer is not undefined, and returns it.
 *
 * @param what names the awaited thing in the error
 * @param probe may throw: its last error then explains the timeout
 * @param timeoutMs after which it gives up with an error
 */
export async function waitUntil<T>(
	what: string,
	probe: () => Promise<T | undefined> | T | undefined,
	timeoutMs: number,
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	let lastError: unknown;
	for (;;) {
		try {
			const answer = await probe();
			if (answer !== undefined) return answer;
			lastError = undefined;
		} catch (error) {
			lastError = error;
		}
		if (Date.now() >= deadline) {
			throw new Error(`${what} did not happen within ${timeoutMs} ms`, { cause: lastError });
		}
		await delay(POLL_MS);
	}
}
