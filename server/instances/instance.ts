import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import type { LinkStep, Phone, SessionState, SessionStatus, StandingState } from '../../engine';
import { TokenDigest } from '../tokens';
import type { StoredInstance } from './instanceFile';

/** RyzeAPI's words. */
export type ConnectionState = 'connected' | 'connecting' | 'disconnected' | 'loggedout';

/** What `instance.state` events say. */
export type InstanceEvent =
	| 'connected'
	| 'disconnected'
	| 'logged_out'
	| 'qr_ready'
	| 'temp_banned';

/** An instance's phone, as far as the server uses it. */
export type InstancePhone = Pick<
	Phone,
	| 'audioCall'
	| 'close'
	| 'fakeCall'
	| 'keepConnected'
	| 'link'
	| 'linked'
	| 'logOut'
	| 'sendVoiceNote'
	| 'status'
>;

export interface InstanceOptions {
	phone: InstancePhone;
	clock: Clock;
	/** Must not throw. */
	tell: (event: InstanceEvent, numberJid: string | null) => void;
	/** Told what went wrong aside. */
	onFault: (what: string, error: unknown) => void;
	/** Keeps what changed in `stored`. */
	save: () => Promise<void>;
}

/** How long a request for a QR code or pairing code waits, in milliseconds. RyzeAPI's contract. */
const LINK_OFFER_MS = 60_000;

const STATES: Record<SessionState, ConnectionState> = {
	connected: 'connected',
	connecting: 'connecting',
	linked: 'disconnected',
	linking: 'connecting',
	loggedOut: 'loggedout',
	restricted: 'disconnected',
	unlinked: 'disconnected',
};

/** One linked device with its name and its token. It stays connected while it is linked. */
export class Instance {
	readonly digest: TokenDigest;
	readonly phone: InstancePhone;
	private keeping: { stop: () => void } | undefined;
	private wasConnected = false;

	constructor(
		readonly stored: StoredInstance,
		private readonly options: InstanceOptions,
	) {
		this.digest = new TokenDigest(stored.token);
		this.phone = options.phone;
	}

	get name(): string {
		return this.stored.name;
	}

	/** What is known without connecting. Never rejects. */
	async status(): Promise<SessionStatus & { connection: ConnectionState }> {
		try {
			const status = await this.phone.status();
			const isOut = this.stored.loggedOut === true && status.state === 'unlinked';
			return { ...status, connection: isOut ? 'loggedout' : STATES[status.state] };
		} catch (error) {
			const { code, message } =
				error instanceof CallError
					? error
					: new CallError('SESSION_UNREADABLE', 'The session cannot be read');
			const at = new Date(this.options.clock.now()).toISOString();
			return {
				state: 'unlinked',
				connection: 'disconnected',
				lastError: { code, message, at },
			};
		}
	}

	/** Connects, if the device is linked, and stays connected. */
	keepConnected(): void {
		if (this.keeping !== undefined) {
			return;
		}
		const keeping = { stop: (): void => undefined };
		this.keeping = keeping;
		keeping.stop = this.phone.keepConnected((state) => {
			if (this.keeping === keeping) {
				this.take(state);
			}
		});
	}

	/**
	 * Starts to link, or gives the current code.
	 *
	 * @throws CallError NETWORK_UNREACHABLE after a minute without a code; LINK_TIMEOUT, …
	 */
	async link(number: string | undefined): Promise<LinkStep> {
		const step = await this.offer(number);
		if (step.state === 'linked') {
			this.keepConnected();
			return step;
		}
		this.options.tell('qr_ready', null);
		this.phone.linked().then(
			() => this.linked(),
			(error: unknown) => this.options.onFault('linking ended', error),
		);
		return step;
	}

	/** Removes the device from the account and deletes its keys. */
	async logOut(): Promise<void> {
		this.stopKeeping();
		const { state } = await this.status();
		if (state !== 'unlinked' || (await this.isUnreadable())) {
			await this.phone.logOut();
		}
		this.stored.loggedOut = true;
		await this.options.save();
		this.options.tell('logged_out', null);
	}

	/** Hangs up, disconnects, and lets go of the session's folder. */
	async close(): Promise<void> {
		this.stopKeeping();
		await this.phone.close();
	}

	private async offer(number: string | undefined): Promise<LinkStep> {
		const offered = new AbortController();
		const offer = this.phone.link(number);
		try {
			const step = await Promise.race([
				offer,
				this.options.clock.sleep(LINK_OFFER_MS, offered.signal),
			]);
			if (step === undefined) {
				offer.catch(() => undefined);
				throw new CallError('NETWORK_UNREACHABLE', 'WhatsApp gave no code within a minute');
			}
			return step;
		} finally {
			offered.abort();
		}
	}

	private linked(): void {
		this.keepConnected();
		if (this.stored.loggedOut === true) {
			delete this.stored.loggedOut;
			this.options
				.save()
				.catch((error: unknown) => this.options.onFault('the instance was not kept', error));
		}
	}

	private async isUnreadable(): Promise<boolean> {
		return await this.phone.status().then(
			() => false,
			() => true,
		);
	}

	private stopKeeping(): void {
		this.keeping?.stop();
		this.keeping = undefined;
		this.wasConnected = false;
	}

	private take(state: StandingState): void {
		const wasConnected = this.wasConnected;
		this.wasConnected = state.state === 'connected';
		switch (state.state) {
			case 'connected':
				void this.status().then(({ number }) =>
					this.options.tell('connected', numberJidOf(number)),
				);
				return;
			case 'connecting':
				if (wasConnected) {
					this.options.tell('disconnected', null);
				}
				return;
			case 'stopped':
				this.keeping = undefined;
				this.stopped(state.error, wasConnected);
		}
	}

	private stopped(error: CallError | undefined, wasConnected: boolean): void {
		switch (error?.code) {
			case 'NOT_LINKED':
				return;
			case 'LOGGED_OUT':
				return this.options.tell('logged_out', null);
			case 'ACCOUNT_RESTRICTED':
				return this.options.tell('temp_banned', null);
			default:
				if (wasConnected) {
					this.options.tell('disconnected', null);
				}
				if (error !== undefined) {
					this.options.onFault('not connected any more', error);
				}
		}
	}
}

/** @param number digits */
export function numberJidOf(number: string | undefined): string | null {
	return number === undefined ? null : `${number}@s.whatsapp.net`;
}
