import { CallError } from '../../../common/errors';
import { splitPacket } from '../codec/opusPacket';
import { SAMPLE_RATE_HZ } from '../types';
import { readOggPackets } from './ogg';
import { GRANULE_RATE_HZ, isOpusTags, readOpusHead } from './opusHeaders';

/** Wideband SILK in frames of 20 ms (RFC 6716 section 3.1, table 2). */
const SILK_WIDEBAND_20_MS = 9;
const FRAMES_PER_PACKET = 3;
const GRANULES_PER_FRAME = GRANULE_RATE_HZ / 50;

/**
 * Whether a file is a voice note as WhatsApp records them (protocol page 09), so that it can be
 * sent as it is: undamaged Ogg with one Opus stream, mono, 16 kHz input, each packet three 20 ms
 * frames of wideband SILK packed by code 3; the last may hold fewer.
 *
 * @returns its length, or undefined when it has to be encoded anew; never throws
 */
export function isWhatsAppVoiceNote(bytes: Uint8Array): { durationSeconds: number } | undefined {
	try {
		return inspect(bytes);
	} catch (error) {
		if (error instanceof CallError) {
			return undefined;
		}
		throw error;
	}
}

function inspect(bytes: Uint8Array): { durationSeconds: number } | undefined {
	let preSkip = 0;
	let serial: number | undefined;
	let index = 0;
	let frames = 0;
	let endGranule = -1n;
	let shortPacketSeen = false;
	for (const entry of readOggPackets(bytes, { damage: 'refuse' })) {
		serial ??= entry.serial;
		if (entry.serial !== serial) {
			return undefined;
		}
		if (index === 0) {
			const head = readOpusHead(entry.packet);
			if (
				head?.channels !== 1 ||
				head.inputSampleRateHz !== SAMPLE_RATE_HZ ||
				head.mappingFamily !== 0
			) {
				return undefined;
			}
			preSkip = head.preSkip;
		} else if (index === 1) {
			if (!isOpusTags(entry.packet)) {
				return undefined;
			}
		} else {
			const count = framesOf(entry.packet);
			if (count === undefined || shortPacketSeen) {
				return undefined;
			}
			shortPacketSeen = count < FRAMES_PER_PACKET;
			frames += count;
			endGranule = entry.granulePosition;
		}
		index++;
	}
	const granules = Number(endGranule) - preSkip;
	if (granules <= 0 || Number(endGranule) > frames * GRANULES_PER_FRAME) {
		return undefined;
	}
	return { durationSeconds: granules / GRANULE_RATE_HZ };
}

/** @returns undefined for a packet that does not belong into a voice note */
function framesOf(packet: Uint8Array): number | undefined {
	const parsed = splitPacket(packet);
	if (
		parsed?.toc.config !== SILK_WIDEBAND_20_MS ||
		parsed.toc.stereo ||
		parsed.frames.length > FRAMES_PER_PACKET ||
		(parsed.frames.length === FRAMES_PER_PACKET && parsed.toc.code !== 3)
	) {
		return undefined;
	}
	return parsed.frames.length;
}
