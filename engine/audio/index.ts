import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { conversionCancelled } from './cancelled';
import { findFfmpeg, systemPlaces, type FfmpegPlaces } from './ffmpeg/findFfmpeg';
import type { AudioJob, CallResult, JobResult, Transcoder } from './job';
import { readSource, type AudioInput, type SourceOptions } from './source/readSource';
import { requireFormat } from './source/sniff';
import type { AudioFormat, CallCodecName, EncodedFrame, PackedFrames } from './types';
import { isWhatsAppVoiceNote } from './voiceNote/inspect';
import { AudioThread } from './worker/audioThread';

export type { AudioInput, SourceOptions, Transcoder };
export * from './types';

/** Longest recording by default: 10 minutes. */
export const DEFAULT_MAXIMUM_SECONDS = 600;
const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

export interface AudioEngineOptions {
	/** Where ffmpeg is looked for; `none` for the WebAssembly decoders in any case. */
	ffmpeg?: FfmpegPlaces | 'none';
	/** Memory for converted recordings, in bytes; 64 MB by default, 0 for none. */
	cacheBytes?: number;
}

export interface ConversionOptions extends SourceOptions {
	/** Bring quiet recordings up and loud ones down (EBU R128, -18 LUFS); on by default. */
	normaliseLoudness?: boolean;
	/** Cut silence off the start and the end; off by default. */
	trimSilence?: boolean;
	/** Longest recording in seconds; 600 by default. */
	maximumSeconds?: number;
}

export interface CallAudio {
	/** 16-bit samples, mono, 16 kHz: whole frames of 960, the last one filled up with silence. */
	pcm: Int16Array;
	/** One packet for each 60 ms. */
	frames: readonly EncodedFrame[];
	/** The same packets as other threads take them. */
	packed: PackedFrames;
	/** With MLow: the same recording in native Opus, for an app that does not speak MLow. */
	packedOpus?: PackedFrames;
	codec: CallCodecName;
	/** Of the recording, in seconds. */
	durationSeconds: number;
	format: AudioFormat;
	transcoder: Transcoder;
}

export interface VoiceNoteAudio {
	/** An OGG/Opus file as WhatsApp records them. */
	ogg: Uint8Array;
	durationSeconds: number;
	/** 64 bytes, 0 to 100. */
	waveform: Uint8Array;
	/** `none`: the file had the right form and passed through untouched. */
	transcoder: Transcoder | 'none';
}

/**
 * Turns what a user has into what WhatsApp needs. Heavy work is done in a worker thread; what has
 * been converted is kept by content and settings, so that a hundred calls encode once.
 */
export class AudioEngine {
	private readonly thread = new AudioThread();
	private readonly cache: LRUCache<string, JobResult> | undefined;
	/** Conversions under way, so that two calls with one recording wait for the same one. */
	private readonly underWay = new Map<string, Conversion>();
	private ffmpegPath: Promise<string | undefined> | undefined;

	constructor(private readonly options: AudioEngineOptions = {}) {
		const maxSize = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
		this.cache = maxSize > 0 ? new LRUCache({ maxSize, sizeCalculation: sizeOf }) : undefined;
	}

	/**
	 * The frames of a call.
	 *
	 * @throws CallError with one of the AUDIO_ codes, or CANCELLED
	 */
	async prepareCall(
		input: AudioInput,
		codec: CallCodecName,
		options: ConversionOptions = {},
	): Promise<CallAudio> {
		const { bytes } = await readSource(input, options);
		const format = requireFormat(bytes);
		const job = await this.job(bytes, format, options);
		const result = await this.convert({ ...job, kind: 'call', codec }, options.signal);
		return {
			pcm: result.pcm,
			frames: framesOf(result),
			packed: packedOf(result),
			...(result.opus !== undefined && { packedOpus: result.opus }),
			codec,
			durationSeconds: result.durationSeconds,
			format,
			transcoder: result.transcoder,
		};
	}

	/**
	 * A voice note. A file that has WhatsApp's own form passes through untouched.
	 *
	 * @throws CallError with one of the AUDIO_ codes, or CANCELLED
	 */
	async prepareVoiceNote(
		input: AudioInput,
		options: ConversionOptions = {},
	): Promise<VoiceNoteAudio> {
		const { bytes } = await readSource(input, options);
		const format = requireFormat(bytes);
		const job = await this.job(bytes, format, options);
		const original = format === 'ogg-opus' ? isWhatsAppVoiceNote(bytes) : undefined;
		if (original !== undefined && original.durationSeconds <= job.maximumSeconds) {
			const { waveform } = await this.convert({ ...job, kind: 'waveform' }, options.signal);
			return {
				ogg: bytes,
				durationSeconds: original.durationSeconds,
				waveform,
				transcoder: 'none',
			};
		}
		const result = await this.convert({ ...job, kind: 'voiceNote' }, options.signal);
		const { ogg, durationSeconds, waveform, transcoder } = result;
		return { ogg, durationSeconds, waveform, transcoder };
	}

	/** Ends the worker thread and forgets what was converted. Twice is fine. */
	async close(): Promise<void> {
		this.cache?.clear();
		await this.thread.close();
	}

	private async job(bytes: Uint8Array, format: AudioFormat, options: ConversionOptions) {
		const ffmpegPath = await this.findFfmpeg();
		return {
			bytes,
			format,
			...(ffmpegPath !== undefined && { ffmpegPath }),
			normaliseLoudness: options.normaliseLoudness ?? true,
			trimSilence: options.trimSilence ?? false,
			maximumSeconds: maximumSeconds(options),
		};
	}

	private async findFfmpeg(): Promise<string | undefined> {
		const { ffmpeg = systemPlaces(process.env) } = this.options;
		return ffmpeg === 'none' ? undefined : await (this.ffmpegPath ??= findFfmpeg(ffmpeg));
	}

	private async convert<Kind extends AudioJob['kind']>(
		job: AudioJob & { kind: Kind },
		signal: AbortSignal | undefined,
	): Promise<JobResult & { kind: Kind }> {
		// The thread answers a job with a result of its kind.
		return (await this.convertOnce(job, signal)) as JobResult & { kind: Kind };
	}

	private async convertOnce(job: AudioJob, signal: AbortSignal | undefined): Promise<JobResult> {
		const key = keyOf(job);
		const cached = this.cache?.get(key);
		if (cached !== undefined) {
			return cached;
		}
		const conversion = this.underWay.get(key) ?? this.begin(key, job);
		conversion.waiting += 1;
		try {
			return await unlessAborted(conversion.result, signal);
		} finally {
			conversion.waiting -= 1;
			if (conversion.waiting === 0) {
				this.underWay.delete(key);
				conversion.stop.abort();
			}
		}
	}

	private begin(key: string, job: AudioJob): Conversion {
		const stop = new AbortController();
		const result = this.thread.run(job, stop.signal);
		const conversion: Conversion = { result, stop, waiting: 0 };
		this.underWay.set(key, conversion);
		// Whoever waits sees the error; this branch only keeps what succeeded.
		result.then(
			(converted) => this.cache?.set(key, converted),
			() => undefined,
		);
		return conversion;
	}
}

/** A conversion under way. It ends when nobody waits for it any more. */
interface Conversion {
	result: Promise<JobResult>;
	stop: AbortController;
	waiting: number;
}

async function unlessAborted<Result>(
	promise: Promise<Result>,
	signal: AbortSignal | undefined,
): Promise<Result> {
	if (signal === undefined) {
		return await promise;
	}
	let stop = () => {};
	const aborted = new Promise<never>((_resolve, reject) => {
		stop = () => reject(conversionCancelled());
		signal.addEventListener('abort', stop, { once: true });
		if (signal.aborted) {
			stop();
		}
	});
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

/** Content and settings: the file itself as its hash, not as its name. */
function keyOf({ bytes, ...settings }: AudioJob): string {
	const hash = createHash('sha256').update(bytes).digest('base64');
	return `${hash} ${JSON.stringify(settings)}`;
}

/** Bytes that a result takes in memory. */
function sizeOf(result: JobResult): number {
	switch (result.kind) {
		case 'call':
			return (
				result.pcm.byteLength +
				bytesOf(result) +
				(result.opus === undefined ? 0 : bytesOf(result.opus))
			);
		case 'voiceNote':
			return result.ogg.byteLength + result.waveform.byteLength;
		case 'waveform':
			return result.waveform.byteLength;
	}
}

function bytesOf({ payloads, payloadBytes, comfortNoise }: PackedFrames): number {
	return payloads.byteLength + payloadBytes.byteLength + comfortNoise.byteLength;
}

function packedOf({ payloads, payloadBytes, comfortNoise }: CallResult): PackedFrames {
	return { payloads, payloadBytes, comfortNoise };
}

function framesOf({ payloads, payloadBytes, comfortNoise }: CallResult): EncodedFrame[] {
	let at = 0;
	return Array.from(payloadBytes, (byteLength, index) => {
		const payload = payloads.subarray(at, at + byteLength);
		at += byteLength;
		return { payload, comfortNoise: comfortNoise[index] === 1 };
	});
}

function maximumSeconds({ maximumSeconds: given }: ConversionOptions): number {
	return given ?? DEFAULT_MAXIMUM_SECONDS;
}
