const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * How long to wait before another attempt, in milliseconds: doubling from one second to one minute,
 * and between half and all of that, so that many clients of one server do not return together.
 *
 * @param attempt 0 after the first failure
 * @param random from 0 to 1
 */
export function backOffMs(attempt: number, random: number): number {
	const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt));
	return Math.round(longest * (0.5 + random / 2));
}
