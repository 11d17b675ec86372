import { setImmediate } from 'node:timers/promises';
import { conversionCancelled } from './cancelled';
import type { OpusLibrary } from './codec/opusLibrary';
import { createEscapeCodec } from './codec/escape';
import { createMlowCodec } from './codec/mlow';
import { loadOpusLibrary } from './codec/opusLibrary';
import { createOpusCodec } from './codec/opus';
import { decodeToMono16k } from './decode';
import { transcodeToMono16k } from './ffmpeg/transcode';
import { Recording, toSample, type RecordedAudio, type RecordingOptions } from './recording';
import {
	FRAME_SAMPLES,
	SAMPLE_RATE_HZ,
	type AudioFormat,
	type CallCodec,
	type CallCodecName,
	type EncodedFrame,
	type PackedFrames,
} from './types';
import { encodeVoiceNote } from './voiceNote/encodeVoiceNote';
import { WaveformMeter } from './voiceNote/waveform';

/** Which of the two ways turned the file into samples. */
export type Transcoder = 'ffmpeg' | 'wasm';

interface Job extends RecordingOptions {
	bytes: Uint8Array;
	format: AudioFormat;
	/** The ffmpeg to use; without one, WebAssembly decoders. */
	ffmpegPath?: string;
}

/** Plain data: what crosses to the worker thread. */
export type AudioJob =
	| (Job & { kind: 'call'; codec: CallCodecName })
	| (Job & { kind: 'voiceNote' })
	| (Job & { kind: 'waveform' });

export interface CallResult extends PackedFrames {
	kind: 'call';
	/** Whole frames of 960 samples: the last one is filled up with silence. */
	pcm: Int16Array;
	/** Of the recording, before it was filled up. */
	durationSeconds: number;
	transcoder: Transcoder;
	/** With MLow: the same in native Opus, for an app that does not speak MLow. */
	opus?: PackedFrames;
}

export interface VoiceNoteResult {
	kind: 'voiceNote';
	ogg: Uint8Array;
	durationSeconds: number;
	/** 64 bytes, 0 to 100. */
	waveform: Uint8Array;
	transcoder: Transcoder;
}

/** Of a voice note that is sent as it came. */
export interface WaveformResult {
	kind: 'waveform';
	/** 64 bytes, 0 to 100. */
	waveform: Uint8Array;
}

export type JobResult = CallResult | VoiceNoteResult | WaveformResult;

/** How long the thread works without looking for messages. */
const BREATH_MS = 50;
/** So much goes into an encoder at a time, before the thread may look for messages: 0.96 s. */
const PIECE_FRAMES = 16;

/** Does the heavy work, in whichever thread it is called: in a worker, except in tests. */
export class AudioWorkshop {
	private library: Promise<OpusLibrary> | undefined;

	/**
	 * @throws CallError AUDIO_UNREADABLE, AUDIO_FORMAT, AUDIO_TOO_LONG, CANCELLED
	 */
	async run(job: AudioJob, signal: AbortSignal): Promise<JobResult> {
		const library = await (this.library ??= loadOpusLibrary());
		const pieces = interruptible(decoded(job, library, signal), signal);
		if (job.kind === 'waveform') {
			return { kind: 'waveform', waveform: await waveformOf(pieces) };
		}
		const transcoder: Transcoder = job.ffmpegPath === undefined ? 'wasm' : 'ffmpeg';
		const recorded = await record(pieces, job);
		if (job.kind === 'call') {
			const call = await encodeCall(recorded, codecOf(job.codec, library), signal);
			if (job.codec !== 'mlow') {
				return { ...call, transcoder };
			}
			const opus = await encodeFrames(recorded.frames, createOpusCodec(library), signal);
			return { ...call, transcoder, opus };
		}
		const { bytes, ...note } = await encodeVoiceNote(
			library,
			interruptible(
				piecesOf(recorded.frames.subarray(0, recorded.sampleCount), PIECE_FRAMES * FRAME_SAMPLES),
				signal,
			),
		);
		return { kind: 'voiceNote', ogg: bytes, ...note, transcoder };
	}
}

function decoded(
	{ bytes, format, ffmpegPath }: AudioJob,
	opusLibrary: OpusLibrary,
	signal: AbortSignal,
): AsyncIterable<Float32Array> {
	return ffmpegPath === undefined
		? decodeToMono16k(bytes, format, { signal, opusLibrary })
		: transcodeToMono16k(bytes, format, { path: ffmpegPath, signal });
}

/**
 * The same pieces, with a breath now and then in which a cancellation can come in by message.
 *
 * @throws CallError CANCELLED
 */
async function* interruptible<Piece>(
	pieces: AsyncIterable<Piece> | Iterable<Piece>,
	signal: AbortSignal,
): AsyncGenerator<Piece> {
	let lastBreath = performance.now();
	for await (const piece of pieces) {
		yield piece;
		if (performance.now() - lastBreath > BREATH_MS) {
			await setImmediate();
			lastBreath = performance.now();
		}
		if (signal.aborted) {
			throw conversionCancelled();
		}
	}
}

async function record(
	pieces: AsyncIterable<Float32Array>,
	options: RecordingOptions,
): Promise<RecordedAudio> {
	const recording = new Recording(options);
	for await (const samples of pieces) {
		recording.push(samples);
	}
	return recording.finish();
}

async function waveformOf(pieces: AsyncIterable<Float32Array>): Promise<Uint8Array> {
	const meter = new WaveformMeter();
	for await (const samples of pieces) {
		meter.add(Int16Array.from(samples, toSample));
	}
	return meter.bars();
}

function codecOf(name: CallCodecName, library: OpusLibrary): CallCodec {
	switch (name) {
		case 'escape':
			return createEscapeCodec(library);
		case 'mlow':
			return createMlowCodec();
		case 'opus':
			return createOpusCodec(library);
	}
}

async function encodeCall(
	{ frames: pcm, sampleCount }: RecordedAudio,
	codec: CallCodec,
	signal: AbortSignal,
): Promise<Omit<CallResult, 'opus' | 'transcoder'>> {
	const frames = await encodeFrames(pcm, codec, signal);
	return { kind: 'call', pcm, ...frames, durationSeconds: sampleCount / SAMPLE_RATE_HZ };
}

async function encodeFrames(
	pcm: Int16Array,
	codec: CallCodec,
	signal: AbortSignal,
): Promise<PackedFrames> {
	const encoder = codec.createEncoder();
	try {
		const frames: EncodedFrame[] = [];
		for await (const piece of interruptible(piecesOf(pcm, PIECE_FRAMES * FRAME_SAMPLES), signal)) {
			for (let start = 0; start < piece.length; start += FRAME_SAMPLES) {
				frames.push(encoder.encode(piece.subarray(start, start + FRAME_SAMPLES)));
			}
		}
		return packed(frames);
	} finally {
		encoder.close();
	}
}

/** Ten thousand small arrays as three that all threads share: a recording may be played by many calls. */
function packed(frames: EncodedFrame[]): PackedFrames {
	const bytes = frames.reduce((sum, { payload }) => sum + payload.length, 0);
	const payloads = new Uint8Array(new SharedArrayBuffer(bytes));
	const payloadBytes = new Uint16Array(new SharedArrayBuffer(2 * frames.length));
	const comfortNoise = new Uint8Array(new SharedArrayBuffer(frames.length));
	let at = 0;
	frames.forEach((frame, index) => {
		payloads.set(frame.payload, at);
		payloadBytes[index] = frame.payload.length;
		comfortNoise[index] = frame.comfortNoise ? 1 : 0;
		at += frame.payload.length;
	});
	return { payloads, payloadBytes, comfortNoise };
}

function* piecesOf(samples: Int16Array, pieceSamples: number): Generator<Int16Array> {
	for (let start = 0; start < samples.length; start += pieceSamples) {
		yield samples.subarray(start, start + pieceSamples);
	}
}
