const WINDOW = 64n;

/** Remembers which of the last 64 indices have come (RFC 3711, section 3.3.2). */
export class ReplayWindow {
	private highest = -1;
	/** Bit 0 is the highest index, bit 1 the one before it... */
	private seen = 0n;

	/** Whether this index may still be taken. */
	isFresh(index: number): boolean {
		if (index > this.highest) return true;
		const age = BigInt(this.highest - index);
		return age < WINDOW && (this.seen & (1n << age)) === 0n;
	}

	take(index: number): void {
		if (index > this.highest) {
			const shift = this.highest < 0 ? WINDOW : BigInt(index - this.highest);
			this.seen = shift >= WINDOW ? 1n : ((this.seen << shift) | 1n) & ((1n << WINDOW) - 1n);
			this.highest = index;
			return;
		}
		this.seen |= 1n << BigInt(this.highest - index);
	}
}
