import { createHmac, timingSafeEqual } from 'node:crypto';
import type { StreamKeys } from './keys';
import { ReplayWindow } from './replay';
import { crypt } from './srtp';

/** Header and SSRC of the sender, which stay readable. */
const CLEAR_BYTES = 8;
const INDEX_BYTES = 4;
const TAG_BYTES = 10;
const ENCRYPTED = 0x80000000;

/** Encrypts and signs reports (page 03, SRTCP); the first has the index 1. */
export class SrtcpSender {
	private index = 0;

	constructor(private readonly keys: StreamKeys) {}

	protect(report: Buffer): Buffer {
		this.index++;
		const clear = report.subarray(0, CLEAR_BYTES);
		const ssrc = report.readUInt32BE(4);
		const cipher = crypt(this.keys, ssrc, this.index, report.subarray(CLEAR_BYTES));
		const index = Buffer.alloc(INDEX_BYTES);
		index.writeUInt32BE((ENCRYPTED | this.index) >>> 0);
		const packet = Buffer.concat([clear, cipher, index]);
		return Buffer.concat([packet, tagOf(this.keys, packet)]);
	}
}

/** Checks and decrypts reports. */
export class SrtcpReceiver {
	private readonly window = new ReplayWindow();

	constructor(private readonly keys: StreamKeys) {}

	/** The report, or why it is refused. */
	open(packet: Buffer): Buffer | 'repeated' | 'refused' {
		const end = packet.length - TAG_BYTES;
		if (end < CLEAR_BYTES + INDEX_BYTES) return 'refused';
		const content = packet.subarray(0, end);
		if (!timingSafeEqual(tagOf(this.keys, content), packet.subarray(end))) return 'refused';
		const word = packet.readUInt32BE(end - INDEX_BYTES);
		if (word < ENCRYPTED) return 'refused';
		const index = word - ENCRYPTED;
		if (!this.window.isFresh(index)) return 'repeated';
		this.window.take(index);
		const cipher = packet.subarray(CLEAR_BYTES, end - INDEX_BYTES);
		const plain = crypt(this.keys, packet.readUInt32BE(4), index, cipher);
		return Buffer.concat([packet.subarray(0, CLEAR_BYTES), plain]);
	}
}

function tagOf(keys: StreamKeys, packet: Buffer): Buffer {
	return createHmac('sha1', keys.authKey).update(packet).digest().subarray(0, TAG_BYTES);
}
