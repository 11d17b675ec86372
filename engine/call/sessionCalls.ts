import type { Clock } from '../../common/clock';
import type { CallReport } from '../../common/report';
import type { ConnectMedia } from './callDriver';
import { silentLogger, type CallLogger } from './callLogger';
import { CallQueue, type QueueOptions } from './callQueue';
import type { CallStore } from './callStore';
import type { CallTransport } from './callTransport';
import { CallJournal, hangUpUnfinished } from './journal';
import { placeCall, type CallRequest } from './placeCall';
import { createNumberCache, type NumberCache } from './recipient';

export interface SessionCallsOptions {
	clock: Clock;
	/** Kept in the folder of the session. */
	store: CallStore;
	logger?: CallLogger;
	/** Needed for audio calls. */
	connectMedia?: ConnectMedia;
}

export type PlaceOptions = CallRequest & Omit<QueueOptions, 'signal'>;

/** All calls of one session: made once for it, and used for as long as the process lives. */
export class SessionCalls {
	private readonly journal: CallJournal;
	private readonly numbers: NumberCache;
	private readonly queue: CallQueue;
	private cleaned: CallTransport | undefined;

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
	 * Stops what an earlier connection left ringing. To be called when a connection is open; calls
	 * that run or wait do it themselves, and one of them could be what rings. Never rejects.
	 */
	async stopLeftovers(transport: CallTransport): Promise<void> {
		if (this.queue.length === 0) {
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
		const { callsPerDay, pauseMilliseconds, ...call } = request;
		const { clock, connectMedia, logger } = this.options;
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
						...(connectMedia !== undefined && { connectMedia }),
						...(logger !== undefined && { logger }),
					},
				);
			},
			{
				...(callsPerDay !== undefined && { callsPerDay }),
				...(pauseMilliseconds !== undefined && { pauseMilliseconds }),
				...(call.signal !== undefined && { signal: call.signal }),
			},
		);
	}

	/** Once for each connection. */
	private async clean(transport: CallTransport): Promise<void> {
		if (this.cleaned === transport) {
			return;
		}
		this.cleaned = transport;
		const { clock, logger = silentLogger } = this.options;
		try {
			const told = await hangUpUnfinished(this.journal, transport, clock);
			logger.debug('calls of an earlier connection stopped', { told });
		} catch (error) {
			this.cleaned = undefined;
			const reason = error instanceof Error ? error.name : 'unknown';
			logger.warn('calls of an earlier connection could not be stopped', { reason });
		}
	}
}
