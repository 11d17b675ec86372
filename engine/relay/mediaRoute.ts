import { classifyMessage } from './demux';
import type { MediaClock } from './mediaClock';

/** Without a packet from the relay that delivered last. */
const UNLATCH_AFTER_MS = 2000;

interface Sender {
	send(packet: Uint8Array): void;
}

/**
 * Where packets go: to every relay that serves us until one delivers, then to that one alone
 * (protocol page 04, section 2). Which of them reaches the peer is not known in advance. One that
 * comes later gets one packet of sound all the same: it bridges nothing before (protocol page 05,
 * section 2), and could not take over at once.
 */
export class MediaRoute {
	/** Replaced when it changes: packets may be under way over it. */
	private relays: ReadonlyMap<number, Sender> = new Map();
	private latched: Sender | undefined;
	/** Those that no sound was sent to yet. */
	private readonly strange = new Set<Sender>();
	private deliveredAtMs = 0;

	constructor(private readonly clock: MediaClock) {}

	get isEmpty(): boolean {
		return this.relays.size === 0;
	}

	add(relay: number, sender: Sender): void {
		this.relays = new Map([...this.relays, [relay, sender]]);
		this.strange.add(sender);
	}

	remove(relay: number): void {
		const gone = this.relays.get(relay);
		if (gone !== undefined) {
			this.strange.delete(gone);
		}
		this.relays = new Map([...this.relays].filter(([other]) => other !== relay));
		if (this.latched === gone) {
			this.latched = undefined;
		}
	}

	clear(): void {
		this.relays = new Map();
		this.strange.clear();
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
				this.introduce(packet, this.latched);
				return;
			}
			this.latched = undefined;
		}
		this.strange.clear();
		for (const sender of this.relays.values()) {
			sender.send(packet);
		}
	}

	private introduce(packet: Uint8Array, latched: Sender): void {
		if (this.strange.size === 0 || classifyMessage(packet) !== 'rtp') {
			return;
		}
		this.strange.delete(latched);
		for (const sender of this.strange) {
			sender.send(packet);
		}
		this.strange.clear();
	}
}
