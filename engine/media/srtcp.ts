import type { SessionKeys } from './keys';
import { MAX_PACKET_BYTES, PacketCipher } from './packetCipher';
import { ReplayWindow } from './replayWindow';

/** Header and sender's SSRC stay readable. */
const CLEAR_BYTES = 8;
const SSRC_AT = 4;
const INDEX_BYTES = 4;
const TAG_BYTES = 10;
const ENCRYPTED_FLAG = 0x80000000;
const INDEX_MASK = 0x7fffffff;
const VERSION_MASK = 0xc0;
const VERSION_2 = 0x80;
/** As in SRTP: nobody is to fill our memory. */
const MAX_STREAMS = 16;

/** Protects the reports that we send (protocol page 03, "SRTCP"; RFC 3711 section 3.4). */
export class SrtcpSender {
	private readonly cipher: PacketCipher;
	private nextIndex = 1;

	constructor(keys: SessionKeys) {
		this.cipher = new PacketCipher(keys);
	}

	/** @param compound one or more RTCP packets, together of 1000 bytes at most */
	protect(compound: Buffer): Buffer {
		const index = this.nextIndex++;
		const end = compound.length + INDEX_BYTES;
		const packet = Buffer.alloc(end + TAG_BYTES);
		compound.copy(packet);
		const secret = packet.subarray(CLEAR_BYTES, compound.length);
		this.cipher.apply(secret, packet.readUInt32BE(SSRC_AT), index);
		packet.writeUInt32BE((ENCRYPTED_FLAG | index) >>> 0, compound.length);
		this.cipher.tagOf(packet.subarray(0, end)).copy(packet, end, 0, TAG_BYTES);
		return packet;
	}
}

/** Opens the reports of one participant. */
export class SrtcpReceiver {
	private readonly cipher: PacketCipher;
	private readonly windows = new Map<number, ReplayWindow>();

	constructor(keys: SessionKeys) {
		this.cipher = new PacketCipher(keys);
	}

	/**
	 * @param packet decrypted in place when it is authentic and new
	 * @returns the RTCP packets, within the bytes that were given; never throws
	 */
	unprotect(packet: Buffer): Buffer | 'forged' | 'malformed' | 'replayed' {
		const end = packet.length - TAG_BYTES;
		const indexAt = end - INDEX_BYTES;
		if (
			indexAt < CLEAR_BYTES ||
			packet.length > MAX_PACKET_BYTES ||
			(packet.readUInt8(0) & VERSION_MASK) !== VERSION_2
		) {
			return 'malformed';
		}
		if (!this.cipher.isAuthentic(packet.subarray(end), packet.subarray(0, end))) {
			return 'forged';
		}
		const ssrc = packet.readUInt32BE(SSRC_AT);
		const trailer = packet.readUInt32BE(indexAt);
		const index = trailer & INDEX_MASK;
		const window = this.windows.get(ssrc) ?? this.open(ssrc);
		if (window === undefined || !window.isNew(index)) {
			return 'replayed';
		}
		window.add(index);
		const compound = packet.subarray(0, indexAt);
		if ((trailer & ENCRYPTED_FLAG) !== 0) {
			this.cipher.apply(compound.subarray(CLEAR_BYTES), ssrc, index);
		}
		return compound;
	}

	private open(ssrc: number): ReplayWindow | undefined {
		if (this.windows.size >= MAX_STREAMS) {
			return undefined;
		}
		const window = new ReplayWindow();
		this.windows.set(ssrc, window);
		return window;
	}
}
