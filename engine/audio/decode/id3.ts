const HEADER_BYTES = 10;

/**
 * Bytes of an ID3v2 tag that begins here (id3.org, ID3v2.4 section 3.1), 0 where there is none. Of a
 * tag that says it is longer than the file, only the header counts.
 */
export function id3TagBytes(bytes: Uint8Array, offset: number): number {
	if (bytes[offset] !== 0x49 || bytes[offset + 1] !== 0x44 || bytes[offset + 2] !== 0x33) return 0;
	if (offset + HEADER_BYTES > bytes.length) return 0;
	const size = bytes
		.subarray(offset + 6, offset + HEADER_BYTES)
		.reduce((total, byte) => total * 128 + (byte & 0x7f), 0);
	return offset + HEADER_BYTES + size > bytes.length ? HEADER_BYTES : HEADER_BYTES + size;
}
