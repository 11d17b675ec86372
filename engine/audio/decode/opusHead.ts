import { viewOf } from './byteReading';
import { noDecoder, unreadable } from './failures';

/** RFC 7845 section 5.1. */
export interface OpusStreamHead {
	channelCount: number;
	/** Samples at 48 kHz to drop at the start. */
	preSkip: number;
	/** To be applied to what is decoded. */
	gain: number;
	/** Opus streams in each packet; the first `coupledCount` are stereo. */
	streamCount: number;
	coupledCount: number;
	/** For each channel of the output the decoded channel, or 255 for silence. */
	mapping: number[];
}

const MAGIC = 'OpusHead';
const FIXED_BYTES = 19;
const MAX_CHANNELS = 8;
const FAMILY_VORBIS_ORDER = 1;
const SILENT_CHANNEL = 255;

export function isOpusHead(packet: Uint8Array): boolean {
	return String.fromCharCode(...packet.subarray(0, MAGIC.length)) === MAGIC;
}

/**
 * @param packet the first packet of an Ogg stream, or a Matroska track's CodecPrivate
 * @throws CallError AUDIO_UNREADABLE, AUDIO_FORMAT for channel mappings other than 0 and 1
 */
export function readOpusStreamHead(packet: Uint8Array): OpusStreamHead {
	if (!isOpusHead(packet) || packet.length < FIXED_BYTES) {
		throw unreadable('Opus', 'its header is missing');
	}
	const view = viewOf(packet);
	const channelCount = packet[9]!;
	const family = packet[18]!;
	const shared = {
		channelCount,
		preSkip: view.getUint16(10, true),
		// Decibels in Q7.8.
		gain: 10 ** (view.getInt16(16, true) / (20 * 256)),
	};
	if (channelCount < 1 || channelCount > MAX_CHANNELS) {
		throw unreadable('Opus', `its header says ${channelCount} channels, and 1 to 8 are possible`);
	}
	if (family === 0) {
		if (channelCount > 2) throw unreadable('Opus', 'its header contradicts itself');
		return {
			...shared,
			streamCount: 1,
			coupledCount: channelCount - 1,
			mapping: [0, 1].slice(0, channelCount),
		};
	}
	if (family !== FAMILY_VORBIS_ORDER) throw noDecoder(`Opus with the channel mapping ${family}`);
	const streamCount = packet[19] ?? 0;
	const coupledCount = packet[20] ?? 0;
	const mapping = [...packet.subarray(21, 21 + channelCount)];
	const possible =
		streamCount >= 1 &&
		coupledCount <= streamCount &&
		streamCount + coupledCount <= MAX_CHANNELS &&
		mapping.length === channelCount &&
		mapping.every((channel) => channel === SILENT_CHANNEL || channel < streamCount + coupledCount);
	if (!possible) throw unreadable('Opus', 'its header contradicts itself');
	return { ...shared, streamCount, coupledCount, mapping };
}
