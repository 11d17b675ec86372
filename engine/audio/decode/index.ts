import { conversionCancelled } from '../cancelled';
import type { OpusLibrary } from '../codec/opusLibrary';
import type { AudioFormat, PcmChunk } from '../types';
import { decodeAiff } from './aiff';
import { decodeAmr } from './amr';
import { noDecoder } from './failures';
import { decodeFlac } from './flac';
import { decodeMp3 } from './mp3';
import { decodeOggOpus } from './oggOpus';
import { decodeOggVorbis } from './oggVorbis';
import { createResampler, mixDown, type Resampler } from './resample';
import { decodeWav } from './wav';
import { decodeWebmOpus } from './webmOpus';

export interface DecodeOptions {
	signal?: AbortSignal;
	/** libopus, if it is loaded already; otherwise Opus files load one of their own. */
	opusLibrary?: OpusLibrary;
}

/** Formats whose samples may be any number; the others come out of their decoders between -1 and 1 or little beyond. */
const UNBOUNDED_FORMATS: readonly AudioFormat[] = ['aiff', 'ogg-vorbis', 'wav'];
/** Floating point files can hold any number: beyond this (24 dB over full scale) it is no sound. */
const MAX_SAMPLE = 16;

function chunksOf(
	bytes: Uint8Array,
	format: AudioFormat,
	opusLibrary: OpusLibrary | undefined,
): AsyncIterable<PcmChunk> | Iterable<PcmChunk> {
	switch (format) {
		case 'mp3':
			return decodeMp3(bytes);
		case 'wav':
			return decodeWav(bytes);
		case 'aiff':
			return decodeAiff(bytes);
		case 'flac':
			return decodeFlac(bytes);
		case 'ogg-vorbis':
			return decodeOggVorbis(bytes);
		case 'ogg-opus':
			return decodeOggOpus(bytes, opusLibrary);
		case 'webm-opus':
			return decodeWebmOpus(bytes, opusLibrary);
		case 'amr':
			return decodeAmr(bytes);
		case 'aac':
			throw noDecoder('AAC');
		case 'm4a':
			throw noDecoder('M4A (AAC)');
	}
}

/**
 * Decodes a file without ffmpeg, piece by piece. The pieces are a tenth of a second to some seconds
 * long; the rate and the number of channels may change between them. Memory of decoders is freed also
 * when the consumer stops early. It does not leave the thread's hand: for a worker.
 *
 * @param bytes the whole file
 * @param format as sniffed from the bytes
 * @throws CallError AUDIO_UNREADABLE, AUDIO_FORMAT when there is no decoder, CANCELLED
 */
export async function* decodeAudio(
	bytes: Uint8Array,
	format: AudioFormat,
	{ signal, opusLibrary }: DecodeOptions = {},
): AsyncGenerator<PcmChunk> {
	for await (const chunk of chunksOf(bytes, format, opusLibrary)) {
		if (signal?.aborted) throw conversionCancelled();
		yield chunk;
	}
}

/** Replaces in place what is no number, and cuts what no recording can hold. */
function sanitise(samples: Float32Array): Float32Array {
	for (let n = 0; n < samples.length; n++) {
		const sample = samples[n]!;
		if (sample >= -MAX_SAMPLE && sample <= MAX_SAMPLE) continue;
		samples[n] = Number.isNaN(sample) ? 0 : Math.sign(sample) * MAX_SAMPLE;
	}
	return samples;
}

/**
 * Decodes a file as call audio needs it: mono (the average of the channels), 16 kHz, every sample a
 * finite number. n samples at a rate give n * 16000 / rate, rounded, within one. A file without any
 * samples gives nothing.
 *
 * @throws CallError as decodeAudio
 */
export async function* decodeToMono16k(
	bytes: Uint8Array,
	format: AudioFormat,
	options: DecodeOptions = {},
): AsyncGenerator<Float32Array> {
	const bounded = UNBOUNDED_FORMATS.includes(format)
		? sanitise
		: (samples: Float32Array) => samples;
	let resampler: Resampler | null = null;
	let rateHz = 0;
	for await (const { sampleRateHz, channels } of decodeAudio(bytes, format, options)) {
		if (resampler !== null && sampleRateHz !== rateHz) {
			const rest = resampler.finish();
			if (rest.length > 0) yield rest;
			resampler = null;
		}
		resampler ??= createResampler(sampleRateHz);
		rateHz = sampleRateHz;
		const samples = resampler.push(bounded(mixDown(channels)));
		if (samples.length > 0) yield samples;
	}
	const rest = resampler?.finish();
	if (rest !== undefined && rest.length > 0) yield rest;
}
