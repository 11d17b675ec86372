import { CallError } from '../../../common/errors';
import { asSentence } from '../../../common/text';
import type { ConnectionContext } from './connection';
import type { ApiAnswer } from './api';
import { serverMessage } from './serverAnswer';

const MILLISECONDS_PER_SECOND = 1000;
/** When a server says "too many" but not until when. */
const UNKNOWN_RESET_SECONDS = 10;
/** A reset that is due already still gets a moment, so that clocks that differ a little do no harm. */
const SHORTEST_WAIT_SECONDS = 1;

/**
 * Waits until the server counts anew, when that falls into the `allowedSeconds` since `startedAt`
 * (milliseconds, of the context's clock).
 *
 * @throws CallError RATE_LIMITED when it would take longer, CANCELLED when the execution is stopped
 */
export async function waitForRateLimit(
	context: ConnectionContext,
	answer: ApiAnswer,
	startedAt: number,
	allowedSeconds: number,
): Promise<void> {
	const { clock, signal } = context;
	const waitSeconds = secondsUntilReset(answer, clock.now());
	const spentSeconds = (clock.now() - startedAt) / MILLISECONDS_PER_SECOND;
	if (spentSeconds + waitSeconds > allowedSeconds) {
		throw new CallError(
			'RATE_LIMITED',
			`The server answered 429: ${asSentence(serverMessage(answer.json))} It counts anew in ${Math.ceil(waitSeconds)} seconds`,
			{ httpStatus: 429 },
		);
	}
	await clock.sleep(waitSeconds * MILLISECONDS_PER_SECOND, signal);
	if (signal?.aborted === true) {
		throw new CallError('CANCELLED', 'The execution was stopped while waiting for the rate limit', {
			hint: 'Nothing was sent for this item.',
		});
	}
}

/**
 * Seconds until `X-RateLimit-Reset` (Unix seconds), else those of `Retry-After`. Measured against
 * the server's own `Date`, since its clock and ours may differ.
 */
export function secondsUntilReset(answer: ApiAnswer, nowMilliseconds: number): number {
	const reset = Number(answer.headers['x-ratelimit-reset'] ?? Number.NaN);
	const retryAfter = Number(answer.headers['retry-after'] ?? Number.NaN);
	const serverNow = Date.parse(answer.headers.date ?? '');
	const now = (Number.isNaN(serverNow) ? nowMilliseconds : serverNow) / MILLISECONDS_PER_SECOND;
	const seconds = Number.isFinite(reset) ? reset - now : retryAfter;
	return Number.isFinite(seconds)
		? Math.max(SHORTEST_WAIT_SECONDS, seconds)
		: UNKNOWN_RESET_SECONDS;
}
