/** What a client sends first: "WA", protocol 6, dictionary 3. It is the prologue of the handshake. */
export const CHAT_HEADER = Buffer.from([0x57, 0x41, 6, 3]);
const ROUTING_HEADER = Buffer.from([0x45, 0x44, 0, 1]);
const LENGTH_BYTES = 3;

/** A frame for the wire: three bytes of length, big endian, then the payload. */
export function encodeFrame(payload: Uint8Array): Buffer {
	const length = Buffer.alloc(LENGTH_BYTES);
	length.writeUIntBE(payload.length, 0, LENGTH_BYTES);
	return Buffer.concat([length, payload]);
}

/**
 * Cuts the bytes of one client into frames. A returning client puts routing information ("ED", 0, 1,
 * three bytes of length, what `edge_routing` gave it) before the header.
 */
export class FrameReader {
	private pending = Buffer.alloc(0);
	private started = false;

	/** The complete frames so far; throws when the client does not begin as a WhatsApp client. */
	push(data: Uint8Array): Buffer[] {
		this.pending = Buffer.concat([this.pending, data]);
		if (!this.started && !this.skipIntroduction()) return [];
		const frames: Buffer[] = [];
		while (this.pending.length >= LENGTH_BYTES) {
			const end = LENGTH_BYTES + this.pending.readUIntBE(0, LENGTH_BYTES);
			if (this.pending.length < end) break;
			frames.push(this.pending.subarray(LENGTH_BYTES, end));
			this.pending = this.pending.subarray(end);
		}
		return frames;
	}

	private skipIntroduction(): boolean {
		let at = 0;
		if (this.pending.subarray(0, 4).equals(ROUTING_HEADER)) {
			if (this.pending.length < 7) return false;
			at = 7 + this.pending.readUIntBE(4, LENGTH_BYTES);
		}
		if (this.pending.length < at + CHAT_HEADER.length) return false;
		if (!this.pending.subarray(at, at + CHAT_HEADER.length).equals(CHAT_HEADER)) {
			throw new Error('The client did not begin with WhatsApp’s header');
		}
		this.pending = this.pending.subarray(at + CHAT_HEADER.length);
		this.started = true;
		return true;
	}
}
