import { MAGIC_COOKIE, STUN_HEADER_BYTES, TRANSACTION_ID_BYTES } from './stun';

const ERROR_CODE = 0x0009;
const ATTRIBUTE_HEADER_BYTES = 4;

/** What came in; a view of the message, which must not change meanwhile. */
export interface StunMessage {
	type: number;
	/** 12 bytes. */
	transactionId: Buffer;
	/** All attributes, one behind the other. */
	body: Buffer;
}

/**
 * Reads the header (RFC 8489, section 5); undefined for whatever is no complete STUN message. Never
 * throws. Bytes behind the message are ignored: only the type and the transaction matter to us.
 */
export function parseStun(message: Buffer): StunMessage | undefined {
	if (message.length < STUN_HEADER_BYTES) {
		return undefined;
	}
	const type = message.readUInt16BE(0);
	const bodyBytes = message.readUInt16BE(2);
	if (
		type > 0x3fff ||
		bodyBytes % 4 !== 0 ||
		message.readUInt32BE(4) !== MAGIC_COOKIE ||
		message.length < STUN_HEADER_BYTES + bodyBytes
	) {
		return undefined;
	}
	return {
		type,
		transactionId: message.subarray(8, 8 + TRANSACTION_ID_BYTES),
		body: message.subarray(STUN_HEADER_BYTES, STUN_HEADER_BYTES + bodyBytes),
	};
}

/** The first attribute of this type, without its padding; undefined when there is none. */
export function findAttribute({ body }: StunMessage, type: number): Buffer | undefined {
	let at = 0;
	while (at + ATTRIBUTE_HEADER_BYTES <= body.length) {
		const start = at + ATTRIBUTE_HEADER_BYTES;
		const end = start + body.readUInt16BE(at + 2);
		if (end > body.length) {
			return undefined;
		}
		if (body.readUInt16BE(at) === type) {
			return body.subarray(start, end);
		}
		at = (end + 3) & ~3;
	}
	return undefined;
}

/** The code of an error response, such as 401 (RFC 8489, section 14.8). */
export function errorCodeOf(message: StunMessage): number | undefined {
	const value = findAttribute(message, ERROR_CODE);
	const hundreds = value?.[2];
	const rest = value?.[3];
	return hundreds === undefined || rest === undefined ? undefined : (hundreds & 7) * 100 + rest;
}
