import { loadWerift } from './load';

/**
 * Loads what the first dial needs, an eighth of a second of work, before a call is waiting for it.
 * Never rejects: the dial says what is wrong.
 */
export async function preloadChannel(): Promise<void> {
	await loadWerift().catch(() => undefined);
}
