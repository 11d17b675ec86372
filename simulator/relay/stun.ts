import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { crc32 } from 'node:zlib';

const COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const ATTRIBUTE_HEADER_BYTES = 4;
const INTEGRITY_BYTES = 24;
const FINGERPRINT_BYTES = 8;
const FINGERPRINT_MASK = 0x5354554e;
const IPV4 = 1;

/** Message types of page 04 section 5. */
export const STUN = {
	bindingRequest: 0x0001,
	allocate: 0x0003,
	bindingSuccess: 0x0101,
	allocateSuccess: 0x0103,
	allocateError: 0x0113,
	ping: 0x0801,
	pong: 0x0802,
} as const;

/** Attribute types of page 04, and those of RFC 8489 and RFC 8445 that it names. */
export const ATTRIBUTE = {
	username: 0x0006,
	integrity: 0x0008,
	errorCode: 0x0009,
	relayAddress: 0x0016,
	mappedAddress: 0x0020,
	priority: 0x0024,
	useCandidate: 0x0025,
	token: 0x4000,
	streams: 0x4024,
	connection: 0x4033,
	fingerprint: 0x8028,
	controlling: 0x802a,
} as const;

export interface StunAttribute {
	type: number;
	value: Buffer;
	/** Where its header begins in the message. */
	at: number;
}

export interface StunMessage {
	type: number;
	/** Transaction id: 12 bytes. */
	id: Buffer;
	attributes: StunAttribute[];
	/** All of it, as it came. */
	raw: Buffer;
}

/** Reads a message; undefined when cookie or lengths are not as they should be. */
export function readStun(raw: Buffer): StunMessage | undefined {
	if (raw.length < HEADER_BYTES || raw.readUInt32BE(4) !== COOKIE) return undefined;
	const length = raw.readUInt16BE(2);
	if (length % 4 !== 0 || length !== raw.length - HEADER_BYTES) return undefined;
	const attributes: StunAttribute[] = [];
	for (let at = HEADER_BYTES; at < raw.length; ) {
		const start = at + ATTRIBUTE_HEADER_BYTES;
		if (start > raw.length) return undefined;
		const end = start + raw.readUInt16BE(at + 2);
		if (end > raw.length) return undefined;
		attributes.push({ type: raw.readUInt16BE(at), value: raw.subarray(start, end), at });
		at = start + padded(end - start);
	}
	return { type: raw.readUInt16BE(0), id: raw.subarray(8, HEADER_BYTES), attributes, raw };
}

/** The value of the first attribute of a type. */
export function attributeOf(message: StunMessage, type: number): Buffer | undefined {
	return message.attributes.find((attribute) => attribute.type === type)?.value;
}

/**
 * Writes a message.
 * @param integrityKey signs it when given: the ASCII text of the relay key
 * @param withFingerprint whether it ends with a checksum
 */
export function writeStun(
	type: number,
	id: Buffer,
	attributes: readonly { type: number; value: Buffer }[] = [],
	integrityKey?: string,
	withFingerprint = false,
): Buffer {
	let body = Buffer.concat(attributes.map((one) => writeAttribute(one.type, one.value)));
	const header = (more: number): Buffer => {
		const bytes = Buffer.alloc(8);
		bytes.writeUInt16BE(type, 0);
		bytes.writeUInt16BE(body.length + more, 2);
		bytes.writeUInt32BE(COOKIE, 4);
		return Buffer.concat([bytes, id]);
	};
	if (integrityKey !== undefined) {
		const digest = createHmac('sha1', integrityKey).update(header(INTEGRITY_BYTES)).update(body);
		body = Buffer.concat([body, writeAttribute(ATTRIBUTE.integrity, digest.digest())]);
	}
	if (withFingerprint) {
		const checksum = Buffer.alloc(4);
		const sum = crc32(Buffer.concat([header(FINGERPRINT_BYTES), body]));
		checksum.writeUInt32BE((sum ^ FINGERPRINT_MASK) >>> 0);
		body = Buffer.concat([body, writeAttribute(ATTRIBUTE.fingerprint, checksum)]);
	}
	return Buffer.concat([header(0), body]);
}

/** Whether the message is signed with this key. */
export function isSigned({ raw, attributes }: StunMessage, key: string): boolean {
	const signature = attributes.find(({ type }) => type === ATTRIBUTE.integrity);
	if (signature?.value.length !== 20) return false;
	const header = Buffer.from(raw.subarray(0, HEADER_BYTES));
	header.writeUInt16BE(signature.at - HEADER_BYTES + INTEGRITY_BYTES, 2);
	const digest = createHmac('sha1', key).update(header);
	return timingSafeEqual(
		digest.update(raw.subarray(HEADER_BYTES, signature.at)).digest(),
		signature.value,
	);
}

/** Whether the message ends with the right checksum. */
export function hasFingerprint({ raw, attributes }: StunMessage): boolean {
	const last = attributes.at(-1);
	if (last?.type !== ATTRIBUTE.fingerprint || last.value.length !== 4) return false;
	const sum = crc32(raw.subarray(0, last.at));
	return last.value.readUInt32BE() === (sum ^ FINGERPRINT_MASK) >>> 0;
}

/** An IPv4 address as STUN hides it from routers: `00 01`, port and address, both XORed. */
export function xorAddress(host: string, port: number): Buffer {
	if (!isIPv4(host)) throw new Error(`No IPv4 address: ${host}`);
	const value = Buffer.alloc(8);
	value.writeUInt8(IPV4, 1);
	value.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
	const address = Buffer.from(host.split('.').map(Number)).readUInt32BE();
	value.writeUInt32BE((address ^ COOKIE) >>> 0, 4);
	return value;
}

function writeAttribute(type: number, value: Buffer): Buffer {
	const bytes = Buffer.alloc(ATTRIBUTE_HEADER_BYTES + padded(value.length));
	bytes.writeUInt16BE(type, 0);
	bytes.writeUInt16BE(value.length, 2);
	value.copy(bytes, ATTRIBUTE_HEADER_BYTES);
	return bytes;
}

function padded(length: number): number {
	return Math.ceil(length / 4) * 4;
}
