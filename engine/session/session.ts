import { CallError } from '../../common/errors';
import type { Clock } from '../../common/clock';
import { orAborted } from './aborted';
import type { Closing } from './closing';
import { Connector } from './connector';
import { sessionFolder } from './folders';
import { identityOf } from './identity';
import { ErrorMemory } from './lastError';
import { Linking } from './linking';
import { errorCodeOf } from './nodeErrors';
import { closeResources, openResources, wipeUnread, type Resources } from './resources';
import type { SessionStore } from './sessionStore';
import type {
	Identity,
	LinkStep,
	SessionLogger,
	SessionOptions,
	SessionSocket,
	SessionStatus,
} from './sessionTypes';
import { readStatus } from './status';
import { idleClock } from './idleClock';
import { Usage, type IdleClosing } from './usage';

export const KEEP_WARM_MS = 60_000;
/** How long a socket may take to close after the device removed itself, in milliseconds. */
const LOG_OUT_MS = 5_000;

/** A connection that is held open for one use. */
export interface Lease<S extends SessionSocket> {
	readonly socket: S;
	readonly identity: Identity;
	/** The session's folder, for what belongs to the session. */
	readonly folder: string;
	/** Resolves when the connection ends, whoever ended it. Never rejects. */
	readonly closed: Promise<Closing>;
	/** May be called twice. */
	release(): void;
}

/**
 * One linked device. Connects on first use, stays connected for a while after the last, and lets go
 * of its folder then. While it is used, a lost connection is made again.
 */
export class Session<S extends SessionSocket> {
	/** In milliseconds; takes effect at the end of the next use. */
	keepWarmMs: number;
	private readonly clock: Clock;
	private readonly logger: SessionLogger;
	private readonly usage: Usage;
	private resources: Promise<Resources<S>> | undefined;
	private linking: Linking<S> | undefined;
	private closing: Promise<void> | undefined;
	private readonly errors: ErrorMemory;
	/** WhatsApp does not know this device any more. */
	private keysAreSpent = false;

	constructor(private readonly options: SessionOptions<S>) {
		this.keepWarmMs = options.keepWarmMs ?? KEEP_WARM_MS;
		this.clock = options.clock ?? idleClock;
		this.logger = options.logger ?? SILENT;
		this.errors = new ErrorMemory(options.name, () => this.folder, this.clock, this.logger);
		this.usage = new Usage(
			this.clock,
			() => this.closeCold(),
			(error) => this.errors.note(error),
		);
	}

	get name(): string {
		return this.options.name;
	}

	/** Whether this process holds the session's folder. */
	get isOpen(): boolean {
		return this.resources !== undefined;
	}

	/** Why keys could not be kept. */
	readonly writeFault = async () =>
		(await this.resources?.catch(() => undefined))?.store.writeFault;

	/** Whether a passphrase is the one that this session was made with. */
	hasPassphrase(passphrase: string | undefined): boolean {
		return (this.options.passphrase ?? '') === (passphrase ?? '');
	}

	/**
	 * The open connection, for one use. The process stays alive until it is released.
	 *
	 * @throws CallError NOT_LINKED, LOGGED_OUT, SESSION_IN_USE, SESSION_UNREADABLE, SESSION_REPLACED,
	 * ACCOUNT_RESTRICTED, NETWORK_UNREACHABLE, NOT_SUPPORTED, CANCELLED
	 */
	async acquire(signal?: AbortSignal): Promise<Lease<S>> {
		this.usage.enter();
		try {
			return await orAborted(this.connect(), signal);
		} catch (error) {
			this.usage.leave();
			throw error;
		}
	}

	/** As `acquire`, for as long as `work` takes. */
	async use<T>(work: (lease: Lease<S>) => Promise<T>, signal?: AbortSignal): Promise<T> {
		const lease = await this.acquire(signal);
		try {
			return await work(lease);
		} finally {
			lease.release();
		}
	}

	/**
	 * Starts to link the device, or gives the current code of the link that is under way. The link
	 * goes on in the background for three minutes.
	 *
	 * @param phone digits of the number to enter a pairing code on; a QR code when absent
	 * @throws CallError LINK_TIMEOUT, SESSION_IN_USE, SESSION_UNREADABLE, ACCOUNT_RESTRICTED, …
	 */
	async link(phone?: string): Promise<LinkStep> {
		this.usage.enter();
		try {
			await this.closing;
			if (this.linking !== undefined && this.linking.phone !== phone) {
				await this.linking.stop();
				this.linking = undefined;
			}
			const resources = await this.open();
			if (this.linking === undefined && !resources.store.isLinked) {
				this.linking = this.startLinking(resources, phone);
			}
			const offer = await this.linking?.offer();
			return offer === undefined
				? { state: 'linked', ...identityOf(resources.store.creds) }
				: { state: 'linking', ...offer };
		} finally {
			this.usage.leave();
		}
	}

	/**
	 * Waits for the end of the link that is under way; the process stays alive until then.
	 *
	 * @throws CallError LINK_TIMEOUT; NOT_LINKED when no link is under way; …
	 */
	async linked(): Promise<Identity> {
		this.usage.enter();
		try {
			await this.linking?.done;
			return identityOf((await this.openLinked()).store.creds);
		} finally {
			this.usage.leave();
		}
	}

	/**
	 * What is known without connecting.
	 *
	 * @throws CallError SESSION_UNREADABLE
	 */
	async status(): Promise<SessionStatus> {
		const { data, name, passphrase, port } = this.options;
		const lastError = await this.errors.last();
		const known = lastError === undefined ? {} : { lastError };
		if (this.linking !== undefined) {
			return { state: 'linking', ...known };
		}
		const resources = await this.resources?.catch(() => undefined);
		const state = resources?.connector.state ?? 'closed';
		if (resources !== undefined && state !== 'closed') {
			const identity = identityOf(resources.store.creds);
			return state === 'open'
				? { state: 'connected', ...identity }
				: { state, ...identity, ...known };
		}
		return readStatus(data, name, passphrase, await port.codec(), lastError, this.clock.now());
	}

	/**
	 * Removes the device from the account and deletes its keys; the latter also when WhatsApp cannot
	 * be told or the keys cannot be read.
	 *
	 * @returns whether WhatsApp was told; if not, the phone still lists the device
	 * @throws CallError SESSION_IN_USE
	 */
	async logOut(): Promise<{ removedFromAccount: boolean }> {
		await this.linking?.stop();
		let removedFromAccount = false;
		try {
			const { connector } = await this.open();
			await this.use(async ({ socket, closed }) => {
				connector.expectEnd();
				await socket.logout();
				removedFromAccount = true;
				await Promise.race([closed, this.clock.sleep(LOG_OUT_MS)]);
			});
		} catch (error) {
			const code = errorCodeOf(error);
			if (code === 'SESSION_IN_USE' || code === 'INVALID_OPTION') {
				throw error;
			}
			this.logger.info(`Session ${this.name}: logged out without WhatsApp (${code})`);
		}
		await this.close();
		await wipeUnread(this.options.data, this.name);
		await this.errors.forget();
		return { removedFromAccount };
	}

	/** Closes the connection, ends a link, and lets go of the folder. May be called twice. */
	close(): Promise<void> {
		this.closing ??= this.closeAll().finally(() => (this.closing = undefined));
		return this.closing;
	}

	/** Closes as soon as nobody uses the session. */
	async drain(): Promise<void> {
		this.keepWarmMs = 0;
		await this.linking?.stop();
		if (this.usage.count === 0) {
			await this.close();
		}
	}

	private get folder(): string {
		return sessionFolder(this.options.data, this.options.name);
	}

	/** How to close when nobody uses the session; undefined when it stays open. */
	private closeCold(): IdleClosing | undefined {
		if (this.linking !== undefined || this.resources === undefined) {
			return undefined;
		}
		return {
			// Without a connection there is nothing to keep warm.
			afterMs: this.resources
				.then(({ connector }) => (connector.state === 'open' ? this.keepWarmMs : 0))
				.catch(() => 0),
			close: () => this.close(),
		};
	}

	private open(): Promise<Resources<S>> {
		if (this.resources === undefined) {
			const opening = openResources(this.options, (store) => this.makeConnector(store), {
				now: () => this.clock.now(),
				onDamage: (sentence) => this.logger.warn(`Session ${this.name}: ${sentence}`),
				onLost: () => this.lost(),
			});
			this.resources = opening;
			opening.catch(() => {
				this.resources = this.resources === opening ? undefined : this.resources;
			});
		}
		return this.resources;
	}

	/** @throws CallError NOT_LINKED, LOGGED_OUT, … */
	private async openLinked(): Promise<Resources<S>> {
		if (this.linking !== undefined) {
			throw new CallError('NOT_LINKED', `The session "${this.name}" is being linked`, {
				hint: 'Finish linking on the phone first.',
			});
		}
		const resources = await this.open();
		if (resources.store.isLinked) {
			return resources;
		}
		const before = await this.errors.last();
		if (before?.code === 'LOGGED_OUT') {
			throw new CallError('LOGGED_OUT', before.message);
		}
		throw new CallError('NOT_LINKED', `The session "${this.name}" is not linked to a phone`);
	}

	private async connect(): Promise<Lease<S>> {
		await this.closing;
		const { connector, store, folder } = await this.openLinked();
		const { socket, closed } = await connector.connected().catch((error: unknown) => {
			this.errors.note(error);
			throw error;
		});
		let released = false;
		const release = (): void => {
			if (!released) {
				released = true;
				this.usage.leave();
			}
		};
		return { socket, identity: identityOf(store.creds), folder, closed, release };
	}

	private makeConnector(store: SessionStore): Connector<S> {
		const { port, random = Math.random } = this.options;
		return new Connector<S>({
			name: this.name,
			store,
			port,
			clock: this.clock,
			random,
			logger: this.logger,
			isNeeded: () => this.usage.count > 0,
			onOpen: () => void this.errors.forget(),
			onStop: async (error, wipe) => {
				this.errors.note(error);
				const kept = this.errors.keep();
				if (wipe) {
					this.keysAreSpent = true;
					// Not awaited: it waits for the connector, which waits here.
					this.close().catch((fault: unknown) => this.errors.note(fault));
				}
				await kept;
			},
			onEnd: () => this.usage.closeWhenIdle(),
			onFault: (error) => this.errors.note(error),
		});
	}

	private startLinking(resources: Resources<S>, phone: string | undefined): Linking<S> {
		const { port, random = Math.random } = this.options;
		const linking = new Linking<S>({
			store: resources.store,
			port,
			clock: this.clock,
			random,
			phone,
			onWriteError: (error) => this.errors.note(error),
		});
		const finish = (): void => {
			if (this.linking === linking) {
				this.linking = undefined;
			}
			this.usage.closeWhenIdle();
		};
		linking.done.then(
			(connection) => {
				resources.connector.adopt(connection);
				finish();
			},
			(error: unknown) => {
				if (errorCodeOf(error) !== 'CANCELLED') {
					this.errors.note(error);
				}
				finish();
			},
		);
		return linking;
	}

	/** Another process took the folder while this one slept: nothing may be written any more. */
	private lost(): void {
		this.errors.note(
			new CallError('SESSION_IN_USE', 'Another process took the session while this one slept'),
		);
		this.close().catch((error: unknown) => this.errors.note(error));
	}

	private async closeAll(): Promise<void> {
		await this.linking?.stop();
		const { resources } = this;
		const opened = await resources?.catch(() => undefined);
		this.resources = undefined;
		if (opened !== undefined) {
			await opened.connector.close();
			await this.errors.settle();
			const wipe = this.keysAreSpent;
			this.keysAreSpent = false;
			await closeResources(opened, { wipe });
		}
	}
}

const SILENT: SessionLogger = {
	debug: () => undefined,
	info: () => undefined,
	warn: () => undefined,
};
