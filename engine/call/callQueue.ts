import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import { readList, type CallStore } from './callStore';

export const DEFAULT_PAUSE_MS = 3_000;
export const DEFAULT_CALLS_PER_DAY = 100;

const STORED_AS = 'placed-calls';
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface QueueOptions {
	/** At least this long between the end of a call and the next one, in milliseconds. */
	pauseMilliseconds?: number;
	/** At most so many calls within 24 hours. */
	callsPerDay?: number;
	/** How long a call may wait for its turn; for ever when absent. */
	waitAtMostMilliseconds?: number;
	signal?: AbortSignal;
}

/** What a call is given when its turn has come. */
export interface Turn {
	/** How long it waited for the calls before it, their pause included. */
	waitedMilliseconds: number;
	/** To be called before the offer goes out: from then on the call counts. */
	placed(): Promise<void>;
}

/**
 * One call at a time for each session, in the order in which they were asked for
 * (protocol page 01, "Concurrency"), with a pause between them and a limit for a day.
 */
export class CallQueue {
	private tail: Promise<void> = Promise.resolve();
	private inside = 0;
	private running = false;
	private lastCallEndedAt = Number.NEGATIVE_INFINITY;

	constructor(
		private readonly clock: Clock,
		private readonly store: CallStore,
	) {}

	/** How many calls run or wait. */
	get length(): number {
		return this.inside;
	}

	/** Whether a call has its turn. */
	get isBusy(): boolean {
		return this.running;
	}

	/**
	 * Runs the call when its turn comes.
	 *
	 * @throws CallError CANCELLED or SESSION_BUSY while waiting, RATE_LIMITED when the day is full; whatever
	 * the call throws
	 */
	async run<T>(call: (turn: Turn) => Promise<T>, options: QueueOptions = {}): Promise<T> {
		const { callsPerDay = DEFAULT_CALLS_PER_DAY } = options;
		const arrivedAt = this.clock.now();
		const hasToWait = this.inside > 0 || this.restOfPause(options) > 0;
		const before = this.tail;
		let leave = (): void => undefined;
		const gone = new Promise<void>((resolve) => {
			leave = resolve;
		});
		this.tail = before.then(() => gone);
		this.inside += 1;
		try {
			await this.untilFree(before, options);
			await this.pause(options);
			const waitedMilliseconds = hasToWait ? this.clock.now() - arrivedAt : 0;
			await this.requireRoom(callsPerDay);
			return await this.take(call, waitedMilliseconds);
		} finally {
			this.inside -= 1;
			leave();
		}
	}

	private async take<T>(call: (turn: Turn) => Promise<T>, waitedMilliseconds: number): Promise<T> {
		let placed = false;
		this.running = true;
		try {
			return await call({
				waitedMilliseconds,
				placed: async () => {
					placed = true;
					await this.count();
				},
			});
		} finally {
			this.running = false;
			if (placed) {
				this.lastCallEndedAt = this.clock.now();
			}
		}
	}

	/** @throws CallError CANCELLED, SESSION_BUSY */
	private async untilFree(
		before: Promise<void>,
		{ signal, waitAtMostMilliseconds }: QueueOptions,
	): Promise<void> {
		if (waitAtMostMilliseconds === undefined) {
			return await untilAborted(before, signal);
		}
		const free = new AbortController();
		const tooLong = this.clock.sleep(waitAtMostMilliseconds, free.signal);
		try {
			await untilAborted(Promise.race([before, tooLong.then(() => refuseUnless(free))]), signal);
		} finally {
			free.abort();
		}
	}

	private async pause(options: QueueOptions): Promise<void> {
		const rest = this.restOfPause(options);
		if (rest > 0) {
			await this.clock.sleep(rest, options.signal);
		}
		throwIfAborted(options.signal);
	}

	private restOfPause({ pauseMilliseconds = DEFAULT_PAUSE_MS }: QueueOptions): number {
		const rest = this.lastCallEndedAt + pauseMilliseconds - this.clock.now();
		// A clock that was set back must not make this longer than asked for.
		return Math.min(rest, pauseMilliseconds);
	}

	private async requireRoom(callsPerDay: number): Promise<void> {
		const calls = await this.callsOfToday();
		if (calls.length < callsPerDay) {
			return;
		}
		const oldest = calls.at(-callsPerDay) ?? this.clock.now();
		const minutes = Math.ceil((oldest + DAY_MS - this.clock.now()) / MINUTE_MS);
		throw new CallError(
			'RATE_LIMITED',
			`This session has placed ${calls.length} calls within 24 hours, and ${callsPerDay} are allowed`,
			{
				hint: `The next one is possible in ${minutes} minutes. "Most Calls Per Day" in the credential protects the account from being restricted; raise it with care.`,
			},
		);
	}

	private async count(): Promise<void> {
		const calls = [...(await this.callsOfToday()), this.clock.now()];
		await this.store.write(STORED_AS, JSON.stringify(calls));
	}

	/** Moments of the last 24 hours, oldest first. */
	private async callsOfToday(): Promise<number[]> {
		const now = this.clock.now();
		return (await readList(this.store, STORED_AS)).filter(
			(moment): moment is number =>
				typeof moment === 'number' && moment > now - DAY_MS && moment <= now,
		);
	}
}

async function untilAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
	throwIfAborted(signal);
	let stop = (): void => undefined;
	const aborted = new Promise<void>((resolve) => {
		stop = resolve;
		signal?.addEventListener('abort', stop, { once: true });
	});
	await Promise.race([wait, aborted]);
	signal?.removeEventListener('abort', stop);
	throwIfAborted(signal);
}

/** The wait was over before the turn came. */
function refuseUnless(free: AbortController): void {
	if (!free.signal.aborted) {
		throw new CallError('SESSION_BUSY', 'The session is in another call');
	}
}

function throwIfAborted(signal: AbortSignal | undefined): void {
	if (signal?.aborted === true) {
		throw new CallError('CANCELLED', 'The call was cancelled before it was placed', {
			hint: 'Nothing was sent, so running it again is safe.',
		});
	}
}
