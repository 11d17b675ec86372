import type { MediaClock } from './mediaClock';

/** Without a packet from the relay that delivered last. */
const UNLATCH_AFTER_MS = 2000;

interface Sender {
	send(packet: Uint8Array): void;
}

/**
 * Where packets go: to every relay that serves us until one delivers, then to that one alone
 * (protocol page 04, section 2). Which of them reaches the peer is not known in advance.
 */
export class MediaRoute {
	/** Replaced when it changes: packets may be under way over it. */
	private relays: ReadonlyMap<number, Sender> = new Map();
	private latched: Sender | undefined;
	private deliveredAtMs = 0;

	constructor(private readonly clock: MediaClock) {}

	get isEmpty(): boolean {
		return this.relays.size === 0;
	}

	add(relay: number, sender: Sender): void {
		this.relays = new Map([...this.relays, [relay, sender]]);
	}

	remove(relay: number): void {
		const gone = this.relays.get(relay);
		this.relays = new Map([...this.relays].filter(([other]) => other !== relay));
		if (this.latched === gone) {
			this.latched = undefined;
		}
	}

	clear(): void {
		this.relays = new Map();
		this.latched = undefined;
	}

	/** Ignored for a relay that does not serve us. */
	delivered(relay: number): void {
		const sender = this.relays.get(relay);
		if (sender !== undefined) {
			this.latched = sender;
			this.deliveredAtMs = this.clock.nowMs();
		}
	}

	send(packet: Uint8Array): void {
		if (this.latched !== undefined) {
			if (this.clock.nowMs() - this.deliveredAtMs <= UNLATCH_AFTER_MS) {
				this.latched.send(packet);
				return;
			}
			this.latched = undefined;
		}
		for (const sender of this.relays.values()) {
			sender.send(packet);
		}
	}
}
