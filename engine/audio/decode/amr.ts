import type { PcmChunk } from '../types';
import { asUnreadable, noDecoder, unreadable } from './failures';

/** RFC 4867 section 5: what the two kinds of files begin with. */
const NARROW_BAND_MAGIC = '#!AMR\n';
const WIDE_BAND_MAGIC = '#!AMR-WB\n';
const MULTICHANNEL_MAGIC = /^#!AMR(-WB)?_MC/;
/** What the decoder gets at a time: a quarter to three quarters of a second. */
const PIECE_BYTES = 768;

/**
 * AMR, narrow band (8 kHz) and wide band (16 kHz), by opencore-amr.
 *
 * @throws CallError AUDIO_UNREADABLE, AUDIO_FORMAT for files of several channels
 */
export async function* decodeAmr(bytes: Uint8Array): AsyncGenerator<PcmChunk> {
	const start = String.fromCharCode(...bytes.subarray(0, WIDE_BAND_MAGIC.length));
	if (MULTICHANNEL_MAGIC.test(start)) throw noDecoder('AMR with several channels');
	if (!start.startsWith(NARROW_BAND_MAGIC) && start !== WIDE_BAND_MAGIC) {
		throw unreadable('AMR', 'its header is missing');
	}
	const { decoder: createDecoder } = await import('@audio/decode-amr');
	const decoder = await createDecoder();
	let decoded = false;
	try {
		for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
			const { channelData, sampleRate } = decoder.decode(
				bytes.subarray(offset, offset + PIECE_BYTES),
			);
			if (channelData[0] === undefined || channelData[0].length === 0) continue;
			decoded = true;
			yield { sampleRateHz: sampleRate, channels: channelData };
		}
	} catch (error) {
		throw asUnreadable('AMR', error);
	} finally {
		decoder.free();
	}
	if (!decoded) throw unreadable('AMR', 'there is no sound in it');
}
