import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

const ALGORITHM = 'aes-128-gcm';
const APPLICATION_DATA = 23;
const DTLS_1_2 = 0xfefd;
const EPOCH = 1;
/** Content type, version, then epoch and sequence number, then the length. */
const HEADER_BYTES = 13;
const NUMBER_AT = 3;
const NUMBER_BYTES = 8;
const LENGTH_AT = 11;
const SALT_BYTES = 4;
const TAG_BYTES = 16;
const PLAIN_AT = HEADER_BYTES + NUMBER_BYTES;

/** Of one direction: 16 bytes, and a nonce of which the first 4 are always the same. */
export interface RecordKeys {
	key: Buffer;
	nonce: Buffer;
}

interface Direction {
	key: KeyObject;
	nonce: Buffer;
	additional: Buffer;
}

/** Application data of a DTLS 1.2 connection after its handshake, with AES-128-GCM (RFC 5288). */
export class RecordLayer {
	private readonly own: Direction;
	private readonly peer: Direction;

	/** @param sequence of the last record that was sent */
	constructor(
		own: RecordKeys,
		peer: RecordKeys,
		private sequence: number,
	) {
		this.own = directionOf(own);
		this.peer = directionOf(peer);
	}

	seal(plain: Buffer): Buffer {
		const { own } = this;
		this.sequence += 1;
		const record = Buffer.allocUnsafe(PLAIN_AT + plain.length + TAG_BYTES);
		record.writeUInt8(APPLICATION_DATA, 0);
		record.writeUInt16BE(DTLS_1_2, 1);
		record.writeUInt16BE(EPOCH, NUMBER_AT);
		record.writeUIntBE(this.sequence, NUMBER_AT + 2, 6);
		record.writeUInt16BE(record.length - HEADER_BYTES, LENGTH_AT);
		record.copy(record, HEADER_BYTES, NUMBER_AT, LENGTH_AT);
		prepare(own, record, plain.length);
		const cipher = createCipheriv(ALGORITHM, own.key, own.nonce).setAAD(own.additional);
		cipher.update(plain).copy(record, PLAIN_AT);
		cipher.final();
		cipher.getAuthTag().copy(record, PLAIN_AT + plain.length);
		return record;
	}

	/** @param record the only one of its datagram; throws when it is not authentic */
	open(record: Buffer): Buffer {
		const { peer } = this;
		const end = record.length - TAG_BYTES;
		prepare(peer, record, end - PLAIN_AT);
		const decipher = createDecipheriv(ALGORITHM, peer.key, peer.nonce).setAAD(peer.additional);
		decipher.setAuthTag(record.subarray(end));
		const plain = decipher.update(record.subarray(PLAIN_AT, end));
		decipher.final();
		return plain;
	}
}

function directionOf({ key, nonce }: RecordKeys): Direction {
	return {
		key: createSecretKey(key),
		nonce: Buffer.from(nonce),
		additional: Buffer.alloc(HEADER_BYTES),
	};
}

function prepare({ nonce, additional }: Direction, record: Buffer, plainBytes: number): void {
	record.copy(nonce, SALT_BYTES, HEADER_BYTES, PLAIN_AT);
	record.copy(additional, 0, NUMBER_AT, LENGTH_AT);
	record.copy(additional, NUMBER_BYTES, 0, NUMBER_AT);
	additional.writeUInt16BE(plainBytes, LENGTH_AT);
}
