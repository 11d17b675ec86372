import { readVariableSize } from './ebml';

/** What stands before the frames: the time relative to the cluster (2 bytes) and the flags. */
const BLOCK_HEADER_BYTES = 3;
const LACING_XIPH = 1;
const LACING_FIXED = 2;
const LACING_EBML = 3;

interface Lacing {
	/** Sizes of all frames but the last, which has the rest. */
	sizes: number[];
	offset: number;
}

function xiphSizes(block: Uint8Array, offset: number, count: number): Lacing | null {
	const sizes: number[] = [];
	while (sizes.length < count) {
		let size = 0;
		let byte = 255;
		while (byte === 255) {
			const next = block[offset++];
			if (next === undefined) return null;
			byte = next;
			size += byte;
		}
		sizes.push(size);
	}
	return { sizes, offset };
}

function ebmlSizes(block: Uint8Array, offset: number, count: number): Lacing | null {
	const sizes: number[] = [];
	while (sizes.length < count) {
		const read = readVariableSize(block, offset);
		if (read === null) return null;
		offset += read.bytes;
		// The first is a size, the others are differences, moved up so that they are not negative.
		const before = sizes.at(-1);
		const size =
			before === undefined ? read.value : before + read.value - (2 ** (7 * read.bytes - 1) - 1);
		if (size < 0 || size > block.length) return null;
		sizes.push(size);
	}
	return { sizes, offset };
}

/**
 * The frames of a Block or SimpleBlock (RFC 9559 section 10), with any lacing.
 *
 * @param block its content
 * @param trackNumber of the track that is wanted
 * @returns nothing for another track, and for a block that contradicts itself
 */
export function framesOfBlock(block: Uint8Array, trackNumber: number): Uint8Array[] {
	const track = readVariableSize(block, 0);
	if (track === null || track.value !== trackNumber) return [];
	const flags = block[track.bytes + 2];
	if (flags === undefined) return [];
	const start = track.bytes + BLOCK_HEADER_BYTES;
	const kind = (flags >> 1) & 3;
	if (kind === 0) return [block.subarray(start)];

	const more = block[start];
	if (more === undefined) return [];
	let lacing: Lacing | null;
	if (kind === LACING_FIXED) {
		const size = (block.length - start - 1) / (more + 1);
		lacing = Number.isInteger(size)
			? { sizes: new Array<number>(more).fill(size), offset: start + 1 }
			: null;
	} else if (kind === LACING_XIPH) lacing = xiphSizes(block, start + 1, more);
	else lacing = kind === LACING_EBML ? ebmlSizes(block, start + 1, more) : null;
	if (lacing === null) return [];

	const frames: Uint8Array[] = [];
	let offset = lacing.offset;
	for (const size of lacing.sizes) {
		if (offset + size > block.length) return frames;
		frames.push(block.subarray(offset, offset + size));
		offset += size;
	}
	return [...frames, block.subarray(offset)];
}
