import type { RelayEnd } from './channel';
import type { CancelTimer, MediaClock, RandomBytes } from './mediaClock';
import {
	buildAllocate,
	buildBindingSuccess,
	buildPing,
	StunType,
	TRANSACTION_ID_BYTES,
} from './stun';
import { errorCodeOf, parseStun } from './stunParser';
import type { RelayEndpoint } from './types';

/** Protocol page 01, "Timers". */
const ANSWER_WITHIN_MS = 10_000;
const KEEP_ALIVE_EVERY_MS = 1000;
/** What a bad network loses at first would cost the first words: until then it is repeated sooner. */
const REPEAT_AFTER_MS = 250;
const EARLY_REPEATS = 3;

export interface AllocationOptions {
	endpoint: RelayEndpoint;
	/** The port that answered. */
	dialledPort: number;
	key: string;
	streamSsrcs: readonly number[];
	clock: MediaClock;
	random: RandomBytes;
	send: (message: Buffer) => void;
	allocated: () => void;
	failed: (end: RelayEnd) => void;
}

/** Asks for a relay's service over an open channel, and keeps it (protocol page 04, section 5). */
export class Allocation {
	private request: Buffer = Buffer.alloc(0);
	private transactionId: Uint8Array = new Uint8Array(TRANSACTION_ID_BYTES);
	private accepted = false;
	private granted = false;
	/** Our first ping arrived, or we no longer wait for the sign of it. */
	private pinged = false;
	private namesDialledPort: boolean;
	private cancelAnswer: CancelTimer = () => undefined;
	private cancelKeepAlive: CancelTimer = () => undefined;
	private cancelRepeat: CancelTimer = () => undefined;

	constructor(private readonly options: AllocationOptions) {
		this.namesDialledPort = options.dialledPort === options.endpoint.port;
		this.ask(options.endpoint.port);
	}

	start(): void {
		const { clock, failed } = this.options;
		this.cancelAnswer = clock.setTimer(ANSWER_WITHIN_MS, () => {
			failed({ kind: 'unreachable', reason: 'the relay did not answer the Allocate request' });
		});
		this.keepAlive();
		this.repeatEarly(EARLY_REPEATS);
	}

	stop(): void {
		this.cancelAnswer();
		this.cancelKeepAlive();
		this.cancelRepeat();
	}

	/** Any STUN message of the channel, however broken. */
	receive(bytes: Buffer): void {
		const message = parseStun(bytes);
		if (message === undefined) {
			return;
		}
		const isAnswer = message.transactionId.equals(this.transactionId);
		switch (message.type) {
			case StunType.bindingRequest:
				this.options.send(buildBindingSuccess(message.transactionId, this.options.key));
				return;
			case StunType.allocateSuccess:
			case StunType.bindingSuccess:
				if (isAnswer) {
					this.accepted = true;
					this.cancelAnswer();
					this.grantWhenPinged();
				}
				return;
			case StunType.pong:
				this.pinged = true;
				this.grantWhenPinged();
				return;
			case StunType.allocateError:
				if (isAnswer) {
					this.refused(errorCodeOf(message));
				}
				return;
			default:
		}
	}

	/** A relay drops media that comes before the first ping, and may never bridge it then (page 04). */
	private grantWhenPinged(): void {
		if (this.accepted && this.pinged && !this.granted) {
			this.granted = true;
			this.cancelRepeat();
			this.options.allocated();
		}
	}

	private refused(code: number | undefined): void {
		const isClientError = code !== undefined && code >= 400 && code < 500;
		// Which of two ports a request has to name is not known for certain (page 07, Q20).
		if (isClientError && !this.namesDialledPort && !this.accepted) {
			this.namesDialledPort = true;
			this.ask(this.options.dialledPort);
			this.options.send(this.request);
			return;
		}
		const reason = `the relay refused its service (${code ?? 'no code'})`;
		this.options.failed({ kind: 'refused', reason });
	}

	/** The same bytes are sent again and again. */
	private ask(port: number): void {
		const { endpoint, key, random, streamSsrcs } = this.options;
		this.transactionId = random(TRANSACTION_ID_BYTES);
		this.request = buildAllocate({
			transactionId: this.transactionId,
			token: endpoint.token,
			streamSsrcs,
			address: endpoint.address,
			port,
			key,
		});
	}

	private repeatEarly(left: number): void {
		const { clock, random, send } = this.options;
		this.cancelRepeat = clock.setTimer(REPEAT_AFTER_MS, () => {
			if (left === 0) {
				// Pongs are no promise of the protocol.
				this.pinged = true;
				this.grantWhenPinged();
				return;
			}
			if (!this.accepted) {
				send(this.request);
			}
			if (!this.pinged) {
				send(buildPing(random(TRANSACTION_ID_BYTES)));
			}
			this.repeatEarly(left - 1);
		});
	}

	private keepAlive(): void {
		const { clock, random, send } = this.options;
		send(this.request);
		send(buildPing(random(TRANSACTION_ID_BYTES)));
		this.cancelKeepAlive = clock.setTimer(KEEP_ALIVE_EVERY_MS, () => this.keepAlive());
	}
}
