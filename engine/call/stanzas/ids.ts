import { randomBytes } from 'node:crypto';

/** Bytes from a generator fit for keys. An argument, so that tests can pin them. */
export type RandomBytes = (length: number) => Uint8Array;

export const CALL_KEY_BYTES = 32;

const CALL_ID_BYTES = 15;
const STANZA_ID_BYTES = 16;

/**
 * `00` and 15 random bytes in upper-case hex (protocol page 02, section 1). The exact text enters
 * the derivation of keys: keep it as it is.
 */
export function newCallId(random: RandomBytes = randomBytes): string {
	return `00${upperHex(random(CALL_ID_BYTES))}`;
}

/** The id of one stanza: 32 characters of upper-case hex, new for every stanza. */
export function newStanzaId(random: RandomBytes = randomBytes): string {
	return upperHex(random(STANZA_ID_BYTES));
}

function upperHex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('hex').toUpperCase();
}
