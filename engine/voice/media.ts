import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const MAC_BYTES = 10;

/** What media is encrypted with; derived from the media key. */
export interface MediaKeys {
	iv: Uint8Array;
	cipherKey: Uint8Array;
	macKey?: Uint8Array;
}

/** Baileys' derivation of the keys. */
export type DeriveMediaKeys = (mediaKey: Uint8Array, type: 'audio') => Promise<MediaKeys>;

/** A file as it lies on a media server, and what is needed to read it. */
export interface SealedMedia {
	/** What is uploaded. */
	blob: Uint8Array;
	/** sha-256 of the blob. */
	blobSha256: Buffer;
	/** sha-256 of the file itself. */
	fileSha256: Buffer;
	fileLength: number;
	mediaKey: Uint8Array;
}

/** Encrypts a file for the people of a chat: AES-256-CBC, then ten bytes of HMAC-SHA-256. */
export async function sealMedia(file: Uint8Array, derive: DeriveMediaKeys): Promise<SealedMedia> {
	const mediaKey = randomBytes(KEY_BYTES);
	const { iv, cipherKey, macKey = new Uint8Array() } = await derive(mediaKey, 'audio');
	const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
	const encrypted = Buffer.concat([cipher.update(file), cipher.final()]);
	const mac = createHmac('sha256', macKey).update(iv).update(encrypted).digest();
	const blob = Buffer.concat([encrypted, mac.subarray(0, MAC_BYTES)]);
	return {
		blob,
		blobSha256: sha256(blob),
		fileSha256: sha256(file),
		fileLength: file.length,
		mediaKey,
	};
}

export function sha256(bytes: Uint8Array): Buffer {
	return createHash('sha256').update(bytes).digest();
}
