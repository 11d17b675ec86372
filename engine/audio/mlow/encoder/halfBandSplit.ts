/** The low 16 bits as a signed number. */
export function int16(value: number): number {
	return (value << 16) >> 16;
}

export function saturate16(value: number): number {
	return value > 32767 ? 32767 : value < -32768 ? -32768 : value;
}

/** (a * int16(b)) >> 16 of 32-bit numbers. */
export function multiplyWord(a: number, b: number): number {
	return Math.floor((a * int16(b)) / 65536) | 0;
}

/** (a * b) >> 16 of 32-bit numbers; the product is taken in two parts, so that each is exact. */
export function multiplyWide(a: number, b: number): number {
	return ((a >> 16) * b + Math.floor(((a & 0xffff) * b) / 65536)) | 0;
}

/**
 * Splits a signal into its lower and its upper half by two all-pass filters in whole numbers (MLow
 * chapter 09, "half-band split").
 */
export class HalfBandSplit {
	/** Half as many samples as went in. */
	readonly low: Int16Array;
	readonly high: Int16Array;
	private evenState = 0;
	private oddState = 0;

	/** @param length samples that go in at a time */
	constructor(length: number) {
		this.low = new Int16Array(length / 2);
		this.high = new Int16Array(length / 2);
	}

	reset(): void {
		this.evenState = 0;
		this.oddState = 0;
	}

	/** @param samples read from `start` */
	split(samples: Int16Array, start: number): void {
		const { low, high } = this;
		let { evenState, oddState } = this;
		for (let index = 0; index < low.length; index++) {
			const even = samples[start + 2 * index]! << 10;
			const evenDifference = (even - evenState) | 0;
			const evenStep = (evenDifference + multiplyWord(evenDifference, -29322)) | 0;
			const first = (evenState + evenStep) | 0;
			evenState = (even + evenStep) | 0;

			const odd = samples[start + 2 * index + 1]! << 10;
			const oddStep = multiplyWord((odd - oddState) | 0, 7788);
			const second = (oddState + oddStep) | 0;
			oddState = (odd + oddStep) | 0;

			low[index] = saturate16(roundedShift((second + first) | 0));
			high[index] = saturate16(roundedShift((second - first) | 0));
		}
		this.evenState = evenState;
		this.oddState = oddState;
	}
}

/** Divided by 2^11 and rounded. */
function roundedShift(value: number): number {
	return ((value >> 10) + 1) >> 1;
}
