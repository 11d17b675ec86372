import { CallError } from '../../common/errors';
import type { Clock } from '../../common/clock';
import { backOffMs } from './backOff';
import { unreachable, verdictOf, type Closing } from './closing';
import { Connection } from './connection';
import type { SessionStore } from './sessionStore';
import type { SessionLogger, SessionSocket, SocketPort } from './sessionTypes';

/** How long a use waits for a connection, in milliseconds. */
const CONNECT_MS = 45_000;
/** How often WhatsApp may ask for a restart before it is treated as a failure. */
const QUICK_RESTARTS = 3;

export interface ConnectorOptions<S extends SessionSocket> {
	name: string;
	store: SessionStore;
	port: SocketPort<S>;
	clock: Clock;
	random: () => number;
	logger: SessionLogger;
	/** Whether a connection that was lost is to be made again. */
	isNeeded: () => boolean;
	onOpen: () => void;
	/** Told why the session stopped; `wipe` when its keys are of no use any more. */
	onStop: (error: CallError, wipe: boolean) => Promise<void>;
	/** Told after the connection ended and nothing else happens. */
	onEnd: () => void;
	/** Told what went wrong aside. */
	onFault: (error: unknown) => void;
}

/** Makes the connection of an open session, and makes it again while it is needed. */
export class Connector<S extends SessionSocket> {
	private connection: Connection<S> | undefined;
	private connecting: Promise<Connection<S>> | undefined;
	private readonly stopping = new AbortController();
	private expectsEnd = false;

	constructor(private readonly options: ConnectorOptions<S>) {}

	get state(): 'closed' | 'connecting' | 'open' {
		if (this.connection?.isOpen === true) {
			return 'open';
		}
		return this.connecting === undefined ? 'closed' : 'connecting';
	}

	/**
	 * The open connection; attempts for 45 s.
	 *
	 * @throws CallError LOGGED_OUT, SESSION_REPLACED, ACCOUNT_RESTRICTED, NOT_SUPPORTED,
	 * NETWORK_UNREACHABLE, CANCELLED
	 */
	connected(): Promise<Connection<S>> {
		if (this.connection?.isOpen === true) {
			return Promise.resolve(this.connection);
		}
		this.connecting ??= this.connect().finally(() => (this.connecting = undefined));
		return this.connecting;
	}

	/** Takes a connection that WhatsApp accepted. */
	adopt(connection: Connection<S>): void {
		this.connection = connection;
		this.options.onOpen();
		connection.closed
			.then((closing) => this.ended(connection, closing))
			.catch((error: unknown) => this.options.onFault(error));
		if (this.stopping.signal.aborted) {
			void connection.close();
		}
	}

	/** The next end of the connection is our own doing, whatever number it comes with. */
	expectEnd(): void {
		this.expectsEnd = true;
	}

	/** Closes the connection for good. May be called twice. */
	async close(): Promise<void> {
		this.stopping.abort();
		await this.connection?.close();
		await this.connecting?.catch(() => undefined);
	}

	private async connect(): Promise<Connection<S>> {
		const { clock, random, logger, name, onStop } = this.options;
		const deadline = clock.now() + CONNECT_MS;
		for (let attempt = 0; ; attempt += 1) {
			this.requireWanted();
			const connection = await this.start();
			if (await connection.opened) {
				this.adopt(connection);
				return connection;
			}
			const verdict = verdictOf(await connection.closed);
			if (verdict.kind === 'wipe' || verdict.kind === 'stop') {
				await onStop(verdict.error, verdict.kind === 'wipe');
				throw verdict.error;
			}
			this.requireWanted();
			if (verdict.kind === 'restart' && attempt < QUICK_RESTARTS) {
				continue;
			}
			const pause = backOffMs(attempt, random());
			if (clock.now() + pause > deadline) {
				throw verdict.kind === 'retry' ? verdict.error : unreachable('it closes every connection');
			}
			logger.debug(`Session ${name}: next attempt in ${pause} ms`);
			await clock.sleep(pause, this.stopping.signal);
		}
	}

	private async start(): Promise<Connection<S>> {
		const { store, port, clock, onFault } = this.options;
		this.connection = await Connection.start({ store, port, clock, onWriteError: onFault });
		// It may have been closed while the socket was made.
		if (this.stopping.signal.aborted) {
			await this.connection.close();
		}
		return this.connection;
	}

	/** @throws CallError CANCELLED */
	private requireWanted(): void {
		if (this.stopping.signal.aborted) {
			throw new CallError('CANCELLED', 'The session was closed while it connected', {
				hint: 'Run this again.',
			});
		}
	}

	private async ended(connection: Connection<S>, closing: Closing): Promise<void> {
		const { name, logger, isNeeded, onStop, onEnd } = this.options;
		if (this.connection === connection) {
			this.connection = undefined;
		}
		logger.debug(`Session ${name}: the connection ended (${closing.code ?? 'by us'})`);
		const verdict = verdictOf(closing);
		if (this.expectsEnd || this.stopping.signal.aborted || verdict.kind === 'closed') {
			onEnd();
			return;
		}
		if (verdict.kind === 'wipe' || verdict.kind === 'stop') {
			await onStop(verdict.error, verdict.kind === 'wipe');
		} else if (isNeeded()) {
			// Whoever uses the session finds it connected again.
			await this.connected().catch((error: unknown) => this.options.onFault(error));
		}
		onEnd();
	}
}
