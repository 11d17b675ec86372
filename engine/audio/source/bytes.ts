/** Characters that a byte stands for in Latin-1, which is how magic numbers are written down. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
	return String.fromCharCode(...bytes.subarray(start, end));
}

/** Whether `magic` (Latin-1) stands at `offset`; false where the bytes end before. */
export function has(bytes: Uint8Array, magic: string, offset = 0): boolean {
	for (let index = 0; index < magic.length; index++) {
		if (bytes[offset + index] !== magic.charCodeAt(index)) {
			return false;
		}
	}
	return true;
}

/** The byte at `offset`, 0 past the end. */
export function at(bytes: Uint8Array, offset: number): number {
	return bytes[offset] ?? 0;
}
