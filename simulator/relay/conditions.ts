/** How well a relay works. May be changed at any time; holds from the next datagram on. */
export interface RelayConditions {
	/** Share of datagrams that are lost, each way: 0 to 1. */
	loss: number;
	/** How long every datagram takes, each way, and up to how much longer. Real milliseconds. */
	delayMs: number;
	jitterMs: number;
	/** Share of datagrams that later ones overtake: they take 70 ms more. */
	reorder: number;
	/** Which of its two ports answers. */
	answersOn: 'both' | 'te2' | '3480';
	/** Takes and sends nothing: it never was there, or it has died. */
	silent: boolean;
	/** Never brings the caller what the phone sends, whatever else it answers. */
	oneWay: boolean;
	/** Answers a DTLS handshake only after a valid ICE check from the same address. */
	iceOnly: boolean;
	/** Refuses every Allocate with this code; 0 refuses none. */
	refuses: number;
}

export const GOOD_CONDITIONS: RelayConditions = {
	loss: 0,
	delayMs: 0,
	jitterMs: 0,
	reorder: 0,
	answersOn: 'both',
	silent: false,
	oneWay: false,
	iceOnly: false,
	refuses: 0,
};

const OVERTAKEN_MS = 70;
const SWITCHES = ['silent', 'oneWay', 'iceOnly'];

/** Reads conditions from outside. Throws on what they cannot be. */
export function readConditions(value: unknown): Partial<RelayConditions> {
	if (typeof value !== 'object' || value === null) throw new Error('Conditions are an object');
	for (const [name, given] of Object.entries(value)) {
		const right =
			name === 'answersOn'
				? ['both', 'te2', '3480'].includes(given as string)
				: SWITCHES.includes(name)
					? typeof given === 'boolean'
					: typeof given === 'number' && given >= 0;
		if (!(name in GOOD_CONDITIONS) || !right) {
			throw new Error(`The condition ${name} is unknown or not what it should be`);
		}
	}
	return value;
}

/** Whether datagrams arrive as they were sent: what a client then misses is its own doing. */
export function isReliable({ loss, jitterMs, reorder }: RelayConditions): boolean {
	return loss === 0 && jitterMs === 0 && reorder === 0;
}

/** One direction of the network before a relay: loses, delays and reorders. */
export class Weather {
	private readonly timers = new Set<NodeJS.Timeout>();
	private lastDue = 0;

	constructor(private readonly conditions: RelayConditions) {}

	/** Lets a datagram through now, later or never. */
	pass(deliver: () => void): void {
		const { loss, delayMs, jitterMs, reorder } = this.conditions;
		if (loss > 0 && Math.random() < loss) return;
		const overtaken = reorder > 0 && Math.random() < reorder;
		const now = performance.now();
		// Jitter alone keeps the order.
		const due = Math.max(
			now + delayMs + Math.random() * jitterMs,
			Math.min(this.lastDue, now + 1e4),
		);
		if (delayMs + jitterMs > 0) this.lastDue = due;
		const wait = due - now + (overtaken ? OVERTAKEN_MS : 0);
		if (wait <= 0) return deliver();
		const timer = setTimeout(() => {
			this.timers.delete(timer);
			deliver();
		}, wait);
		this.timers.add(timer);
	}

	clear(): void {
		for (const timer of this.timers) clearTimeout(timer);
		this.timers.clear();
	}
}
