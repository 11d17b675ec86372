import type { PcmChunk } from '../types';
import { asUnreadable, unreadable } from './failures';
import { findFlacFrames, readFlacStream } from './flacFrames';
import { MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ } from './resample';

/** Samples that are decoded at a time: a quarter of a second at 44.1 kHz. */
const CHUNK_SAMPLES = 11_025;

/**
 * FLAC of any rate and of one to eight channels, by libFLAC. A damaged frame becomes silence of its
 * length; a truncated file gives what is there.
 *
 * @throws CallError AUDIO_UNREADABLE when there is no intact frame
 */
export async function* decodeFlac(bytes: Uint8Array): AsyncGenerator<PcmChunk> {
	const stream = readFlacStream(bytes);
	const { sampleRateHz } = stream;
	if (sampleRateHz < MIN_SAMPLE_RATE_HZ || sampleRateHz > MAX_SAMPLE_RATE_HZ) {
		throw unreadable('FLAC', `its header says ${sampleRateHz} samples per second`);
	}
	const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
	const decoder = new FLACDecoder();
	await decoder.ready;
	let decoded = false;
	try {
		await decoder.decodeFrames([stream.header]);
		let frames: Uint8Array[] = [];
		let samples = 0;
		const decode = async (): Promise<PcmChunk> => {
			const { channelData } = await decoder.decodeFrames(frames);
			frames = [];
			samples = 0;
			return { sampleRateHz, channels: channelData };
		};
		for (const frame of findFlacFrames(bytes, stream)) {
			frames.push(frame.bytes);
			samples += frame.samples;
			decoded ||= frame.intact;
			if (samples >= CHUNK_SAMPLES) yield await decode();
		}
		if (frames.length > 0) yield await decode();
	} catch (error) {
		throw asUnreadable('FLAC', error);
	} finally {
		decoder.free();
	}
	if (!decoded) throw unreadable('FLAC', 'there is no intact sound in it');
}
