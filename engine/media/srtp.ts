import type { SessionKeys } from './keys';
import { MAX_PACKET_BYTES, PacketCipher } from './packetCipher';
import { ReplayWindow } from './replayWindow';
import {
	FIXED_HEADER_BYTES,
	MAX_HEADER_BYTES,
	parseRtpHeader,
	withoutPadding,
	writeRtpHeader,
	type OutgoingRtpHeader,
	type ParsedRtpHeader,
	type RtpHeader,
} from './rtp';

/** Sequence numbers before they wrap. */
export const SEQUENCE_RANGE = 65_536;
const HALF_RANGE = 32_768;
const MAX_TAG_BYTES = 20;
/** A call has nine; whoever has the keys is not to fill our memory all the same. */
const MAX_STREAMS = 16;

/** Protects what we send: one stream (protocol page 03, "RTP packet protection"). */
export class SrtpSender {
	private readonly cipher: PacketCipher;
	private readonly packet = Buffer.alloc(MAX_PACKET_BYTES);
	private readonly rolloverBytes = Buffer.alloc(4);
	private lastSequence: number | undefined;
	/** How often the sequence number wrapped. */
	private rollover = 0;

	/**
	 * @param tagBytes 1 to 20
	 * @throws RangeError for another length
	 */
	constructor(
		keys: SessionKeys,
		private readonly tagBytes: number,
	) {
		requireTagLength(tagBytes);
		this.cipher = new PacketCipher(keys);
	}

	/**
	 * @param header its sequence number follows the one of the packet before
	 * @returns the packet, in a buffer that the next call uses again
	 * @throws RangeError when the payload does not fit in a packet
	 */
	protect(header: OutgoingRtpHeader, payload: Uint8Array): Buffer {
		if (payload.length > MAX_PACKET_BYTES - MAX_HEADER_BYTES - MAX_TAG_BYTES) {
			throw new RangeError(`A payload of ${payload.length} bytes does not fit in a packet`);
		}
		const { packet, rolloverBytes, tagBytes } = this;
		const index = this.follow(header.sequence) * SEQUENCE_RANGE + header.sequence;
		const payloadAt = writeRtpHeader(packet, header);
		const end = payloadAt + payload.length;
		packet.set(payload, payloadAt);
		this.cipher.apply(packet.subarray(payloadAt, end), header.ssrc, index);
		rolloverBytes.writeUInt32BE(this.rollover);
		this.cipher.tagOf(packet.subarray(0, end), rolloverBytes).copy(packet, end, 0, tagBytes);
		return packet.subarray(0, end + tagBytes);
	}

	private follow(sequence: number): number {
		if (this.lastSequence !== undefined && sequence - this.lastSequence < -HALF_RANGE) {
			this.rollover += 1;
		}
		this.lastSequence = sequence;
		return this.rollover;
	}
}

/** A packet that is authentic and new. */
export interface Unprotected {
	header: RtpHeader;
	/** Plain; within the packet that was given. */
	payload: Buffer;
	/** The sequence number without wrapping. */
	index: number;
}

/** Why a packet is not for us. */
export type Refusal = 'forged' | 'malformed' | 'replayed';

interface ReceivedStream {
	rollover: number;
	highestSequence: number;
	readonly window: ReplayWindow;
}

/** Opens what one participant sends: any number of streams. */
export class SrtpReceiver {
	private readonly cipher: PacketCipher;
	private readonly rolloverBytes = Buffer.alloc(4);
	private readonly streams = new Map<number, ReceivedStream>();

	/**
	 * @param tagBytes 1 to 20
	 * @throws RangeError for another length
	 */
	constructor(
		keys: SessionKeys,
		private readonly tagBytes: number,
	) {
		requireTagLength(tagBytes);
		this.cipher = new PacketCipher(keys);
	}

	/** @param packet decrypted in place when it is authentic and new, else left alone; never throws */
	unprotect(packet: Buffer): Refusal | Unprotected {
		const header = this.parse(packet);
		if (header === undefined) {
			return 'malformed';
		}
		const { sequence, ssrc } = header;
		const rollover = this.estimate(header);
		if (!this.isAuthentic(packet, rollover)) {
			return 'forged';
		}
		const index = rollover * SEQUENCE_RANGE + sequence;
		const stream = this.streams.get(ssrc) ?? this.open(header);
		if (stream === undefined || !stream.window.isNew(index)) {
			return 'replayed';
		}
		stream.window.add(index);
		commit(stream, rollover, sequence);
		const payload = packet.subarray(header.headerBytes, packet.length - this.tagBytes);
		this.cipher.apply(payload, ssrc, index);
		return { header, payload: header.padded ? withoutPadding(payload) : payload, index };
	}

	/** Whether this participant sent the packet; changes nothing. */
	recognises(packet: Buffer): boolean {
		const header = this.parse(packet);
		return header !== undefined && this.isAuthentic(packet, this.estimate(header));
	}

	private parse(packet: Buffer): ParsedRtpHeader | undefined {
		const tagAt = packet.length - this.tagBytes;
		if (tagAt < FIXED_HEADER_BYTES || packet.length > MAX_PACKET_BYTES) {
			return undefined;
		}
		const header = parseRtpHeader(packet);
		return header !== undefined && header.headerBytes < tagAt ? header : undefined;
	}

	/** RFC 3711 section 3.3.1 and appendix A. */
	private estimate({ sequence, ssrc }: RtpHeader): number {
		const stream = this.streams.get(ssrc);
		if (stream === undefined) {
			return 0;
		}
		const { highestSequence, rollover } = stream;
		if (highestSequence < HALF_RANGE) {
			return sequence - highestSequence > HALF_RANGE ? rollover - 1 : rollover;
		}
		return highestSequence - sequence > HALF_RANGE ? rollover + 1 : rollover;
	}

	private isAuthentic(packet: Buffer, rollover: number): boolean {
		if (rollover < 0) {
			return false;
		}
		this.rolloverBytes.writeUInt32BE(rollover);
		const tagAt = packet.length - this.tagBytes;
		return this.cipher.isAuthentic(
			packet.subarray(tagAt),
			packet.subarray(0, tagAt),
			this.rolloverBytes,
		);
	}

	private open({ sequence, ssrc }: RtpHeader): ReceivedStream | undefined {
		if (this.streams.size >= MAX_STREAMS) {
			return undefined;
		}
		const stream = { rollover: 0, highestSequence: sequence, window: new ReplayWindow() };
		this.streams.set(ssrc, stream);
		return stream;
	}
}

/** A packet from before the last wrap changes nothing. */
function commit(stream: ReceivedStream, rollover: number, sequence: number): void {
	if (rollover === stream.rollover) {
		stream.highestSequence = Math.max(stream.highestSequence, sequence);
	} else if (rollover > stream.rollover) {
		stream.rollover = rollover;
		stream.highestSequence = sequence;
	}
}

function requireTagLength(tagBytes: number): void {
	if (!Number.isInteger(tagBytes) || tagBytes < 1 || tagBytes > MAX_TAG_BYTES) {
		throw new RangeError(`A tag has 1 to ${MAX_TAG_BYTES} bytes, not ${tagBytes}`);
	}
}
