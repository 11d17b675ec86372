const FIRST_CAPACITY = 2048;
/** Above it the interval holds still; at or below it a byte leaves. */
const RENORMALISE_AT = 2 ** 23;
const WHOLE = 2 ** 31;

/**
 * The range encoder of MLow chapter 02 (RFC 6716 section 4.1), symbols from the front only.
 *
 * `start()`, any number of `encode...()`, then `finish()`; an object serves any number of payloads.
 */
export class RangeEncoder {
	private bytes = new Uint8Array(FIRST_CAPACITY);
	private length = 0;
	private low = 0;
	private range = WHOLE;
	/** The last byte, which a carry may still change; -1 before the first. */
	private pending = -1;
	/** Bytes 255 after `pending`, which a carry would turn into 0. */
	private runs = 0;

	/** Begins a payload whose first `prefix` bytes are left to the caller. */
	start(prefix = 0): void {
		this.length = prefix;
		this.low = 0;
		this.range = WHOLE;
		this.pending = -1;
		this.runs = 0;
	}

	/** Codes the interval [from, to) of `total`; 0 <= from < to <= total <= 32768. */
	encode(from: number, to: number, total: number): void {
		const step = (this.range / total) >>> 0;
		if (from > 0) {
			this.low += this.range - step * (total - from);
			this.range = step * (to - from);
		} else {
			this.range -= step * (total - to);
		}
		while (this.range <= RENORMALISE_AT) {
			this.shiftOut();
			this.range *= 256;
		}
	}

	/**
	 * Codes a symbol by a table or a window of one (MLow chapter 02, "Symbols from a cumulative table").
	 *
	 * @param cdf cumulative whole numbers
	 * @param first index in `cdf` of the window's first entry
	 * @param count symbols of the window, which has one entry more
	 * @param symbol 0 to count - 1
	 */
	encodeSymbol(cdf: ArrayLike<number>, first: number, count: number, symbol: number): void {
		const base = cdf[first]!;
		this.encode(
			cdf[first + symbol]! - base,
			cdf[first + symbol + 1]! - base,
			cdf[first + count]! - base,
		);
	}

	/** Codes one of `count` equally probable values, 0 to count - 1; count <= 32768. */
	encodeUniform(value: number, count: number): void {
		this.encode(value, value + 1, count);
	}

	/** @returns prefix and payload so far finished; valid until the next `start()` */
	finish(): Uint8Array {
		const { low, range } = this;
		let bits = Math.clz32(range);
		let mask = (WHOLE - 1) >>> bits;
		let end = cleared(low + mask, mask);
		if (end + mask >= low + range) {
			bits++;
			mask >>>= 1;
			end = cleared(low + mask, mask);
		}
		this.low = end;
		for (; bits > 0; bits -= 8) this.shiftOut();
		if (this.pending >= 0 || this.runs > 0) this.carry(0);
		return this.bytes.subarray(0, this.length);
	}

	private shiftOut(): void {
		this.carry(this.low >>> 23);
		this.low = (this.low << 8) & 0x7fffffff;
	}

	/** @param value 0 to 511: a byte, and above it the carry into the bytes before */
	private carry(value: number): void {
		if (value === 255) {
			this.runs++;
			return;
		}
		const carried = value >> 8;
		if (this.pending >= 0) this.write(this.pending + carried);
		for (; this.runs > 0; this.runs--) this.write(255 + carried);
		this.pending = value & 255;
	}

	private write(byte: number): void {
		if (this.length === this.bytes.length) {
			const grown = new Uint8Array(2 * this.length);
			grown.set(this.bytes);
			this.bytes = grown;
		}
		this.bytes[this.length++] = byte;
	}
}

/** `value` below 2^32 without the bits of `mask`. */
function cleared(value: number, mask: number): number {
	return (value & ~mask) >>> 0;
}
