import {
	createCipheriv,
	createHmac,
	createSecretKey,
	timingSafeEqual,
	type Cipher,
	type KeyObject,
} from 'node:crypto';
import type { SessionKeys } from './keys';

/** Larger packets are neither made nor taken. */
export const MAX_PACKET_BYTES = 2048;

const BLOCK_BYTES = 16;
/** The last byte of a block counts: a packet never has more than 128 of them. */
const COUNTER_AT = 15;
const SSRC_AT = 4;
const INDEX_AT = 8;

/** Input of the block cipher; all calls of a thread use it in turn. */
const counters = Buffer.alloc(MAX_PACKET_BYTES);

/**
 * Cipher and authentication of packets (RFC 3711 sections 4.1.1 and 4.2.1).
 *
 * AES-CTR is AES-ECB of counter blocks: a cipher object for each packet would cost four times what
 * a packet costs with one that is used again.
 */
export class PacketCipher {
	private readonly blocks: Cipher;
	private readonly authKey: KeyObject;
	private readonly salt: Buffer;
	private readonly iv = Buffer.alloc(BLOCK_BYTES);

	constructor({ cipherKey, authKey, salt }: SessionKeys) {
		this.blocks = createCipheriv('aes-128-ecb', cipherKey, null).setAutoPadding(false);
		this.authKey = createSecretKey(authKey);
		this.salt = salt;
	}

	/**
	 * Encrypts or decrypts in place.
	 *
	 * @param data of MAX_PACKET_BYTES at most
	 * @param index of RTP 48 bits: how often the sequence number wrapped, and the sequence number; of
	 * RTCP its own 31 bits
	 */
	apply(data: Uint8Array, ssrc: number, index: number): void {
		const blockCount = Math.ceil(data.length / BLOCK_BYTES);
		const iv = this.ivOf(ssrc, index);
		for (let block = 0; block < blockCount; block++) {
			const at = block * BLOCK_BYTES;
			counters.set(iv, at);
			counters[at + COUNTER_AT] = block;
		}
		const keystream = this.blocks.update(counters.subarray(0, blockCount * BLOCK_BYTES));
		for (let at = 0; at < data.length; at++) {
			// Both have a byte here: the keystream is at least as long.
			data[at] = (data[at] as number) ^ (keystream[at] as number);
		}
	}

	/** @returns 20 bytes, of which the packet carries the first */
	tagOf(content: Uint8Array, more?: Uint8Array): Buffer {
		const hmac = createHmac('sha1', this.authKey).update(content);
		return (more === undefined ? hmac : hmac.update(more)).digest();
	}

	/** In constant time. */
	isAuthentic(tag: Uint8Array, content: Uint8Array, more?: Uint8Array): boolean {
		return timingSafeEqual(tag, this.tagOf(content, more).subarray(0, tag.length));
	}

	/** Of a packet; a view that the next call changes (protocol page 03, "RTP packet protection"). */
	ivOf(ssrc: number, index: number): Buffer {
		const { iv, salt } = this;
		salt.copy(iv);
		iv.writeUInt32BE((salt.readUInt32BE(SSRC_AT) ^ ssrc) >>> 0, SSRC_AT);
		iv.writeUInt16BE(salt.readUInt16BE(INDEX_AT) ^ Math.floor(index / 2 ** 32), INDEX_AT);
		iv.writeUInt32BE((salt.readUInt32BE(INDEX_AT + 2) ^ index % 2 ** 32) >>> 0, INDEX_AT + 2);
		return iv;
	}
}
