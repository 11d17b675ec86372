import type { Clock } from '../../common/clock';
import type { ConnectionState } from './baileysTypes';
import { closingOf, unreachable, type Closing } from './closing';
import { errorCodeOf } from './nodeErrors';
import type { SessionStore } from './sessionStore';
import type { SessionSocket, SocketPort } from './sessionTypes';

/** How long a socket may take to say goodbye, in milliseconds. */
const FAREWELL_MS = 2_000;

export interface ConnectionOptions<S extends SessionSocket> {
	store: SessionStore;
	port: SocketPort<S>;
	clock: Clock;
	onUpdate?: (update: Partial<ConnectionState>) => void;
	/** Told when the credentials could not be written; the connection is closed then. */
	onWriteError: (error: unknown) => void;
}

/** One socket from its making to its end. */
export class Connection<S extends SessionSocket> {
	/** True when WhatsApp accepted the login, false when the socket closed before. Never rejects. */
	readonly opened: Promise<boolean>;
	/** How it ended. Never rejects. */
	readonly closed: Promise<Closing>;
	private state: 'connecting' | 'open' | 'closed' = 'connecting';
	private settleOpened: (opened: boolean) => void = () => undefined;
	private settleClosed: (closing: Closing) => void = () => undefined;

	private constructor(
		readonly socket: S,
		private readonly options: ConnectionOptions<S>,
	) {
		this.opened = new Promise((resolve) => (this.settleOpened = resolve));
		this.closed = new Promise((resolve) => (this.settleClosed = resolve));
		socket.ev.on('creds.update', (update) => {
			Object.assign(options.store.creds, update);
			options.store.saveCreds().catch((error: unknown) => {
				options.onWriteError(error);
				void this.close();
			});
		});
		socket.ev.on('connection.update', (update) => this.update(update));
	}

	/**
	 * Makes a socket, which connects at once.
	 *
	 * @throws CallError NETWORK_UNREACHABLE when it cannot be made
	 */
	static async start<S extends SessionSocket>(
		options: ConnectionOptions<S>,
	): Promise<Connection<S>> {
		const { creds, keys } = options.store;
		let socket: S;
		try {
			socket = await options.port.makeSocket({ creds, keys });
		} catch (error) {
			throw unreachable(errorCodeOf(error));
		}
		return new Connection(socket, options);
	}

	get isOpen(): boolean {
		return this.state === 'open';
	}

	/** Closes the socket, or gives up on one that does not answer. May be called twice. */
	async close(): Promise<void> {
		if (this.state !== 'closed') {
			const patience = new AbortController();
			void this.sayGoodbye();
			await Promise.race([this.closed, this.options.clock.sleep(FAREWELL_MS, patience.signal)]);
			patience.abort();
			this.finish({ code: undefined, reason: 'closed by us' });
		}
	}

	private async sayGoodbye(): Promise<void> {
		try {
			await this.socket.end(undefined);
		} catch {
			// It is given up on in a moment.
		}
	}

	private update(update: Partial<ConnectionState>): void {
		if (this.state === 'closed') {
			return;
		}
		if (update.connection === 'open') {
			this.state = 'open';
			this.settleOpened(true);
		} else if (update.connection === 'close') {
			this.finish(closingOf(update.lastDisconnect?.error));
		}
		this.options.onUpdate?.(update);
	}

	private finish(closing: Closing): void {
		this.state = 'closed';
		this.settleOpened(false);
		this.settleClosed(closing);
	}
}
