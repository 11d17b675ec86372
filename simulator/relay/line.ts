import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { FaultKind, FaultLog } from '../faults';
import { participantId } from '../media/keys';
import type { Listener, Wire } from '../media/phoneMedia';

const STUN_KEY_BYTES = 16;
const HOP_BY_HOP_KEY_BYTES = 30;
const TOKEN_BYTES = 160;
const AUTH_TOKEN_BYTES = 16;
/** After so long without the caller's packets, another relay may become the phone's (page 04). */
const ELECTION_MS = 2000;

/** A client at a relay that carries this call. */
export interface Bridge {
	readonly relay: string;
	/** Whether it has sent media since it was let in. */
	readonly isBridged: boolean;
	toClient(packet: Buffer): void;
}

/** What a client needs to use one relay for one call. */
export interface RelayTicket {
	token: Buffer;
	authToken: Buffer;
}

/** One call at the relays: its secrets, the caller's connections, and the phones at the other end. */
export class Line implements Wire {
	readonly callId: string;
	readonly caller: string;
	/** ASCII base64: the text itself is the STUN integrity key (page 02 section 5). */
	readonly key = randomBytes(STUN_KEY_BYTES).toString('base64');
	readonly hopByHopKey = randomBytes(HOP_BY_HOP_KEY_BYTES).toString('base64');
	/** By relay, in the order of the network's relays. */
	readonly tickets: readonly RelayTicket[];
	private readonly bridges = new Set<Bridge>();
	private readonly listeners = new Set<Listener>();
	private readonly complaints = new Set<string>();
	private elected: { relay: string; at: number } | undefined;

	constructor(
		call: { id: string; creator: string },
		relays: number,
		readonly tagBytes: number,
		/** Whether a phone speaks over every relay, or only over the first that brings it something. */
		private readonly speaksOver: () => 'all' | 'first',
		private readonly faults: FaultLog,
	) {
		this.callId = call.id;
		this.caller = participantId(call.creator);
		this.tickets = Array.from({ length: relays }, () => ({
			token: randomBytes(TOKEN_BYTES),
			authToken: randomBytes(AUTH_TOKEN_BYTES),
		}));
	}

	/** Relays over which the caller's media flows. */
	get bridged(): string[] {
		return [...this.bridges].filter(({ isBridged }) => isBridged).map(({ relay }) => relay);
	}

	attach(bridge: Bridge): void {
		this.bridges.add(bridge);
	}

	detach(bridge: Bridge): void {
		this.bridges.delete(bridge);
	}

	join(listener: Listener): void {
		this.listeners.add(listener);
	}

	leave(listener: Listener): void {
		this.listeners.delete(listener);
	}

	/** Brings a packet of the caller to the phones. */
	fromCaller(packet: Buffer, kind: 'audio' | 'report', relay: string): void {
		const at = performance.now();
		if (!this.elected || this.elected.relay === relay || at - this.elected.at > ELECTION_MS) {
			this.elected = { relay, at };
		}
		for (const listener of this.listeners) {
			if (kind === 'audio') listener.hear(packet, relay);
			else listener.hearReport(packet);
		}
	}

	/** Brings a packet of the phone to the caller. */
	toCaller(packet: Buffer): void {
		const first = this.speaksOver() === 'first' ? this.elected?.relay : undefined;
		for (const bridge of this.bridges) {
			if (bridge.isBridged && (first === undefined || bridge.relay === first)) {
				bridge.toClient(packet);
			}
		}
	}

	/** Writes a fault of this call down; the same one only once. */
	complain(kind: FaultKind, detail: string): void {
		if (this.complaints.has(detail)) return;
		this.complaints.add(detail);
		this.faults.add(kind, `call ${this.callId}: ${detail}`);
	}
}
