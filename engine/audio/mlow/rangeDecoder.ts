const RENORMALISE_AT = 2 ** 23;

/**
 * The range decoder of MLow chapter 02 (RFC 6716 section 4.1), symbols from the front only. Bytes
 * past the end of the payload read as 0. Whatever the bytes are, every symbol that is taken lies in its
 * table.
 */
export class RangeDecoder {
	private bytes: Uint8Array = new Uint8Array(0);
	private position = 0;
	private current = 0;
	private value = 0;
	private range = 0;
	/** Set by `peek` for the `take` that follows. */
	private step = 0;

	/** @param position of the first coded byte in `bytes` */
	start(bytes: Uint8Array, position = 0): void {
		this.bytes = bytes;
		this.position = position;
		this.range = 128;
		this.current = this.nextByte();
		this.value = 127 - (this.current >> 1);
		this.renormalise();
	}

	/** Bytes past the end that were read as 0; negative: bytes that were not read. */
	get impliedBytes(): number {
		return this.position - this.bytes.length;
	}

	/** @returns which of `total` values comes next; `take` has to follow with the same total */
	peek(total: number): number {
		this.step = (this.range / total) >>> 0;
		const above = ((this.value / this.step) >>> 0) + 1;
		return above < total ? total - above : 0;
	}

	/** Takes the interval [from, to) that holds what `peek(total)` returned. */
	take(from: number, to: number, total: number): void {
		const above = this.step * (total - to);
		this.value -= above;
		this.range = from > 0 ? this.step * (to - from) : this.range - above;
		this.renormalise();
	}

	/**
	 * Reads a symbol by a table or a window of one: see `RangeEncoder.encodeSymbol`.
	 *
	 * @returns 0 to count - 1
	 */
	decodeSymbol(cdf: ArrayLike<number>, first: number, count: number): number {
		const base = cdf[first]!;
		const total = cdf[first + count]! - base;
		const target = this.peek(total) + base;
		let low = first;
		let high = first + count;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if (cdf[middle]! <= target) low = middle;
			else high = middle;
		}
		this.take(cdf[low]! - base, cdf[low + 1]! - base, total);
		return low - first;
	}

	/** @returns one of `count` equally probable values, 0 to count - 1 */
	decodeUniform(count: number): number {
		const value = this.peek(count);
		this.take(value, value + 1, count);
		return value;
	}

	private nextByte(): number {
		const { bytes, position } = this;
		this.position = position + 1;
		return position < bytes.length ? bytes[position]! : 0;
	}

	private renormalise(): void {
		while (this.range <= RENORMALISE_AT) {
			this.range *= 256;
			const previous = this.current;
			this.current = this.nextByte();
			const byte = ((previous * 256 + this.current) >> 1) & 255;
			this.value = ((this.value << 8) + 255 - byte) & 0x7fffffff;
		}
	}
}
