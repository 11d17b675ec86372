import type { PcmChunk } from '../types';
import { asUnreadable, unreadable } from './failures';
import { findMpegRuns } from './mpegFrames';

/** What the decoder gets at a time: half a second at 128 kbit/s. */
const RUN_BYTES = 8192;

/**
 * MP3 (and MPEG layers I and II), by libmpg123. The encoder's delay is cut off where the file says
 * how long it is (LAME tag). Garbage is skipped; a truncated file gives what is there.
 *
 * @throws CallError AUDIO_UNREADABLE when there is no MPEG frame in the file
 */
export async function* decodeMp3(bytes: Uint8Array): AsyncGenerator<PcmChunk> {
	const { MPEGDecoder } = await import('mpg123-decoder');
	const decoder = new MPEGDecoder();
	await decoder.ready;
	let decoded = false;
	try {
		for (const { start, end, mono } of findMpegRuns(bytes, RUN_BYTES)) {
			const { channelData, sampleRate, samplesDecoded } = decoder.decode(
				bytes.subarray(start, end),
			);
			if (samplesDecoded === 0) continue;
			decoded = true;
			// The decoder gives two equal channels for a mono file.
			yield { sampleRateHz: sampleRate, channels: mono ? channelData.slice(0, 1) : channelData };
		}
	} catch (error) {
		throw asUnreadable('MP3', error);
	} finally {
		decoder.free();
	}
	if (!decoded) throw unreadable('MP3', 'there is no MPEG sound in it');
}
