import { createCipheriv, hkdfSync } from 'node:crypto';

const CALL_KEY_BYTES = 32;
const MASTER_BYTES = 46;
const LABELS = { srtp: 0, srtcp: 3 };

/** What one layer of one sender encrypts and signs with (page 03, key schedule). */
export interface StreamKeys {
	/** 16 bytes. */
	cipherKey: Buffer;
	/** 20 bytes. */
	authKey: Buffer;
	/** 14 bytes. */
	salt: Buffer;
}

/** The keys of one sender. */
export interface ParticipantKeys {
	srtp: StreamKeys;
	srtcp: StreamKeys;
}

/** The name under which keys are derived for a device: a bare LID gets `:0` (page 03). */
export function participantId(jid: string): string {
	const [address = ''] = jid.split('/');
	const bare = /^([^:@]+)@lid$/.exec(address);
	return bare ? `${bare[1]}:0@lid` : address;
}

/**
 * Derives the keys of a sender.
 * @param callKey 32 bytes
 */
export function participantKeys(callKey: Buffer, participant: string): ParticipantKeys {
	if (callKey.length !== CALL_KEY_BYTES) throw new Error('The call key has 32 bytes');
	const master = derive(callKey, Buffer.alloc(32), participant, MASTER_BYTES);
	const key = master.subarray(0, 16);
	const salt = master.subarray(16, 30);
	return { srtp: sessionKeys(key, salt, LABELS.srtp), srtcp: sessionKeys(key, salt, LABELS.srtcp) };
}

/**
 * The number of a stream.
 * @param slot 0 audio, 1 its error correction, 4 its repetition... (page 03, SSRC)
 * @returns an unsigned 32-bit number
 */
export function ssrcOf(callId: string, participant: string, slot: number): number {
	const salt = Buffer.alloc(4);
	salt.writeUInt32LE(slot);
	return derive(Buffer.from(callId), salt, participant, 4).readUInt32LE();
}

function sessionKeys(key: Buffer, salt: Buffer, label: number): StreamKeys {
	const stream = (offset: number, bytes: number): Buffer => {
		const iv = Buffer.concat([salt, Buffer.alloc(2)]);
		iv.writeUInt8(iv.readUInt8(7) ^ (label + offset), 7);
		return createCipheriv('aes-128-ctr', key, iv).update(Buffer.alloc(bytes));
	};
	return { cipherKey: stream(0, 16), authKey: stream(1, 20), salt: stream(2, 14) };
}

function derive(key: Buffer, salt: Buffer, info: string, bytes: number): Buffer {
	return Buffer.from(hkdfSync('sha256', key, salt, info, bytes));
}
