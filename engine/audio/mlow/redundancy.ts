const REDUNDANT_BIT = 0x80;
const REDUNDANT_HEADER_BYTES = 2;

/** Payloads of a packet with redundancy, views into it. */
export interface Redundancy {
	main: Uint8Array;
	/** Copies of earlier packets, in the order in which they stand. */
	redundant: Uint8Array[];
}

/**
 * Takes a packet with redundancy apart (MLow chapter 12). The bytes alone do not tell whether a packet
 * has it: the RTP payload type does.
 *
 * @returns undefined when the bytes break the rules; never throws
 */
export function unwrapRedundancy(payload: Uint8Array): Redundancy | undefined {
	const sizes: number[] = [];
	let position = 0;
	while (((payload[position] ?? 0) & REDUNDANT_BIT) !== 0) {
		const size = payload[position + 1];
		const remaining = payload.length - position;
		if (size === undefined || size + REDUNDANT_HEADER_BYTES >= remaining) return undefined;
		sizes.push(size);
		position += REDUNDANT_HEADER_BYTES;
	}
	// The time code of the main frame.
	position++;
	const redundant: Uint8Array[] = [];
	for (const size of sizes) {
		redundant.push(payload.subarray(position, position + size));
		position += size;
	}
	return position < payload.length ? { main: payload.subarray(position), redundant } : undefined;
}
