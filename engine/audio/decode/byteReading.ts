/** A view of the same bytes, for numbers of several bytes. */
export function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Four characters, as containers name their chunks; shorter at the end of the bytes. */
export function fourCharacters(bytes: Uint8Array, offset: number): string {
	return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}
