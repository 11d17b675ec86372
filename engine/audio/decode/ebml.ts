/** One element of a Matroska file (RFC 8794 section 6). */
export interface EbmlElement {
	/** With its length marker, as the tables give it. */
	id: number;
	/** Where its content begins and ends; the end is the parent's where the size is not known. */
	start: number;
	end: number;
	sizeKnown: boolean;
}

const MAX_ID_BYTES = 4;
const MAX_SIZE_BYTES = 8;

/** A number whose first byte tells its length; `unknown` where all its bits are set. */
export function readVariableSize(
	bytes: Uint8Array,
	offset: number,
): { value: number; bytes: number; unknown: boolean } | null {
	const first = bytes[offset];
	if (first === undefined || first === 0) return null;
	const length = Math.clz32(first) - 23;
	if (length > MAX_SIZE_BYTES || offset + length > bytes.length) return null;
	const mask = 0xff >> length;
	let value = first & mask;
	let unknown = value === mask;
	for (let index = 1; index < length; index++) {
		const byte = bytes[offset + index]!;
		value = value * 256 + byte;
		unknown &&= byte === 0xff;
	}
	return { value, bytes: length, unknown };
}

/** @returns the element whose header stands at `offset`, cut at `end`; null where there is none */
export function readElement(bytes: Uint8Array, offset: number, end: number): EbmlElement | null {
	const first = bytes[offset];
	if (first === undefined || first === 0) return null;
	const idBytes = Math.clz32(first) - 23;
	if (idBytes > MAX_ID_BYTES || offset + idBytes >= end) return null;
	const id = readUnsigned(bytes, offset, offset + idBytes);
	const size = readVariableSize(bytes, offset + idBytes);
	if (size === null) return null;
	const start = offset + idBytes + size.bytes;
	if (start > end) return null;
	const whole = size.unknown ? end : start + size.value;
	return { id, start, end: Math.min(end, whole), sizeKnown: !size.unknown };
}

/** The elements from `start` to `end`, until one cannot be read. */
export function* readElements(
	bytes: Uint8Array,
	start: number,
	end: number,
): Generator<EbmlElement> {
	for (let offset = start; offset < end; ) {
		const element = readElement(bytes, offset, end);
		if (element === null) return;
		yield element;
		offset = element.end;
	}
}

/** A big-endian number of up to six bytes; of longer ones the lower part does not matter here. */
export function readUnsigned(bytes: Uint8Array, start: number, end: number): number {
	let value = 0;
	for (let offset = start; offset < end && offset < start + 8; offset++) {
		value = value * 256 + (bytes[offset] ?? 0);
	}
	return value;
}
