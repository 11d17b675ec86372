import type { RecordedPacket } from '../recorder';

/** Waiting for a missing packet ends when one behind it has waited so long (protocol page 05, section 4)… */
const MAX_WAIT_MS = 100;
/** …or when so many are behind it. */
const MAX_WAITING_PACKETS = 8;

/**
 * Puts packets into the order of their sequence numbers. It has no timer: a packet that waits for
 * one before it is looked at again when the next one comes.
 */
export class ReorderWindow {
	/** In order, without repetitions. */
	private readonly waiting: RecordedPacket[] = [];
	/** Undefined until the first was let go: one before it may still come. */
	private nextSequence: number | undefined;

	/** @returns what can be used now, in order; repetitions and what is too late are dropped */
	push(packet: RecordedPacket): RecordedPacket[] {
		if (this.nextSequence !== undefined && packet.sequence < this.nextSequence) {
			return [];
		}
		const before = this.waiting.findLastIndex(({ sequence }) => sequence <= packet.sequence);
		if (this.waiting[before]?.sequence === packet.sequence) {
			return [];
		}
		this.waiting.splice(before + 1, 0, packet);
		return this.release(packet.arrivedAtMs);
	}

	/** @returns the rest */
	flush(): RecordedPacket[] {
		return this.waiting.splice(0);
	}

	private release(nowMs: number): RecordedPacket[] {
		const released: RecordedPacket[] = [];
		for (;;) {
			const [first] = this.waiting;
			if (first === undefined || !this.mayGo(first, nowMs)) {
				return released;
			}
			this.waiting.shift();
			this.nextSequence = first.sequence + 1;
			released.push(first);
		}
	}

	private mayGo(first: RecordedPacket, nowMs: number): boolean {
		return (
			first.sequence === this.nextSequence ||
			this.waiting.length >= MAX_WAITING_PACKETS ||
			this.waiting.some(({ arrivedAtMs }) => nowMs - arrivedAtMs >= MAX_WAIT_MS)
		);
	}
}
