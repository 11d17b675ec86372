import { randomInt } from 'node:crypto';

import { CallError } from '../../../common/errors';
import type { OpusEncoder } from '../codec/opusHandles';
import type { OpusLibrary } from '../codec/opusLibrary';
import { MAX_FRAME_BYTES, repacketise } from '../codec/opusPacket';
import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../types';
import { OggOpusFile } from './oggOpusFile';
import { GRANULE_RATE_HZ } from './opusHeaders';
import { WaveformMeter } from './waveform';

export interface VoiceNote {
	/** An Ogg/Opus file as WhatsApp records them (protocol page 09, voice notes). */
	bytes: Uint8Array;
	/** Exact to the sample. */
	durationSeconds: number;
	/** 64 bars, 0 to 100. */
	waveform: Uint8Array;
}

export interface VoiceNoteOptions {
	/** Of the Ogg stream, 0 to 2^32 - 1; random by default. */
	serial?: number;
}

/** WhatsApp's packets: three frames of 20 ms. */
const SAMPLES_PER_FRAME = 320;
const FRAMES_PER_PACKET = 3;
const GRANULES_PER_SAMPLE = GRANULE_RATE_HZ / SAMPLE_RATE_HZ;

/**
 * Beyond 32 kbit/s wideband SILK gains nothing that can be heard. DTX stays off: a file saves
 * little by it, and the pauses of a recording keep their sound.
 */
const BIT_RATE = 32_000;
const COMPLEXITY = 5;

/**
 * Encodes a recording as a voice note: three 20 ms frames of wideband SILK in each packet, packed
 * by Opus code 3, which iPhones insist on (protocol page 09).
 *
 * The end of the last packet is filled with silence that players cut off again (RFC 7845 section
 * 4.4). Nothing but the encoded bytes is kept in memory.
 *
 * @param pcm mono, 16 kHz, in pieces of any size
 * @throws CallError AUDIO_UNREADABLE when there is not a single sample; what `pcm` throws
 */
export async function encodeVoiceNote(
	library: OpusLibrary,
	pcm: AsyncIterable<Int16Array> | Iterable<Int16Array>,
	{ serial = randomInt(2 ** 32) }: VoiceNoteOptions = {},
): Promise<VoiceNote> {
	const encoder = library.createEncoder({
		application: 'voip',
		sampleRateHz: SAMPLE_RATE_HZ,
		samplesPerPacket: SAMPLES_PER_FRAME,
		bitRate: BIT_RATE,
		complexity: COMPLEXITY,
		dtx: false,
		maxPacketBytes: MAX_FRAME_BYTES,
	});
	try {
		const file = new VoiceNoteFile(encoder, serial);
		const waveform = new WaveformMeter();
		for await (const piece of pcm) {
			waveform.add(piece);
			file.add(piece);
		}
		const samples = file.samples;
		if (samples === 0) {
			throw new CallError('AUDIO_UNREADABLE', 'The recording holds no sound at all');
		}
		return {
			bytes: file.finish(),
			durationSeconds: samples / SAMPLE_RATE_HZ,
			waveform: waveform.bars(),
		};
	} finally {
		encoder.close();
	}
}

class VoiceNoteFile {
	/** Added so far. */
	samples = 0;
	private readonly ogg: OggOpusFile;
	private readonly frame = new Int16Array(SAMPLES_PER_FRAME);
	private samplesInFrame = 0;
	private frames: Uint8Array[] = [];

	constructor(
		private readonly encoder: OpusEncoder,
		serial: number,
	) {
		this.ogg = new OggOpusFile({
			serial,
			preSkip: encoder.lookaheadSamples * GRANULES_PER_SAMPLE,
			inputSampleRateHz: SAMPLE_RATE_HZ,
		});
	}

	add(pcm: Int16Array): void {
		this.samples += pcm.length;
		this.fill(pcm);
	}

	finish(): Uint8Array {
		const needed = this.samples + this.encoder.lookaheadSamples;
		const packets = Math.ceil(needed / FRAME_SAMPLES);
		this.fill(new Int16Array(packets * FRAME_SAMPLES - this.samples));
		return this.ogg.finish(needed * GRANULES_PER_SAMPLE);
	}

	private fill(pcm: Int16Array): void {
		let position = 0;
		while (position < pcm.length) {
			const end = position + SAMPLES_PER_FRAME - this.samplesInFrame;
			const piece = pcm.subarray(position, end);
			this.frame.set(piece, this.samplesInFrame);
			this.samplesInFrame += piece.length;
			position += piece.length;
			if (this.samplesInFrame === SAMPLES_PER_FRAME) {
				this.samplesInFrame = 0;
				this.addFrame(this.encoder.encode(this.frame));
			}
		}
	}

	private addFrame(frame: Uint8Array): void {
		this.frames.push(frame);
		if (this.frames.length < FRAMES_PER_PACKET) {
			return;
		}
		this.ogg.add(repacketise(this.frames), FRAME_SAMPLES * GRANULES_PER_SAMPLE);
		this.frames = [];
	}
}
