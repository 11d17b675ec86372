import { createCipheriv, hkdfSync } from 'node:crypto';

const CALL_KEY_BYTES = 32;
const CIPHER_KEY_BYTES = 16;
const AUTH_KEY_BYTES = 20;
const SALT_BYTES = 14;
/** The last 16 are unused. */
const OUTPUT_BYTES = 46;
/** RFC 3711 section 4.3.2: the labels of SRTP are 0 to 2, those of SRTCP 3 to 5. */
const SRTP_LABEL = 0;
const SRTCP_LABEL = 3;
/** The byte of the salt that a label changes (RFC 3711 section 4.3.1). */
const LABEL_AT = 7;

/** What a stream is protected with. */
export interface SessionKeys {
	/** 16 bytes, for AES-128. */
	cipherKey: Buffer;
	/** 20 bytes, for HMAC-SHA1. */
	authKey: Buffer;
	/** 14 bytes. */
	salt: Buffer;
}

/** All that one participant sends is protected with these, whatever the stream. */
export interface SenderKeys {
	srtp: SessionKeys;
	srtcp: SessionKeys;
}

export interface MasterKeys {
	/** 16 bytes. */
	masterKey: Buffer;
	/** 14 bytes. */
	masterSalt: Buffer;
}

/**
 * Keys of what a participant sends (protocol page 03, "E2E key schedule"; RFC 3711 section 4.3).
 *
 * @param callKey 32 bytes
 * @param participantId of the sender, see toParticipantId()
 * @throws RangeError when the call key has another length
 */
export function deriveSenderKeys(callKey: Uint8Array, participantId: string): SenderKeys {
	const master = deriveMasterKeys(callKey, participantId);
	return { srtp: sessionKeys(master, SRTP_LABEL), srtcp: sessionKeys(master, SRTCP_LABEL) };
}

/** @throws RangeError when the call key has another length than 32 bytes */
export function deriveMasterKeys(callKey: Uint8Array, participantId: string): MasterKeys {
	if (callKey.length !== CALL_KEY_BYTES) {
		throw new RangeError(`A call key has ${CALL_KEY_BYTES} bytes, not ${callKey.length}`);
	}
	const noSalt = Buffer.alloc(32);
	const output = Buffer.from(hkdfSync('sha256', callKey, noSalt, participantId, OUTPUT_BYTES));
	return {
		masterKey: output.subarray(0, CIPHER_KEY_BYTES),
		masterSalt: output.subarray(CIPHER_KEY_BYTES, CIPHER_KEY_BYTES + SALT_BYTES),
	};
}

function sessionKeys(master: MasterKeys, firstLabel: number): SessionKeys {
	return {
		cipherKey: keystream(master, firstLabel, CIPHER_KEY_BYTES),
		authKey: keystream(master, firstLabel + 1, AUTH_KEY_BYTES),
		salt: keystream(master, firstLabel + 2, SALT_BYTES),
	};
}

function keystream({ masterKey, masterSalt }: MasterKeys, label: number, bytes: number): Buffer {
	const iv = Buffer.concat([masterSalt, Buffer.alloc(2)]);
	iv.writeUInt8(iv.readUInt8(LABEL_AT) ^ label, LABEL_AT);
	return createCipheriv('aes-128-ctr', masterKey, iv).update(Buffer.alloc(bytes));
}
