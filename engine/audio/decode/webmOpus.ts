import { loadOpusLibrary, type OpusLibrary } from '../codec/opusLibrary';
import { SAMPLE_RATE_HZ, type PcmChunk } from '../types';
import { ChunkJoiner } from './chunkJoiner';
import { asUnreadable, noDecoder, unreadable } from './failures';
import { readMatroska, type AudioTrack } from './matroska';
import { readOpusStreamHead, type OpusStreamHead } from './opusHead';
import { OPUS_RATE_HZ, OpusTrack } from './opusTrack';

const NS_PER_SECOND = 1e9;

/** CodecPrivate is the OpusHead of RFC 7845; where it is missing, the track says what matters. */
function headOf(track: AudioTrack): OpusStreamHead {
	const { codec, codecPrivate, codecDelayNs, channelCount, encoded } = track;
	if (codec !== 'A_OPUS') {
		const name = /^A_[A-Z0-9/_.-]{1,30}$/.test(codec) ? codec.slice(2) : 'an unknown codec';
		throw noDecoder(`WebM or Matroska with ${name}`);
	}
	if (encoded) throw noDecoder('WebM or Matroska that is compressed or encrypted once more');
	if (codecPrivate !== null && codecPrivate.length > 0) return readOpusStreamHead(codecPrivate);
	const preSkip = Math.round((codecDelayNs / NS_PER_SECOND) * OPUS_RATE_HZ);
	const coupledCount = channelCount === 2 ? 1 : 0;
	return { channelCount, preSkip, gain: 1, streamCount: 1, coupledCount, mapping: [0] };
}

/**
 * Opus in WebM or Matroska (RFC 9559), the first audio track, with or without sizes and an index.
 *
 * @param library libopus, if it is loaded already
 * @throws CallError AUDIO_UNREADABLE, also when there is no audio track; AUDIO_FORMAT for other codecs
 */
export async function* decodeWebmOpus(
	bytes: Uint8Array,
	library?: OpusLibrary,
): AsyncGenerator<PcmChunk> {
	const opus = library ?? (await loadOpusLibrary());
	const joiner = new ChunkJoiner();
	let track: OpusTrack | null = null;
	try {
		for (const part of readMatroska(bytes)) {
			if (part.kind === 'track') {
				track = new OpusTrack(opus, headOf(part.track));
				continue;
			}
			if (track === null) continue;
			const channels = track.decode(part.frame);
			const discarded = Math.round((part.discardNs / NS_PER_SECOND) * SAMPLE_RATE_HZ);
			const kept = Math.max(0, (channels[0]?.length ?? 0) - discarded);
			const chunk = joiner.add(
				discarded === 0 ? channels : channels.map((channel) => channel.subarray(0, kept)),
			);
			if (chunk !== null) yield chunk;
		}
		const rest = joiner.take();
		if (rest !== null) yield rest;
	} catch (error) {
		throw asUnreadable('WebM', error);
	} finally {
		track?.close();
	}
	if (track === null) throw unreadable('WebM', 'there is no sound in it');
	if (!track.decoded) throw unreadable('WebM', 'none of its sound is intact');
}
