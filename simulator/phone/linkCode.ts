import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Codecs } from '../codecs';
import type { KeyPair } from '../wire/certificate';

const CODE_ITERATIONS = 131_072;
const SALT_BYTES = 32;
const IV_BYTES = 16;
const GCM_IV_BYTES = 12;
const KEY_BYTES = 32;
const BUNDLE_INFO = 'link_code_pairing_key_bundle_encryption_key';

/** What the phone keeps between the code and the companion's last word. */
export interface CodeExchange {
	/** For the companion: the phone's ephemeral key under the code. */
	wrappedEphemeral: Buffer;
	/** What both ephemeral keys share; garbage on one side when the code was wrong. */
	shared: Buffer;
}

/**
 * The phone's half of linking by pairing code, as Baileys' client implements the other half: both
 * ephemeral keys travel under a key made of the code (PBKDF2, AES-CTR).
 * @param code as typed; spaces, hyphens and case do not matter
 * @param wrapped the companion's ephemeral key: salt, IV, ciphertext
 */
export async function exchangeByCode(
	codecs: Codecs,
	code: string,
	wrapped: Buffer,
): Promise<CodeExchange> {
	const typed = code.replace(/[\s-]/g, '').toUpperCase();
	const companionKey = await codeKey(typed, wrapped.subarray(0, SALT_BYTES));
	const companionEphemeral = ctr(
		createDecipheriv,
		companionKey,
		wrapped.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES),
		wrapped.subarray(SALT_BYTES + IV_BYTES),
	);
	const ephemeral = codecs.Curve.generateKeyPair();
	const salt = randomBytes(SALT_BYTES);
	const iv = randomBytes(IV_BYTES);
	const sealed = ctr(createCipheriv, await codeKey(typed, salt), iv, Buffer.from(ephemeral.public));
	return {
		wrappedEphemeral: Buffer.concat([salt, iv, sealed]),
		shared: codecs.Curve.sharedKey(ephemeral.private, companionEphemeral),
	};
}

/**
 * Opens the key bundle of the companion's last word and answers the secret that seals its identity.
 * Throws when the code was wrong or when the keys are not those of this phone and this companion.
 */
export function openKeyBundle(
	codecs: Codecs,
	exchange: CodeExchange,
	phone: KeyPair,
	companionIdentity: Buffer,
	bundle: Buffer,
): Buffer {
	const salt = bundle.subarray(0, SALT_BYTES);
	const iv = bundle.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES);
	const key = Buffer.from(hkdfSync('sha256', exchange.shared, salt, BUNDLE_INFO, KEY_BYTES));
	const sealed = bundle.subarray(SALT_BYTES + GCM_IV_BYTES);
	const opened = codecs.aesDecryptGCM(sealed, key, iv, Buffer.alloc(0));
	const [companion, primary, random] = [0, 1, 2].map((part) =>
		opened.subarray(part * KEY_BYTES, (part + 1) * KEY_BYTES),
	);
	if (!companion?.equals(companionIdentity) || !primary?.equals(phone.public) || !random) {
		throw new Error('the key bundle names other identities');
	}
	const identities = codecs.Curve.sharedKey(phone.private, companionIdentity);
	const secret = Buffer.concat([exchange.shared, identities, random]);
	return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'adv_secret', KEY_BYTES));
}

function codeKey(code: string, salt: Buffer): Promise<Buffer> {
	return promisify(pbkdf2)(code, salt, CODE_ITERATIONS, KEY_BYTES, 'sha256');
}

function ctr(
	cipher: typeof createCipheriv | typeof createDecipheriv,
	key: Buffer,
	iv: Buffer,
	text: Buffer,
): Buffer {
	return cipher('aes-256-ctr', key, iv).update(text);
}
