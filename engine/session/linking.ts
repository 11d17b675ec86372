import { CallError } from '../../common/errors';
import type { Clock } from '../../common/clock';
import { backOffMs } from './backOff';
import { Connection } from './connection';
import { verdictOf } from './closing';
import type { SessionStore } from './sessionStore';
import type { LinkOffer, SessionSocket, SocketPort } from './sessionTypes';

/** How long a link may take, in milliseconds. */
export const LINK_MS = 180_000;
/** How long the login after a successful pairing may take on top of that. */
const LOGIN_MS = 30_000;
/** Baileys shows the first QR code for a minute and the others for 20 s. Protocol page 09. */
const FIRST_QR_MS = 60_000;
const NEXT_QR_MS = 20_000;
/** A pairing code lives as long as its socket: one long and five short QR codes. */
const PAIRING_CODE_MS = 160_000;

export interface LinkingOptions<S extends SessionSocket> {
	store: SessionStore;
	port: SocketPort<S>;
	clock: Clock;
	random: () => number;
	/** Digits of the number to enter the code on; undefined for a QR code. */
	phone: string | undefined;
	onWriteError: (error: unknown) => void;
}

/** A link that is under way, by QR code or by pairing code. */
export class Linking<S extends SessionSocket> {
	/** The connection of the linked device. Rejects with CallError LINK_TIMEOUT, CANCELLED, … */
	readonly done: Promise<Connection<S>>;
	readonly phone: string | undefined;
	private readonly deadline: number;
	private readonly stopping = new AbortController();
	private offered: LinkOffer | undefined;
	private waiting: Array<(offer: LinkOffer) => void> = [];

	constructor(private readonly options: LinkingOptions<S>) {
		this.phone = options.phone;
		this.deadline = options.clock.now() + LINK_MS;
		this.done = this.run();
		// Whoever is interested looks at `done`; nobody may be.
		this.done.catch(() => undefined);
	}

	/**
	 * The QR code or pairing code that is valid now, or the next one.
	 *
	 * @returns undefined when the device was linked meanwhile
	 * @throws CallError as `done`
	 */
	async offer(): Promise<LinkOffer | undefined> {
		if (this.offered !== undefined && this.offered.expiresAt > this.options.clock.now()) {
			return this.offered;
		}
		return Promise.race([
			new Promise<LinkOffer>((resolve) => this.waiting.push(resolve)),
			this.done.then(() => undefined),
		]);
	}

	/** Ends the link; may be called twice. */
	async stop(): Promise<void> {
		this.stopping.abort();
		await this.done.catch(() => undefined);
	}

	private async run(): Promise<Connection<S>> {
		const { store, clock, random } = this.options;
		for (let attempt = 0; ; attempt += 1) {
			this.requireTime();
			if (!store.isLinked) {
				// A pairing that was not finished leaves traces that would be taken for a login.
				await store.reset();
			}
			const connection = await this.connect();
			try {
				if ((await this.orTimeUp(connection.opened)) && store.isLinked) {
					return connection;
				}
				const verdict = verdictOf(await this.orTimeUp(connection.closed));
				this.offered = undefined;
				// Before the phone has accepted, "logged out" only means that this attempt was refused.
				if (verdict.kind === 'stop' || (verdict.kind === 'wipe' && store.isLinked)) {
					throw verdict.error;
				}
				if (verdict.kind === 'retry' || verdict.kind === 'wipe') {
					await clock.sleep(backOffMs(attempt, random()), this.stopping.signal);
				}
			} catch (error) {
				await connection.close();
				throw error;
			}
		}
	}

	private async connect(): Promise<Connection<S>> {
		const { store, port, clock, onWriteError } = this.options;
		let codes = 0;
		const connection: Connection<S> = await Connection.start({
			store,
			port,
			clock,
			onWriteError,
			onUpdate: ({ qr }) => {
				if (qr === undefined) {
					return;
				}
				codes += 1;
				if (this.phone === undefined) {
					const lifeMs = codes === 1 ? FIRST_QR_MS : NEXT_QR_MS;
					this.show({ method: 'qr', qr, expiresAt: this.latest(lifeMs) });
				} else if (codes === 1) {
					this.askForCode(connection.socket, this.phone).catch(() => connection.close());
				}
			},
		});
		return connection;
	}

	private async askForCode(socket: S, phone: string): Promise<void> {
		const code = await socket.requestPairingCode(phone);
		this.show({ method: 'code', code, phone, expiresAt: this.latest(PAIRING_CODE_MS) });
	}

	private latest(lifeMs: number): number {
		return Math.min(this.options.clock.now() + lifeMs, this.deadline);
	}

	private show(offer: LinkOffer): void {
		this.offered = offer;
		this.waiting.splice(0).forEach((resolve) => resolve(offer));
	}

	/** The result, unless the time is up or the link is stopped first. */
	private async orTimeUp<T>(result: Promise<T>): Promise<T> {
		const { clock, store } = this.options;
		const settled = new AbortController();
		const stop = (): void => settled.abort();
		this.stopping.signal.addEventListener('abort', stop);
		try {
			for (;;) {
				const first = await Promise.race([
					result.then((value) => ({ value })),
					clock.sleep(this.timeLeft(store.isLinked), settled.signal),
				]);
				if (first !== undefined) {
					return first.value;
				}
				this.requireTime();
			}
		} finally {
			this.stopping.signal.removeEventListener('abort', stop);
			settled.abort();
		}
	}

	private timeLeft(isPaired: boolean): number {
		return Math.max(0, this.deadline + (isPaired ? LOGIN_MS : 0) - this.options.clock.now());
	}

	/** @throws CallError LINK_TIMEOUT, CANCELLED */
	private requireTime(): void {
		if (this.stopping.signal.aborted) {
			throw new CallError('CANCELLED', 'Linking was stopped', { hint: 'Start linking again.' });
		}
		if (this.timeLeft(this.options.store.isLinked) === 0) {
			throw new CallError(
				'LINK_TIMEOUT',
				`The device was not linked within ${LINK_MS / 60_000} minutes`,
			);
		}
	}
}
