import { loadOpusLibrary, type OpusLibrary } from '../codec/opusLibrary';
import { splitPacket } from '../codec/opusPacket';
import type { PcmChunk } from '../types';
import { isOpusTags } from '../voiceNote/opusHeaders';
import { ChunkJoiner } from './chunkJoiner';
import { asUnreadable, unreadable } from './failures';
import { readPacketGroups, type PacketGroup } from './oggPages';
import { isOpusHead, readOpusStreamHead } from './opusHead';
import { OPUS_RATE_HZ, OpusTrack } from './opusTrack';

const SAMPLES_PER_MS = OPUS_RATE_HZ / 1000;

/** A recording of a running transmission starts at another position than 0 (RFC 7845 section 4.5). */
function startOf({ packets, granulePosition, endOfStream }: PacketGroup): number {
	if (granulePosition === null || endOfStream) return 0;
	const samples = packets.reduce(
		(total, packet) => total + (splitPacket(packet)?.durationMs ?? 0) * SAMPLES_PER_MS,
		0,
	);
	return Math.max(0, granulePosition - samples);
}

/**
 * Opus in Ogg (RFC 7845), mono, stereo or up to eight channels (mapping family 1), also several
 * recordings one after another. Pre-skip and padding at the end are cut off.
 *
 * @param library libopus, if it is loaded already
 * @throws CallError AUDIO_UNREADABLE, AUDIO_FORMAT for other channel mappings
 */
export async function* decodeOggOpus(
	bytes: Uint8Array,
	library?: OpusLibrary,
): AsyncGenerator<PcmChunk> {
	const opus = library ?? (await loadOpusLibrary());
	const joiner = new ChunkJoiner();
	let track: OpusTrack | null = null;
	let serial: number | null = null;
	let start: number | null = null;
	let decoded = false;
	try {
		for (const group of readPacketGroups(bytes)) {
			const audio: Uint8Array[] = [];
			for (const packet of group.packets) {
				if (isOpusHead(packet)) {
					track?.close();
					track = new OpusTrack(opus, readOpusStreamHead(packet));
					serial = group.serial;
					start = null;
				} else if (!isOpusTags(packet)) audio.push(packet);
			}
			if (track === null || group.serial !== serial || audio.length === 0) continue;
			start ??= startOf({ ...group, packets: audio });
			const { granulePosition, endOfStream } = group;
			const end =
				endOfStream && granulePosition !== null
					? granulePosition - start
					: Number.POSITIVE_INFINITY;
			for (const packet of audio) {
				const chunk = joiner.add(track.decode(packet, end));
				if (chunk !== null) yield chunk;
			}
			decoded ||= track.decoded;
		}
		const rest = joiner.take();
		if (rest !== null) yield rest;
	} catch (error) {
		throw asUnreadable('Opus', error);
	} finally {
		track?.close();
	}
	if (!decoded) throw unreadable('Opus', 'there is no sound in it');
}
