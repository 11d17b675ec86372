import { setTimeout as wait } from 'node:timers/promises';
import { CallError } from '../../common/errors';
import { sessionFolder } from './folders';
import { Session } from './session';
import type { SessionOptions, SessionSocket } from './sessionTypes';

const POOL = Symbol.for('n8n-nodes-whatsapp-call.sessions');
/** Raised when sessions of an older package could not serve a newer one. */
const POOL_VERSION = 1;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** How long uses may go on after a signal when nobody else decides about the end, in milliseconds. */
const DRAIN_MS = 5_000;
const POLL_MS = 50;

/** The sessions of this process, by folder. */
export class SessionPool<S extends SessionSocket> {
	readonly version = POOL_VERSION;
	private readonly sessions = new Map<string, Session<S>>();

	/**
	 * The session of a folder; the same one for everybody.
	 *
	 * @throws CallError INVALID_OPTION; SESSION_UNREADABLE when it is open with another passphrase
	 */
	get(options: SessionOptions<S>): Session<S> {
		const folder = sessionFolder(options.data, options.name);
		const known = this.sessions.get(folder);
		if (known?.hasPassphrase(options.passphrase) === true) {
			known.keepWarmMs = options.keepWarmMs ?? known.keepWarmMs;
			return known;
		}
		if (known?.isOpen === true) {
			throw new CallError('SESSION_UNREADABLE', 'The passphrase does not fit the session', {
				hint: 'The session is open with another passphrase. Use the same one in every credential.',
			});
		}
		const session = new Session(options);
		this.sessions.set(folder, session);
		return session;
	}

	/** Closes every session as soon as nobody uses it. */
	async drain(): Promise<void> {
		await Promise.allSettled([...this.sessions.values()].map((session) => session.drain()));
	}

	async close(): Promise<void> {
		await Promise.allSettled([...this.sessions.values()].map((session) => session.close()));
		this.sessions.clear();
	}

	get isIdle(): boolean {
		return [...this.sessions.values()].every((session) => !session.isOpen);
	}
}

/**
 * The one pool of this process. It hangs on `globalThis`, so that a package that is loaded again
 * finds its open sessions: a second connection would push the first one out.
 */
export function sessionPool<S extends SessionSocket>(): SessionPool<S> {
	const scope = globalThis as { [POOL]?: SessionPool<S> };
	const known = scope[POOL];
	if (known?.version === POOL_VERSION) {
		return known;
	}
	void known?.close();
	const pool = new SessionPool<S>();
	scope[POOL] = pool;
	closeOnSignals(pool);
	return pool;
}

/**
 * Closes sessions when the process is asked to end. n8n lets executions finish and ends the process
 * itself; where nobody else listens to the signal, its default follows.
 */
function closeOnSignals<S extends SessionSocket>(pool: SessionPool<S>): void {
	for (const signal of SIGNALS) {
		let asked = 0;
		const listener = (): void => {
			asked += 1;
			// Our own listener is one of them. It stays until the end: without it, signal-exit would end
			// the process at once.
			if (process.listenerCount(signal) - 1 > quietListeners()) {
				void pool.drain();
			} else {
				const graceMs = asked === 1 ? DRAIN_MS : 0;
				void closeWithin(graceMs, pool).then(() => {
					process.removeListener(signal, listener);
					process.kill(process.pid, signal);
				});
			}
		};
		// Before the others: those that listen once are still counted.
		process.prependListener(signal, listener);
	}
}

async function closeWithin<S extends SessionSocket>(
	milliseconds: number,
	pool: SessionPool<S>,
): Promise<void> {
	const end = Date.now() + milliseconds;
	await pool.drain();
	while (!pool.isIdle && Date.now() < end) {
		await wait(POLL_MS);
	}
	await pool.close();
}

/** Listeners of signal-exit, which proper-lockfile brings: they do not decide about the end. */
function quietListeners(): number {
	const { __signal_exit_emitter__: emitter } = process as { __signal_exit_emitter__?: unknown };
	const count = (emitter as { count?: unknown } | undefined)?.count;
	return typeof count === 'number' ? count : 0;
}
