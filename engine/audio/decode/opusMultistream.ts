/** RFC 6716 section 3.2.1: a first length byte from here on has a second one after it. */
const TWO_BYTE_LENGTH = 252;
const VBR_FLAG = 0x80;
const PADDING_FLAG = 0x40;
const FRAME_COUNT_MASK = 0x3f;

class Reader {
	constructor(
		private readonly bytes: Uint8Array,
		public offset: number,
	) {}

	byte(): number {
		const value = this.bytes[this.offset++];
		if (value === undefined) throw new RangeError('The packet ends too early');
		return value;
	}

	length(): number {
		const first = this.byte();
		return first < TWO_BYTE_LENGTH ? first : first + 4 * this.byte();
	}
}

/**
 * Takes one self-delimiting packet (RFC 6716 appendix B) from the front of `bytes`. It differs from a
 * plain one by one more length field, which stands behind all others and is left out here.
 */
function takeSelfDelimited(bytes: Uint8Array, start: number): { packet: Uint8Array; end: number } {
	const reader = new Reader(bytes, start);
	const code = reader.byte() & 3;
	let frames = 0;
	let padding = 0;
	if (code === 2) {
		frames = reader.length();
	} else if (code === 3) {
		const flags = reader.byte();
		const count = flags & FRAME_COUNT_MASK;
		if (flags & PADDING_FLAG) {
			let value = 255;
			while (value === 255) {
				value = reader.byte();
				padding += value === 255 ? 254 : value;
			}
		}
		if (flags & VBR_FLAG) {
			for (let frame = 1; frame < count; frame++) frames += reader.length();
		} else {
			// Frames of one size: the length that follows stands for each.
			frames = -count;
		}
	} else if (code === 1) {
		frames = -2;
	}
	const lengthAt = reader.offset;
	const last = reader.length();
	const body = reader.offset;
	const end = body + (frames < 0 ? -frames * last : frames + last) + padding;
	if (end > bytes.length) throw new RangeError('The packet ends too early');
	const packet = new Uint8Array(lengthAt - start + end - body);
	packet.set(bytes.subarray(start, lengthAt));
	packet.set(bytes.subarray(body, end), lengthAt - start);
	return { packet, end };
}

/**
 * The packets of each stream in a multistream packet: all but the last are self-delimiting
 * (RFC 7845 section 3).
 *
 * @throws RangeError when the packet is damaged
 */
export function splitMultistream(packet: Uint8Array, streamCount: number): Uint8Array[] {
	const packets: Uint8Array[] = [];
	let offset = 0;
	while (packets.length < streamCount - 1) {
		const taken = takeSelfDelimited(packet, offset);
		packets.push(taken.packet);
		offset = taken.end;
	}
	return [...packets, packet.subarray(offset)];
}
