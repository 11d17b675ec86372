import { randomBytes } from 'node:crypto';

/** An id as WhatsApp gives calls and messages: 3EB0 and 16 hexadecimal digits in upper case. */
export function newStanzaId(): string {
	return `3EB0${randomBytes(8).toString('hex').toUpperCase()}`;
}
