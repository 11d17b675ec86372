import type { Clock } from '../../common/clock';
import type { CallReport } from '../../common/report';
import { silentLogger, type CallLogger } from './callLogger';
import { CallQueue, type QueueOptions } from './callQueue';
import type { CallStore } from './callStore';
import type { CallTransport } from './callTransport';
import { CallJournal, hangUpUnfinished } from './journal';
import { placeCall, type CallRequest } from './placeCall';
import { createNumberCache, lookUpNumber, type NumberCache } from './recipient';

export interface SessionCallsOptions {
	clock: Clock;
	/** Kept in the folder of the session. */
	store: CallStore;
	logger?: CallLogger;
}

export type PlaceOptions = CallRequest & Omit<QueueOptions, 'signal'>;

/** All calls of one session: made once for it, and used for as long as the process lives. */
export class SessionCalls {
	private readonly journal: CallJournal;
	private readonly numbers: NumberCache;
	private readonly queue: CallQueue;
	private cleaning: { transport: CallTransport; done: Promise<void> } | undefined;

	constructor(private readonly options: SessionCallsOptions) {
		const { clock, store } = options;
		this.journal = new CallJournal(store);
		this.numbers = createNumberCache(clock);
		this.queue = new CallQueue(clock, store);
	}

	/** How many calls run or wait. */
	get length(): number {
		return this.queue.length;
	}

	/**
	 * The address under which WhatsApp knows a number, as calls look it up.
	 *
	 * @throws CallError NOT_ON_WHATSAPP, NETWORK_UNREACHABLE
	 */
	async lookUp(number: string, transport: Pick<CallTransport, 'lookUpNumber'>): Promise<string> {
		return await lookUpNumber(number, transport, this.numbers);
	}

	/** Whether an earlier connection may have left a phone ringing. */
	async hasLeftovers(): Promise<boolean> {
		return (await this.journal.unfinished()).length > 0;
	}

	/**
	 * Stops what an earlier connection left ringing. To be called when a connection is open; a call
	 * that runs does it itself, and it could be what rings. Never rejects.
	 */
	async stopLeftovers(transport: CallTransport): Promise<void> {
		if (!this.queue.isBusy) {
			await this.clean(transport);
		}
	}

	/**
	 * Places a call when its turn has come.
	 *
	 * @param connect gives the open connection; asked when the turn has come
	 * @throws CallError what `placeCall` and `CallQueue.run` throw, and what `connect` rejects with
	 */
	async place(request: PlaceOptions, connect: () => Promise<CallTransport>): Promise<CallReport> {
		const { callsPerDay, pauseMilliseconds, waitAtMostMilliseconds, ...call } = request;
		const { clock, logger } = this.options;
		return await this.queue.run(
			async ({ placed, waitedMilliseconds }) => {
				const transport = await connect();
				await this.clean(transport);
				return await placeCall(
					{ ...call, waitedMilliseconds },
					{
						transport,
						clock,
						journal: this.journal,
						numbers: this.numbers,
						onPlaced: placed,
						...(logger !== undefined && { logger }),
					},
				);
			},
			{
				...(callsPerDay !== undefined && { callsPerDay }),
				...(pauseMilliseconds !== undefined && { pauseMilliseconds }),
				...(waitAtMostMilliseconds !== undefined && { waitAtMostMilliseconds }),
				...(call.signal !== undefined && { signal: call.signal }),
			},
		);
	}

	/** Once for each connection; whoever comes meanwhile waits for the end. */
	private clean(transport: CallTransport): Promise<void> {
		if (this.cleaning?.transport !== transport) {
			this.cleaning = { transport, done: this.hangUpUnfinished(transport) };
		}
		return this.cleaning.done;
	}

	private async hangUpUnfinished(transport: CallTransport): Promise<void> {
		const { clock, logger = silentLogger } = this.options;
		try {
			const told = await hangUpUnfinished(this.journal, transport, clock);
			logger.debug('calls of an earlier connection stopped', { told });
		} catch (error) {
			this.cleaning = undefined;
			const reason = error instanceof Error ? error.name : 'unknown';
			logger.warn('calls of an earlier connection could not be stopped', { reason });
		}
	}
}
