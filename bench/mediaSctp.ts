import { randomInt } from 'node:crypto';

const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 4;
const DATA_HEADER_BYTES = 16;
const SACK_BYTES = 16;
const PORT = 5000;
const WINDOW_BYTES = 1_000_000;
const STREAMS = 65_535;
const BINARY = 53;
/** Unordered, and in one piece. */
const WHOLE_UNORDERED = 0x07;
const COOKIE = Buffer.from('the cookie of a benchmark');
const COOKIE_PARAMETER = 7;
const FORWARD_TSN_PARAMETER = 0xc000;
/** RFC 9260, section 6.2: every second packet is acknowledged. */
const SACK_EVERY = 2;

const Chunk = {
	data: 0,
	init: 1,
	initAck: 2,
	sack: 3,
	heartbeat: 4,
	heartbeatAck: 5,
	abort: 6,
	shutdown: 7,
	cookieEcho: 10,
	cookieAck: 11,
	forwardTsn: 192,
} as const;

/** CRC-32C, as SCTP has it (RFC 9260, appendix A). */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
	let rest = byte;
	for (let bit = 0; bit < 8; bit += 1) {
		rest = (rest & 1) === 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
	}
	return rest;
});

export interface AssociationEvents {
	transmit(packet: Buffer): void;
	message(message: Buffer): void;
	ended(): void;
}

/**
 * The server's end of an SCTP association whose line loses nothing and whose messages nobody needs
 * twice: what is missing is given up at once. Nothing that a network could not be trusted with.
 */
export class Association {
	private readonly ownTag = randomInt(1, 2 ** 32);
	private nextTsn = randomInt(0, 2 ** 31);
	private peerTag = 0;
	private highestTsn = 0;
	private unacknowledged = 0;

	constructor(private readonly events: AssociationEvents) {}

	/** A message of stream 0, unordered. */
	send(message: Buffer): void {
		const chunk = Buffer.alloc(padded(DATA_HEADER_BYTES + message.length));
		chunk.writeUInt16BE(DATA_HEADER_BYTES + message.length, 2);
		chunk.writeUInt8(WHOLE_UNORDERED, 1);
		chunk.writeUInt32BE(this.nextTsn, 4);
		chunk.writeUInt32BE(BINARY, 12);
		message.copy(chunk, DATA_HEADER_BYTES);
		this.nextTsn = (this.nextTsn + 1) >>> 0;
		this.transmit(chunk);
	}

	receive(packet: Buffer): void {
		for (let at = HEADER_BYTES; at + CHUNK_HEADER_BYTES <= packet.length; ) {
			const bytes = packet.readUInt16BE(at + 2);
			this.take(packet.subarray(at, at + bytes));
			at += padded(Math.max(CHUNK_HEADER_BYTES, bytes));
		}
	}

	private take(chunk: Buffer): void {
		switch (chunk[0]) {
			case Chunk.data:
				return this.takeData(chunk);
			case Chunk.forwardTsn:
				return this.advance(chunk.readUInt32BE(4));
			case Chunk.sack:
				return this.takeSack(chunk);
			case Chunk.heartbeat:
				return this.transmit(chunkOf(Chunk.heartbeatAck, chunk.subarray(CHUNK_HEADER_BYTES)));
			case Chunk.init:
				return this.takeInit(chunk);
			case Chunk.cookieEcho:
				return this.transmit(chunkOf(Chunk.cookieAck));
			case Chunk.abort:
			case Chunk.shutdown:
				return this.events.ended();
			default:
		}
	}

	private takeInit(chunk: Buffer): void {
		this.peerTag = chunk.readUInt32BE(4);
		this.highestTsn = (chunk.readUInt32BE(16) - 1) >>> 0;
		const fixed = Buffer.alloc(16);
		fixed.writeUInt32BE(this.ownTag, 0);
		fixed.writeUInt32BE(WINDOW_BYTES, 4);
		fixed.writeUInt16BE(STREAMS, 8);
		fixed.writeUInt16BE(STREAMS, 10);
		fixed.writeUInt32BE(this.nextTsn, 12);
		const parameters = [
			parameterOf(COOKIE_PARAMETER, COOKIE),
			parameterOf(FORWARD_TSN_PARAMETER, Buffer.alloc(0)),
		];
		this.transmit(chunkOf(Chunk.initAck, Buffer.concat([fixed, ...parameters])));
	}

	private takeData(chunk: Buffer): void {
		this.advance(chunk.readUInt32BE(4));
		this.unacknowledged += 1;
		if (this.unacknowledged >= SACK_EVERY) {
			this.unacknowledged = 0;
			this.acknowledge();
		}
		this.events.message(chunk.subarray(DATA_HEADER_BYTES));
	}

	private advance(tsn: number): void {
		if (((tsn - this.highestTsn) | 0) > 0) {
			this.highestTsn = tsn;
		}
	}

	private acknowledge(): void {
		const chunk = Buffer.alloc(SACK_BYTES);
		chunk.writeUInt8(Chunk.sack, 0);
		chunk.writeUInt16BE(SACK_BYTES, 2);
		chunk.writeUInt32BE(this.highestTsn, 4);
		chunk.writeUInt32BE(WINDOW_BYTES, 8);
		this.transmit(chunk);
	}

	private takeSack(chunk: Buffer): void {
		const gaps = chunk.readUInt16BE(12);
		if (gaps > 0) {
			const newest = Buffer.alloc(4);
			newest.writeUInt32BE((this.nextTsn - 1) >>> 0);
			this.transmit(chunkOf(Chunk.forwardTsn, newest));
		}
	}

	private transmit(chunk: Buffer): void {
		const packet = Buffer.alloc(HEADER_BYTES + chunk.length);
		packet.writeUInt16BE(PORT, 0);
		packet.writeUInt16BE(PORT, 2);
		packet.writeUInt32BE(this.peerTag, 4);
		chunk.copy(packet, HEADER_BYTES);
		packet.writeUInt32LE(checksum(packet), 8);
		this.events.transmit(packet);
	}
}

function chunkOf(type: number, value: Buffer = Buffer.alloc(0)): Buffer {
	const chunk = parameterOf(0, value);
	chunk.writeUInt8(type, 0);
	return chunk;
}

function parameterOf(type: number, value: Buffer): Buffer {
	const bytes = CHUNK_HEADER_BYTES + value.length;
	const parameter = Buffer.alloc(padded(bytes));
	parameter.writeUInt16BE(type, 0);
	parameter.writeUInt16BE(bytes, 2);
	value.copy(parameter, CHUNK_HEADER_BYTES);
	return parameter;
}

function checksum(bytes: Buffer): number {
	let rest = 0xffffffff;
	for (const byte of bytes) {
		rest = (CRC_TABLE[(rest ^ byte) & 0xff] ?? 0) ^ (rest >>> 8);
	}
	return ~rest >>> 0;
}

function padded(bytes: number): number {
	return (bytes + 3) & ~3;
}
