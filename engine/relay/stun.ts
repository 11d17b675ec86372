import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Message types on a relay's channel (protocol page 04, section 5), and of RFC 8489. */
export const StunType = {
	bindingRequest: 0x0001,
	allocate: 0x0003,
	bindingSuccess: 0x0101,
	allocateSuccess: 0x0103,
	allocateError: 0x0113,
	ping: 0x0801,
	pong: 0x0802,
} as const;

export const TRANSACTION_ID_BYTES = 12;
export const STUN_HEADER_BYTES = 20;
export const MAGIC_COOKIE = 0x2112a442;

const ATTRIBUTE_HEADER_BYTES = 4;
const INTEGRITY_BYTES = 20;
const FINGERPRINT_BYTES = 4;
const FINGERPRINT_XOR = 0x5354554e;
const IPV4_FAMILY = 1;
/** RFC 8445, section 5.1.2: a peer-reflexive candidate of the only component. */
const CHECK_PRIORITY = 0x6e7f1eff;

const Attribute = {
	username: 0x0006,
	messageIntegrity: 0x0008,
	relayAddress: 0x0016,
	xorMappedAddress: 0x0020,
	priority: 0x0024,
	useCandidate: 0x0025,
	relayToken: 0x4000,
	streamDescriptors: 0x4024,
	fingerprint: 0x8028,
	iceControlling: 0x802a,
} as const;

/** Stream index and sub type of the nine streams, in the order of the slots 0,1,4,2,3,5,7,8,6. */
const STREAMS: readonly (readonly [index: number, subType: number])[] = [
	[0, 0],
	[0, 1],
	[0, 2],
	[1, 0],
	[1, 1],
	[1, 2],
	[2, 0],
	[2, 1],
	[2, 2],
];

export interface AllocateRequest {
	transactionId: Uint8Array;
	token: Uint8Array;
	/** Nine, in the order of the slots 0,1,4,2,3,5,7,8,6; those that are 0 are left out. */
	streamSsrcs: readonly number[];
	/** The relay itself: IPv4, dotted. */
	address: string;
	port: number;
	/** The relay block's key, as text. */
	key: string;
}

/** Asks a relay for its service, in the form of WhatsApp Web: the order of the attributes counts. */
export function buildAllocate(request: AllocateRequest): Buffer {
	return build(StunType.allocate, request.transactionId, {
		attributes: [
			[Attribute.relayToken, request.token],
			[Attribute.streamDescriptors, streamDescriptors(request.streamSsrcs)],
			[Attribute.relayAddress, xorAddress(request.address, request.port)],
		],
		key: request.key,
	});
}

/** Keeps the relay's memory of us alive. */
export function buildPing(transactionId: Uint8Array): Buffer {
	return build(StunType.ping, transactionId, {});
}

/** Answers a relay's Binding Request inside the channel: no address, unlike RFC 8489. */
export function buildBindingSuccess(transactionId: Uint8Array, key: string): Buffer {
	return build(StunType.bindingSuccess, transactionId, { key, fingerprint: true });
}

export interface IceCheck {
	transactionId: Uint8Array;
	/** `REMOTE_UFRAG:LOCAL_UFRAG`. */
	username: string;
	/** 8 bytes. */
	tieBreaker: Uint8Array;
	password: string;
}

/** A connectivity check of ICE, outside the channel (protocol page 04, section 4; RFC 8445). */
export function buildIceCheck(check: IceCheck): Buffer {
	const priority = Buffer.alloc(4);
	priority.writeUInt32BE(CHECK_PRIORITY);
	return build(StunType.bindingRequest, check.transactionId, {
		attributes: [
			[Attribute.username, Buffer.from(check.username, 'ascii')],
			[Attribute.priority, priority],
			[Attribute.iceControlling, check.tieBreaker],
			[Attribute.useCandidate, Buffer.alloc(0)],
		],
		key: check.password,
		fingerprint: true,
	});
}

/** Answers a connectivity check that came from `address` and `port`. */
export function buildIceAnswer(
	transactionId: Uint8Array,
	address: string,
	port: number,
	password: string,
): Buffer {
	return build(StunType.bindingSuccess, transactionId, {
		attributes: [[Attribute.xorMappedAddress, xorAddress(address, port)]],
		key: password,
		fingerprint: true,
	});
}

/** Value of attribute 0x4024: which SSRC is which stream (protobuf). */
export function streamDescriptors(ssrcs: readonly number[]): Buffer {
	const bytes: number[] = [];
	STREAMS.forEach(([index, subType], position) => {
		const ssrc = ssrcs[position] ?? 0;
		if (ssrc === 0) {
			return;
		}
		const entry: number[] = [];
		if (index !== 0) {
			entry.push(0x08, index);
		}
		if (subType !== 0) {
			entry.push(0x10, subType);
		}
		entry.push(0x18);
		pushVarint(entry, ssrc);
		bytes.push(0x0a, entry.length, ...entry);
	});
	return Buffer.from(bytes);
}

/** An IPv4 address and a port, XORed with the magic cookie (RFC 8489, section 14.2): 8 bytes. */
export function xorAddress(address: string, port: number): Buffer {
	const value = Buffer.alloc(8);
	value[1] = IPV4_FAMILY;
	value.writeUInt16BE((port ^ (MAGIC_COOKIE >>> 16)) & 0xffff, 2);
	const ipv4 = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
	value.writeUInt32BE((ipv4 ^ MAGIC_COOKIE) >>> 0, 4);
	return value;
}

interface Contents {
	attributes?: readonly (readonly [type: number, value: Uint8Array])[];
	/** With a key, MESSAGE-INTEGRITY follows the attributes. */
	key?: string;
	/** FINGERPRINT comes last. */
	fingerprint?: boolean;
}

/** One STUN message (RFC 8489, sections 5 and 14). */
export function build(
	type: number,
	transactionId: Uint8Array,
	{ attributes = [], key, fingerprint = false }: Contents,
): Buffer {
	const bodyBytes = attributes.reduce(
		(sum, [, value]) => sum + ATTRIBUTE_HEADER_BYTES + paddedLength(value.length),
		0,
	);
	const integrityBytes = key === undefined ? 0 : ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES;
	const fingerprintBytes = fingerprint ? ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES : 0;
	const message = Buffer.alloc(STUN_HEADER_BYTES + bodyBytes + integrityBytes + fingerprintBytes);
	message.writeUInt16BE(type, 0);
	message.writeUInt32BE(MAGIC_COOKIE, 4);
	message.set(transactionId.subarray(0, TRANSACTION_ID_BYTES), 8);
	let end = STUN_HEADER_BYTES;
	const append = (attribute: number, value: Uint8Array): void => {
		message.writeUInt16BE(attribute, end);
		message.writeUInt16BE(value.length, end + 2);
		message.set(value, end + ATTRIBUTE_HEADER_BYTES);
		end += ATTRIBUTE_HEADER_BYTES + paddedLength(value.length);
	};
	for (const [attribute, value] of attributes) {
		append(attribute, value);
	}
	// What is hashed says a length that already holds the attribute of the hash.
	if (key !== undefined) {
		message.writeUInt16BE(bodyBytes + integrityBytes, 2);
		const hash = createHmac('sha1', key).update(message.subarray(0, end)).digest();
		append(Attribute.messageIntegrity, hash);
	}
	message.writeUInt16BE(bodyBytes + integrityBytes + fingerprintBytes, 2);
	if (fingerprint) {
		const check = Buffer.alloc(FINGERPRINT_BYTES);
		check.writeUInt32BE((crc32(message.subarray(0, end)) ^ FINGERPRINT_XOR) >>> 0);
		append(Attribute.fingerprint, check);
	}
	return message;
}

function paddedLength(bytes: number): number {
	return (bytes + 3) & ~3;
}

function pushVarint(bytes: number[], value: number): void {
	let rest = value >>> 0;
	while (rest > 0x7f) {
		bytes.push((rest & 0x7f) | 0x80);
		rest >>>= 7;
	}
	bytes.push(rest);
}
