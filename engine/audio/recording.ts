import { CallError } from '../../common/errors';
import { LoudnessMeter } from './loudness';
import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from './types';

/** Decoders may overshoot full scale: stored with 6 dB of room, so that nothing clips before the gain. */
const STORED_FULL_SCALE = 16_384;
const FULL_SCALE = 32_768;
const SECONDS_PER_MINUTE = 60;
/** Encoders fill up their last frames: a recording of ten minutes may decode to a little more. */
const LENGTH_TOLERANCE_SECONDS = 0.5;

/** Below this a recording holds nothing that anybody could hear: -78 dBFS. */
const SILENCE_LEVEL = 4 / FULL_SCALE;
/** What counts as silence at the start and the end: -50 dBFS, measured over 20 ms after the gain. */
const TRIM_LEVEL = 10 ** (-50 / 20);
const TRIM_WINDOW_SAMPLES = SAMPLE_RATE_HZ / 50;
/** Left before the first and after the last sound. */
const TRIM_MARGIN_SAMPLES = SAMPLE_RATE_HZ / 10;

export interface RecordingOptions {
	/** Bring quiet recordings up and loud ones down (EBU R128), without clipping. */
	normaliseLoudness: boolean;
	/** Cut silence off the start and the end. */
	trimSilence: boolean;
	maximumSeconds: number;
}

/** A finished recording. */
export interface RecordedAudio {
	/** Mono, 16 kHz, followed by silence up to a whole number of frames. */
	frames: Int16Array;
	/** Of `frames`, those that belong to the recording. */
	sampleCount: number;
}

/**
 * Collects a recording as it is decoded, in two bytes a sample, and gives it with its gain.
 *
 * The memory for the longest recording is reserved at once and in one piece: the system gives it
 * page by page as it is written to, and a long recording is never copied.
 *
 * @throws CallError AUDIO_TOO_LONG as soon as it is, AUDIO_UNREADABLE when there is nothing to hear
 */
export class Recording {
	private readonly samples: Int16Array;
	private readonly mostSamples: number;
	private readonly meter = new LoudnessMeter();
	private sampleCount = 0;

	constructor(private readonly options: RecordingOptions) {
		this.mostSamples = Math.floor(
			(options.maximumSeconds + LENGTH_TOLERANCE_SECONDS) * SAMPLE_RATE_HZ,
		);
		this.samples = new Int16Array(wholeFrames(this.mostSamples));
	}

	/** @param samples -1 to 1, mono, 16 kHz */
	push(samples: Float32Array): void {
		if (this.sampleCount + samples.length > this.mostSamples) {
			throw tooLong(this.options.maximumSeconds);
		}
		this.meter.push(samples);
		for (let index = 0; index < samples.length; index++) {
			this.samples[this.sampleCount + index] = saturate(
				(samples[index] as number) * STORED_FULL_SCALE,
			);
		}
		this.sampleCount += samples.length;
	}

	/** The whole recording. Only once: it gives what was collected out of its hands. */
	finish(): RecordedAudio {
		if (this.sampleCount === 0) {
			throw new CallError('AUDIO_UNREADABLE', 'The file holds no sound');
		}
		if (this.meter.peakLevel < SILENCE_LEVEL) {
			throw new CallError('AUDIO_UNREADABLE', 'The recording holds nothing but silence');
		}
		const gain =
			(this.options.normaliseLoudness ? this.meter.gain() : 1) * (FULL_SCALE / STORED_FULL_SCALE);
		for (let index = 0; index < this.sampleCount; index++) {
			this.samples[index] = saturate((this.samples[index] as number) * gain);
		}
		const [start, end] = this.options.trimSilence
			? soundingPart(this.samples.subarray(0, this.sampleCount))
			: [0, this.sampleCount];
		this.samples.copyWithin(0, start, end);
		this.samples.fill(0, end - start, this.sampleCount);
		const used = wholeFrames(end - start);
		// A short recording gets a piece of its own size; a long one keeps what it has.
		const frames =
			used * 2 < this.samples.length ? this.samples.slice(0, used) : this.samples.subarray(0, used);
		return { frames, sampleCount: end - start };
	}
}

function wholeFrames(sampleCount: number): number {
	return Math.ceil(sampleCount / FRAME_SAMPLES) * FRAME_SAMPLES;
}

/** The 16-bit sample of a value from -1 to 1. */
export function toSample(value: number): number {
	return saturate(value * FULL_SCALE);
}

function saturate(value: number): number {
	if (value >= FULL_SCALE - 1) {
		return FULL_SCALE - 1;
	}
	// Truncating a positive number rounds; three times faster than Math.round, and this runs for every sample.
	return value <= -FULL_SCALE ? -FULL_SCALE : ((value + FULL_SCALE + 0.5) | 0) - FULL_SCALE;
}

/** Where the part from the first to the last sound begins and ends, with a short margin. */
function soundingPart(samples: Int16Array): [start: number, end: number] {
	const windows = Math.ceil(samples.length / TRIM_WINDOW_SAMPLES);
	let first = 0;
	while (first < windows && !sounds(samples, first)) {
		first += 1;
	}
	let last = windows - 1;
	while (last > first && !sounds(samples, last)) {
		last -= 1;
	}
	return first === windows
		? [0, samples.length]
		: [
				Math.max(0, first * TRIM_WINDOW_SAMPLES - TRIM_MARGIN_SAMPLES),
				Math.min(samples.length, (last + 1) * TRIM_WINDOW_SAMPLES + TRIM_MARGIN_SAMPLES),
			];
}

function sounds(samples: Int16Array, window: number): boolean {
	const start = window * TRIM_WINDOW_SAMPLES;
	const end = Math.min(samples.length, start + TRIM_WINDOW_SAMPLES);
	let energy = 0;
	for (let index = start; index < end; index++) {
		const sample = (samples[index] as number) / FULL_SCALE;
		energy += sample * sample;
	}
	return Math.sqrt(energy / (end - start)) > TRIM_LEVEL;
}

function tooLong(maximumSeconds: number): CallError {
	const limit =
		maximumSeconds % SECONDS_PER_MINUTE === 0
			? `${maximumSeconds / SECONDS_PER_MINUTE} minutes`
			: `${maximumSeconds} seconds`;
	return new CallError('AUDIO_TOO_LONG', `The recording is longer than ${limit}`);
}
