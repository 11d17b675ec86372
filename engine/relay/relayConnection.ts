import { isIPv4 } from 'node:net';
import { Allocation } from './allocation';
import type { Channel, Dial, IceCredentials, RelayEnd } from './channel';
import { classifyMessage } from './demux';
import { portsOf } from './endpoints';
import type { CancelTimer, MediaClock, RandomBytes } from './mediaClock';
import type { RelayEndpoint } from './types';

/** UDP, DTLS and SCTP together (protocol page 01, "Timers"). */
const CONNECT_WITHIN_MS = 12_000;
/** Without an answer on any port (protocol page 04, section 4). */
const CHECK_BY_ICE_AFTER_MS = 3000;

export interface RelayConnectionOptions {
	endpoint: RelayEndpoint;
	key: string;
	streamSsrcs: readonly number[];
	fingerprint?: string;
	dial: Dial;
	clock: MediaClock;
	random: RandomBytes;
	events: RelayConnectionEvents;
}

export interface RelayConnectionEvents {
	/** Once: the relay serves us. */
	allocated(): void;
	/** RTP or RTCP. */
	packet(packet: Buffer): void;
	/** Once, and nothing after it; not when it was closed by us. */
	ended(end: RelayEnd): void;
}

interface Attempt {
	port: number;
	channel?: Channel;
	failed: boolean;
}

/** One relay: from its address to its service. Used once. */
export class RelayConnection {
	private readonly attempts: Attempt[];
	private winner: Attempt | undefined;
	private allocation: Allocation | undefined;
	private over = false;
	private lastEnd: RelayEnd = { kind: 'unreachable', reason: 'nobody answered' };
	private cancelConnect: CancelTimer = () => undefined;
	private cancelIce: CancelTimer = () => undefined;

	constructor(private readonly options: RelayConnectionOptions) {
		this.attempts = portsOf(options.endpoint).map((port) => ({ port, failed: false }));
	}

	/** Nothing is told before it returns. */
	start(): void {
		const { clock, dial, endpoint, fingerprint, random } = this.options;
		if (!isIPv4(endpoint.address) || !isPort(endpoint.port)) {
			const end: RelayEnd = { kind: 'fault', reason: 'the relay has no IPv4 address' };
			this.cancelConnect = clock.setTimer(0, () => this.end(end));
			return;
		}
		this.cancelConnect = clock.setTimer(CONNECT_WITHIN_MS, () => this.end(this.lastEnd));
		this.cancelIce = clock.setTimer(CHECK_BY_ICE_AFTER_MS, () => this.checkByIce());
		for (const attempt of this.attempts) {
			attempt.channel = dial(
				{ address: endpoint.address, port: attempt.port, fingerprint, clock, random },
				{
					open: () => this.opened(attempt),
					message: (message) => this.receive(attempt, message),
					closed: (end) => this.closed(attempt, end),
				},
			);
		}
	}

	/** RTP or RTCP; only once allocated. */
	send(packet: Uint8Array): void {
		this.winner?.channel?.send(packet);
	}

	/** Twice is fine; never rejects. */
	async close(): Promise<void> {
		this.over = true;
		this.cancelConnect();
		this.cancelIce();
		this.allocation?.stop();
		await Promise.all(this.attempts.map(({ channel }) => channel?.close()));
	}

	private opened(attempt: Attempt): void {
		if (this.over || this.winner !== undefined) {
			return;
		}
		this.winner = attempt;
		this.cancelConnect();
		this.cancelIce();
		for (const other of this.attempts) {
			if (other !== attempt) {
				void other.channel?.close();
			}
		}
		const { clock, endpoint, events, key, random, streamSsrcs } = this.options;
		this.allocation = new Allocation({
			endpoint,
			dialledPort: attempt.port,
			key,
			streamSsrcs,
			clock,
			random,
			send: (message) => attempt.channel?.send(message),
			allocated: () => events.allocated(),
			failed: (end) => this.end(end),
		});
		this.allocation.start();
	}

	private receive(attempt: Attempt, message: Buffer): void {
		if (this.over || attempt !== this.winner) {
			return;
		}
		switch (classifyMessage(message)) {
			case 'rtp':
			case 'rtcp':
				this.options.events.packet(message);
				return;
			case 'stun':
				this.allocation?.receive(message);
				return;
			case undefined:
				return;
		}
	}

	private closed(attempt: Attempt, end: RelayEnd): void {
		attempt.failed = true;
		if (attempt === this.winner) {
			this.end(end);
			return;
		}
		this.lastEnd = clearer(this.lastEnd, end);
		if (this.winner === undefined && this.attempts.every(({ failed }) => failed)) {
			this.end(this.lastEnd);
		}
	}

	private checkByIce(): void {
		const { endpoint, key } = this.options;
		if (this.attempts.some(({ channel }) => channel?.answered === true)) {
			return;
		}
		const secret = endpoint.authToken ?? endpoint.token;
		const credentials: IceCredentials = {
			remoteUfrag: Buffer.from(secret).toString('base64'),
			password: key,
		};
		for (const { channel } of this.attempts) {
			channel?.checkByIce(credentials);
		}
	}

	private end(end: RelayEnd): void {
		if (!this.over) {
			void this.close();
			this.options.events.ended(end);
		}
	}
}

function isPort(port: number): boolean {
	return Number.isInteger(port) && port > 0 && port <= 0xffff;
}

/** What says more than that nobody answered is kept. */
function clearer(known: RelayEnd, other: RelayEnd): RelayEnd {
	return other.kind === 'unreachable' && known.kind !== 'unreachable' ? known : other;
}
