import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { StreamKeys } from './keys';
import { ReplayWindow } from './replay';
import { readRtp, type RtpHeader } from './rtp';

const SEQUENCES = 65_536;
const HALF = 32_768;
const SSRC_AT = 8;

/** What became of a packet; `why` of a refusal is for people. */
export type Opened =
	| { kind: 'packet'; index: number; header: RtpHeader; payload: Buffer }
	| { kind: 'repeated'; index: number }
	| { kind: 'refused'; why: 'the tag is wrong' | 'it is no RTP packet' };

/** Encrypts and signs one stream (page 03, RTP packet protection). */
export class SrtpSender {
	private rollovers = 0;
	private last: number | undefined;

	constructor(
		private readonly keys: StreamKeys,
		private readonly tagBytes: number,
	) {}

	protect(header: Buffer, payload: Buffer): Buffer {
		const sequence = header.readUInt16BE(2);
		if (this.last !== undefined && sequence - this.last < -HALF) this.rollovers++;
		this.last = sequence;
		const index = this.rollovers * SEQUENCES + sequence;
		const cipher = crypt(this.keys, header.readUInt32BE(SSRC_AT), index, payload);
		const packet = Buffer.concat([header, cipher]);
		return Buffer.concat([packet, rtpTag(this.keys, packet, this.rollovers, this.tagBytes)]);
	}
}

/** Checks and decrypts one stream: tag first, then repetition, and only then the payload. */
export class SrtpReceiver {
	private rollovers = 0;
	private highest: number | undefined;
	private readonly window = new ReplayWindow();

	constructor(
		private readonly keys: StreamKeys,
		private readonly tagBytes: number,
	) {}

	open(packet: Buffer): Opened {
		const header = readRtp(packet);
		const end = packet.length - this.tagBytes;
		if (!header || end <= header.bytes) return { kind: 'refused', why: 'it is no RTP packet' };
		const rollovers = this.estimate(header.sequence);
		if (rollovers < 0) return { kind: 'refused', why: 'the tag is wrong' };
		const tag = rtpTag(this.keys, packet.subarray(0, end), rollovers, this.tagBytes);
		if (!timingSafeEqual(tag, packet.subarray(end))) {
			return { kind: 'refused', why: 'the tag is wrong' };
		}
		const index = rollovers * SEQUENCES + header.sequence;
		if (!this.window.isFresh(index)) return { kind: 'repeated', index };
		this.commit(rollovers, header.sequence, index);
		const payload = crypt(this.keys, header.ssrc, index, packet.subarray(header.bytes, end));
		return { kind: 'packet', index, header, payload };
	}

	private estimate(sequence: number): number {
		if (this.highest === undefined) return 0;
		const ahead = sequence - this.highest;
		if (this.highest < HALF) return ahead > HALF ? this.rollovers - 1 : this.rollovers;
		return -ahead > HALF ? this.rollovers + 1 : this.rollovers;
	}

	private commit(rollovers: number, sequence: number, index: number): void {
		this.window.take(index);
		if (rollovers === this.rollovers) this.highest = Math.max(this.highest ?? 0, sequence);
		if (rollovers !== this.rollovers + 1) return;
		this.rollovers = rollovers;
		this.highest = sequence;
	}
}

/**
 * AES in counter mode: encrypts and decrypts.
 * @param index of the packet: 48 bits with SRTP, 31 bits with SRTCP
 */
export function crypt(keys: StreamKeys, ssrc: number, index: number, data: Buffer): Buffer {
	const iv = Buffer.concat([keys.salt, Buffer.alloc(2)]);
	const mask = Buffer.alloc(16);
	mask.writeUInt32BE(ssrc, 4);
	mask.writeUIntBE(index, 8, 6);
	for (let at = 0; at < iv.length; at++) iv.writeUInt8(iv.readUInt8(at) ^ mask.readUInt8(at), at);
	return createCipheriv('aes-128-ctr', keys.cipherKey, iv).update(data);
}

function rtpTag(keys: StreamKeys, packet: Buffer, rollovers: number, bytes: number): Buffer {
	const counter = Buffer.alloc(4);
	counter.writeUInt32BE(rollovers);
	const digest = createHmac('sha1', keys.authKey).update(packet).update(counter).digest();
	return digest.subarray(0, bytes);
}
