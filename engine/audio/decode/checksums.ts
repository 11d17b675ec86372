function table(bits: 8 | 16, polynomial: number): Uint16Array {
	const top = 1 << (bits - 1);
	const mask = 2 ** bits - 1;
	return Uint16Array.from({ length: 256 }, (_, byte) => {
		let value = byte << (bits - 8);
		for (let bit = 0; bit < 8; bit++)
			value = ((value << 1) ^ (value & top ? polynomial : 0)) & mask;
		return value;
	});
}

export interface FlacChecksums {
	/** Of bytes from `start` to `end`, as in a frame's header (RFC 9639 section 9.1.8). */
	crc8(bytes: Uint8Array, start: number, end: number): number;
	/** As in a frame's footer (RFC 9639 section 9.3). */
	crc16(bytes: Uint8Array, start: number, end: number): number;
}

export function createFlacChecksums(): FlacChecksums {
	const table8 = table(8, 0x07);
	const table16 = table(16, 0x8005);
	return {
		crc8(bytes, start, end) {
			let crc = 0;
			for (let offset = start; offset < end; offset++) crc = table8[crc ^ bytes[offset]!]!;
			return crc;
		},
		crc16(bytes, start, end) {
			let crc = 0;
			for (let offset = start; offset < end; offset++) {
				crc = ((crc << 8) & 0xffff) ^ table16[(crc >> 8) ^ bytes[offset]!]!;
			}
			return crc;
		},
	};
}
