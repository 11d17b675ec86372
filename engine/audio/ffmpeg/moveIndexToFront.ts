/** Boxes on the way from the index of a file to the tables of its chunks (ISO 14496-12, section 8). */
const CONTAINERS: readonly string[] = ['moov', 'trak', 'mdia', 'minf', 'stbl'];
const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
/** More boxes than any audio file has. */
const MAXIMUM_BOXES = 10_000;

interface Box {
	type: string;
	/** Offset of the box in the bytes it was read from. */
	start: number;
	headerBytes: number;
	end: number;
}

/**
 * An MP4 file with its index before its media. Most programs write the index last, where a reader
 * of standard input cannot seek to. A file that is fine already, or that is not understood, comes
 * back as it is.
 */
export function moveIndexToFront(bytes: Uint8Array): Uint8Array {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const boxes = readBoxes(view, 0, bytes.length);
	const index = boxes.find(({ type }) => type === 'moov');
	const media = boxes.find(({ type }) => type === 'mdat');
	if (index === undefined || media === undefined || index.start < media.start) {
		return bytes;
	}
	// A copy: slice() of a Buffer would be a view.
	const moved = new Uint8Array(bytes.subarray(index.start, index.end));
	shiftChunkOffsets(moved, moved.length, index.start);
	const result = new Uint8Array(bytes.length);
	result.set(bytes.subarray(0, media.start), 0);
	result.set(moved, media.start);
	result.set(bytes.subarray(media.start, index.start), media.start + moved.length);
	result.set(bytes.subarray(index.end), index.end);
	return result;
}

/** The boxes between two offsets; ends at the first one that does not fit. */
function readBoxes(view: DataView, from: number, to: number): Box[] {
	const boxes: Box[] = [];
	let start = from;
	while (start + HEADER_BYTES <= to && boxes.length < MAXIMUM_BOXES) {
		const shortSize = view.getUint32(start);
		const type = String.fromCharCode(
			...[4, 5, 6, 7].map((offset) => view.getUint8(start + offset)),
		);
		const isLarge = shortSize === 1 && start + LARGE_HEADER_BYTES <= to;
		const size = isLarge ? Number(view.getBigUint64(start + HEADER_BYTES)) : shortSize;
		const headerBytes = isLarge ? LARGE_HEADER_BYTES : HEADER_BYTES;
		const end = size === 0 ? to : start + size;
		if (end > to || end < start + headerBytes) {
			break;
		}
		boxes.push({ type, start, headerBytes, end });
		start = end;
	}
	return boxes;
}

/** Adds `shift` to every chunk offset below `limit` in the tables of an index. */
function shiftChunkOffsets(index: Uint8Array, shift: number, limit: number): void {
	const view = new DataView(index.buffer, index.byteOffset, index.byteLength);
	const visit = (from: number, to: number): void => {
		for (const { type, start, headerBytes, end } of readBoxes(view, from, to)) {
			if (CONTAINERS.includes(type)) {
				visit(start + headerBytes, end);
			} else if (type === 'stco' || type === 'co64') {
				shiftTable(view, type, start + headerBytes, end, shift, limit);
			}
		}
	};
	visit(0, index.length);
}

/** A chunk offset table (ISO 14496-12, section 8.7.5): version and flags, count, offsets. */
function shiftTable(
	view: DataView,
	type: 'co64' | 'stco',
	start: number,
	end: number,
	shift: number,
	limit: number,
): void {
	const entryBytes = type === 'co64' ? 8 : 4;
	if (start + HEADER_BYTES > end) {
		return;
	}
	const count = Math.min(
		view.getUint32(start + 4),
		Math.floor((end - start - HEADER_BYTES) / entryBytes),
	);
	for (let entry = 0; entry < count; entry++) {
		const at = start + HEADER_BYTES + entry * entryBytes;
		const offset = type === 'co64' ? Number(view.getBigUint64(at)) : view.getUint32(at);
		if (offset >= limit) {
			continue;
		}
		if (type === 'co64') {
			view.setBigUint64(at, BigInt(offset + shift));
		} else {
			view.setUint32(at, offset + shift);
		}
	}
}
