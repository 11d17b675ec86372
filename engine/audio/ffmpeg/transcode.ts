import { PassThrough, Readable } from 'node:stream';
import { CallError } from '../../../common/errors';
import { conversionCancelled } from '../cancelled';
import { printable } from '../../../common/text';
import { moveIndexToFront } from './moveIndexToFront';
import { SAMPLE_RATE_HZ, type AudioFormat } from '../types';

/** The demuxer of each format: ffmpeg is told, so that no playlist or session description is ever tried. */
const DEMUXERS: Readonly<Record<AudioFormat, string>> = {
	aac: 'aac',
	aiff: 'aiff',
	amr: 'amr',
	flac: 'flac',
	m4a: 'mov',
	mp3: 'mp3',
	'ogg-opus': 'ogg',
	'ogg-vorbis': 'ogg',
	wav: 'wav',
	'webm-opus': 'matroska',
};

const INPUT_PIECE_BYTES = 256 * 1024;
const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 32_768;
const DEFAULT_TIME_LIMIT_MS = 120_000;

export interface FfmpegOptions {
	path: string;
	signal?: AbortSignal;
	timeLimitMs?: number;
}

/**
 * Transcoder 1: ffmpeg turns `bytes` into mono samples (-1 to 1) at 16 kHz. It reads standard input
 * only and may open nothing else, runs without a shell, and is killed when the signal aborts, the
 * time is up or the reader stops.
 *
 * @throws CallError AUDIO_UNREADABLE with ffmpeg's last line, CANCELLED
 */
export async function* transcodeToMono16k(
	bytes: Uint8Array,
	format: AudioFormat,
	{ path, signal, timeLimitMs = DEFAULT_TIME_LIMIT_MS }: FfmpegOptions,
): AsyncGenerator<Float32Array> {
	if (signal?.aborted === true) {
		throw conversionCancelled();
	}
	const { default: ffmpeg } = await import('fluent-ffmpeg');
	const output = new PassThrough({ highWaterMark: INPUT_PIECE_BYTES });
	let lastLine = '';
	let stopped: CallError | undefined;
	const input = format === 'm4a' ? moveIndexToFront(bytes) : bytes;
	const command = ffmpeg(Readable.from(pieces(input), { objectMode: false }))
		.setFfmpegPath(path)
		.inputFormat(DEMUXERS[format])
		.inputOptions(['-protocol_whitelist', 'pipe'])
		.noVideo()
		.outputOptions(['-map', '0:a:0', '-sn', '-dn', '-map_metadata', '-1'])
		.audioChannels(1)
		.audioFrequency(SAMPLE_RATE_HZ)
		.audioCodec('pcm_s16le')
		.format('s16le')
		.on('stderr', (line: string) => {
			lastLine = line.trim() === '' ? lastLine : line;
		})
		.on('error', () => {
			output.destroy(stopped ?? unreadable(lastLine));
		})
		// Its output alone does not tell whether ffmpeg came to the end or gave up.
		.on('end', () => output.end());
	const stop = (error: CallError) => {
		stopped = error;
		command.kill('SIGKILL');
		output.destroy(error);
	};
	const cancel = () => stop(conversionCancelled());
	const timer = setTimeout(
		() => stop(new CallError('AUDIO_UNREADABLE', 'The conversion of the audio took too long')),
		timeLimitMs,
	);
	signal?.addEventListener('abort', cancel, { once: true });
	command.pipe(output, { end: false });
	try {
		yield* samplesOf(output);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', cancel);
		output.destroy();
		command.kill('SIGKILL');
	}
}

function* pieces(bytes: Uint8Array): Generator<Buffer> {
	for (let start = 0; start < bytes.length; start += INPUT_PIECE_BYTES) {
		const end = Math.min(bytes.length, start + INPUT_PIECE_BYTES);
		yield Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
	}
}

/** Little-endian 16-bit samples of a stream whose pieces may end within a sample. */
async function* samplesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Float32Array> {
	let rest: Buffer = Buffer.alloc(0);
	for await (const piece of stream) {
		const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
		const count = Math.floor(bytes.length / BYTES_PER_SAMPLE);
		const samples = new Float32Array(count);
		for (let index = 0; index < count; index++) {
			samples[index] = bytes.readInt16LE(index * BYTES_PER_SAMPLE) / FULL_SCALE;
		}
		rest = bytes.subarray(count * BYTES_PER_SAMPLE);
		if (count > 0) {
			yield samples;
		}
	}
}

function unreadable(lastLine: string): CallError {
	const said = printable(lastLine, 160);
	return new CallError(
		'AUDIO_UNREADABLE',
		said === '' ? 'ffmpeg cannot read the audio' : `ffmpeg cannot read the audio: ${said}`,
	);
}
