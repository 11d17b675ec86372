import { randomBytes } from 'node:crypto';
import type { Dial, RelayEnd } from './channel';
import { isSameEndpoint, orderEndpoints, SECOND_PORT } from './endpoints';
import {
	type CancelTimer,
	type MediaClock,
	type RandomBytes,
	systemMediaClock,
} from './mediaClock';
import { MediaRoute } from './mediaRoute';
import { RelayConnection } from './relayConnection';
import type { RelayEndpoint } from './types';
import { dialWerift } from './werift/weriftChannel';

/** At once (protocol page 04, section 2). */
const PARALLEL_RELAYS = 4;
const REDIAL_AFTER_MS = 5000;

/** None may throw. */
export interface RelayPoolEvents {
	/** The first relay granted its service. Once. */
	ready(): void;
	/** No relay is left. Once, and nothing after it. */
	failed(reason: string): void;
	/** RTP or RTCP; the bytes are the receiver's. `relay` tells relays of this pool apart. */
	packet(packet: Buffer, relay: number): void;
}

export interface RelayPoolOptions {
	endpoints: readonly RelayEndpoint[];
	/** The relay block's key, as text. */
	key: string;
	/** Nine SSRCs in the order of the slots 0,1,4,2,3,5,7,8,6. */
	streamSsrcs: readonly number[];
	/** sha-256 of the relays' certificate (`AA:BB:…`); any is accepted when absent. */
	fingerprint?: string;
	events: RelayPoolEvents;
	dial?: Dial;
	clock?: MediaClock;
	random?: RandomBytes;
}

interface Relay {
	readonly id: number;
	readonly endpoint: RelayEndpoint;
	/** `out`: it will never serve us. `waiting`: it is dialled again when its time has come. */
	state: 'allocated' | 'connecting' | 'down' | 'out' | 'untried' | 'waiting';
	connection?: RelayConnection;
	dialledAtMs: number;
	cancelRedial?: CancelTimer;
}

/** The relays of one call: which are tried, which are kept, and which carries the media. */
export class RelayPool {
	private readonly relays: Relay[] = [];
	private readonly route: MediaRoute;
	private started = false;
	private over = false;
	private wasReady = false;
	private triedTwice = false;
	private lastEnd: RelayEnd = { kind: 'fault', reason: 'there is no relay' };
	private cancelFailure: CancelTimer = () => undefined;
	private readonly closings = new Set<Promise<void>>();
	private readonly clock: MediaClock;

	constructor(private readonly options: RelayPoolOptions) {
		this.clock = options.clock ?? systemMediaClock;
		this.route = new MediaRoute(this.clock);
		this.append(options.endpoints);
	}

	/** Begins to connect; nothing is told before it returns. */
	start(): void {
		if (!this.started && !this.over) {
			this.started = true;
			this.proceed();
		}
	}

	/** Further relays; they are dialled while none serves us. Those that are known are ignored. */
	add(endpoints: readonly RelayEndpoint[]): void {
		if (this.over) {
			return;
		}
		this.append(endpoints);
		if (this.started) {
			this.proceed();
		}
	}

	/** Sends RTP or RTCP to the relay that delivers, or to all of them; without any it is ignored. */
	send(packet: Uint8Array): void {
		this.route.send(packet);
	}

	/** A packet of this relay was authentic: media go there until 2 s pass without another. */
	delivered(relay: number): void {
		this.route.delivered(relay);
	}

	/** Says goodbye to all relays. Twice is fine; never rejects. */
	async close(): Promise<void> {
		this.stop();
		await Promise.all(this.closings);
	}

	private append(endpoints: readonly RelayEndpoint[]): void {
		for (const endpoint of orderEndpoints(endpoints)) {
			if (!this.relays.some((known) => isSameEndpoint(known.endpoint, endpoint))) {
				const dialledAtMs = Number.NEGATIVE_INFINITY;
				this.relays.push({ id: this.relays.length, endpoint, state: 'untried', dialledAtMs });
			}
		}
	}

	/** Whatever there is to do while no relay serves us. */
	private proceed(): void {
		if (this.over || !this.route.isEmpty) {
			return;
		}
		this.dialUntried();
		if (this.isBusy()) {
			return;
		}
		const down = this.relays.filter(({ state }) => state === 'down');
		if (!this.triedTwice && down.length > 0) {
			this.triedTwice = true;
			for (const relay of down) {
				relay.state = 'untried';
			}
			this.dialUntried();
		}
		if (!this.isBusy()) {
			this.cancelFailure();
			this.cancelFailure = this.clock.setTimer(0, () => this.fail());
		}
	}

	private dialUntried(): void {
		let free = PARALLEL_RELAYS - this.relays.filter(isActive).length;
		for (const relay of this.relays) {
			if (free > 0 && relay.state === 'untried') {
				free -= 1;
				this.dialInTime(relay);
			}
		}
	}

	private isBusy(): boolean {
		return this.relays.some(isActive);
	}

	private dialInTime(relay: Relay): void {
		const delayMs = relay.dialledAtMs + REDIAL_AFTER_MS - this.clock.nowMs();
		if (delayMs <= 0) {
			this.dial(relay);
			return;
		}
		relay.state = 'waiting';
		relay.cancelRedial = this.clock.setTimer(delayMs, () => this.dial(relay));
	}

	private dial(relay: Relay): void {
		const { dial = dialWerift, fingerprint, key, random = randomBytes, streamSsrcs } = this.options;
		const { clock } = this;
		relay.state = 'connecting';
		relay.dialledAtMs = clock.nowMs();
		const connection = new RelayConnection({
			endpoint: relay.endpoint,
			key,
			streamSsrcs,
			fingerprint,
			dial,
			clock,
			random,
			events: {
				allocated: () => this.granted(relay, connection),
				packet: (packet) => this.options.events.packet(packet, relay.id),
				ended: (end) => this.lost(relay, end),
			},
		});
		relay.connection = connection;
		connection.start();
	}

	private granted(relay: Relay, connection: RelayConnection): void {
		relay.state = 'allocated';
		this.route.add(relay.id, connection);
		if (!this.wasReady) {
			this.wasReady = true;
			this.options.events.ready();
		}
	}

	private lost(relay: Relay, end: RelayEnd): void {
		const served = relay.state === 'allocated';
		this.release(relay);
		this.route.remove(relay.id);
		this.lastEnd = end;
		relay.state = end.kind === 'refused' || end.kind === 'untrusted' ? 'out' : 'down';
		if (served && relay.state === 'down') {
			this.dialInTime(relay);
		}
		this.proceed();
	}

	private fail(): void {
		if (this.over || !this.route.isEmpty || this.isBusy()) {
			return;
		}
		this.stop();
		this.options.events.failed(this.failureReason());
	}

	private failureReason(): string {
		const { kind, reason } = this.lastEnd;
		if (kind !== 'unreachable') {
			return reason;
		}
		const ports = new Set([...this.relays.map(({ endpoint }) => endpoint.port), SECOND_PORT]);
		return `relay unreachable (UDP egress ${[...ports].sort((a, b) => a - b).join('/')}): ${reason}`;
	}

	private stop(): void {
		this.over = true;
		this.route.clear();
		this.cancelFailure();
		for (const relay of this.relays) {
			relay.cancelRedial?.();
			this.release(relay);
		}
	}

	private release(relay: Relay): void {
		const closing = relay.connection?.close();
		relay.connection = undefined;
		if (closing !== undefined) {
			this.closings.add(closing);
			void closing.finally(() => this.closings.delete(closing));
		}
	}
}

function isActive({ state }: Relay): boolean {
	return state === 'connecting' || state === 'waiting';
}
