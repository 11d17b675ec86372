import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import { orAborted } from './aborted';
import { backOffMs } from './backOff';
import { verdictOf } from './closing';
import type { Lease, Session } from './session';
import type { SessionSocket } from './sessionTypes';

/** What a connection that is kept is doing. */
export type StandingState =
	| { state: 'connected' }
	/** Lost or not there yet: it is tried until it works. */
	| { state: 'connecting' }
	/** For good; without an error when the session was closed on purpose. */
	| { state: 'stopped'; error?: CallError };

export interface StandingOptions<S extends SessionSocket> {
	session: Session<S>;
	clock: Clock;
	/** Must not throw. */
	tell: (state: StandingState) => void;
	/** Told each time the connection is open. Must not throw. */
	onOpen: (lease: Lease<S>) => void;
	/** From 0 to 1, for the jitter of the back-off. */
	random?: () => number;
}

/**
 * What trying again mends; after all else somebody has to do something. The lock of a process that
 * died in another container is free after a while.
 */
const PASSING: readonly string[] = ['NETWORK_UNREACHABLE', 'SESSION_IN_USE'];

/**
 * Keeps a session connected, until the signal aborts, the session is closed, or WhatsApp sends the
 * device away. Never rejects.
 */
export async function keepConnected<S extends SessionSocket>(
	options: StandingOptions<S>,
	signal: AbortSignal,
): Promise<void> {
	const { tell, onOpen } = options;
	let held: Lease<S> | undefined;
	try {
		for (;;) {
			tell({ state: 'connecting' });
			const lease = await acquire(options, signal);
			// Only now: without a user, the session would let go of its folder in between.
			held?.release();
			held = lease;
			tell({ state: 'connected' });
			onOpen(lease);
			const verdict = verdictOf(await orAborted(lease.closed, signal));
			if (verdict.kind === 'stop' || verdict.kind === 'wipe') {
				return tell({ state: 'stopped', error: verdict.error });
			}
			if (verdict.kind === 'closed') {
				return tell({ state: 'stopped' });
			}
		}
	} catch (error) {
		const isWanted = !signal.aborted && error instanceof CallError;
		tell({ state: 'stopped', ...(isWanted && { error }) });
	} finally {
		held?.release();
	}
}

/** @throws CallError what trying again does not mend; CANCELLED when the signal aborts */
async function acquire<S extends SessionSocket>(
	{ session, clock, random = Math.random }: StandingOptions<S>,
	signal: AbortSignal,
): Promise<Lease<S>> {
	for (let attempt = 0; ; attempt += 1) {
		try {
			return await session.acquire(signal);
		} catch (error) {
			const code = error instanceof CallError ? error.code : 'unknown';
			if (signal.aborted || !PASSING.includes(code)) {
				throw error;
			}
			await clock.sleep(backOffMs(attempt, random()), signal);
			if (signal.aborted) {
				throw error;
			}
		}
	}
}
