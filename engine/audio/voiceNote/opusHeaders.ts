/** The two header packets of Opus in Ogg (RFC 7845 section 5). */

/** What OpusHead tells. */
export interface OpusHead {
	channels: number;
	/** Samples at 48 kHz to drop at the start. */
	preSkip: number;
	/** Of the original recording. */
	inputSampleRateHz: number;
	/** 0: mono or stereo, one stream. */
	mappingFamily: number;
}

/** Opus in Ogg counts samples at this rate, whatever was encoded (RFC 7845 section 4). */
export const GRANULE_RATE_HZ = 48_000;

const HEAD_MAGIC = 'OpusHead';
const TAGS_MAGIC = 'OpusTags';
const HEAD_BYTES = 19;
const VENDOR = 'libopus';

/** Version 1, no output gain, mapping family 0. */
export function writeOpusHead(head: Omit<OpusHead, 'mappingFamily'>): Uint8Array {
	const packet = Buffer.alloc(HEAD_BYTES);
	packet.write(HEAD_MAGIC, 'latin1');
	packet.writeUInt8(1, 8);
	packet.writeUInt8(head.channels, 9);
	packet.writeUInt16LE(head.preSkip, 10);
	packet.writeUInt32LE(head.inputSampleRateHz, 12);
	return packet;
}

/** @returns undefined when the packet is none, or of a major version other than 0 */
export function readOpusHead(packet: Uint8Array): OpusHead | undefined {
	const view = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
	if (
		view.length < HEAD_BYTES ||
		view.toString('latin1', 0, 8) !== HEAD_MAGIC ||
		view.readUInt8(8) > 15
	) {
		return undefined;
	}
	return {
		channels: view.readUInt8(9),
		preSkip: view.readUInt16LE(10),
		inputSampleRateHz: view.readUInt32LE(12),
		mappingFamily: view.readUInt8(18),
	};
}

/** The name of the encoder and no comments. */
export function writeOpusTags(): Uint8Array {
	const packet = Buffer.alloc(8 + 4 + VENDOR.length + 4);
	packet.write(TAGS_MAGIC, 'latin1');
	packet.writeUInt32LE(VENDOR.length, 8);
	packet.write(VENDOR, 12, 'latin1');
	return packet;
}

export function isOpusTags(packet: Uint8Array): boolean {
	return Buffer.from(packet.subarray(0, 8)).toString('latin1') === TAGS_MAGIC;
}
