import { randomInt } from 'node:crypto';

import type { OpusPacket } from '../../audio/codec/opusPacket';
import { SAMPLE_RATE_HZ } from '../../audio/types';
import { OggOpusFile } from '../../audio/voiceNote/oggOpusFile';
import { GRANULE_RATE_HZ } from '../../audio/voiceNote/opusHeaders';
import type { CallCodecName, MediaRecording } from '../messages';
import type { RecordedPacket } from '../recorder';
import { concealment, silence, type Piece } from './fill';
import { PayloadReader, type Content, type Transcoding } from './reader';
import { ReorderWindow } from './reorder';
import { Timeline } from './timeline';

export interface RecorderOptions {
	/** The recording ends there; what comes behind it is not kept. */
	atMostMs: number;
	/** Without it, codecs other than Opus and escape are silent in the recording. */
	transcoding?: Transcoding;
	/** Of the Ogg stream, 0 to 2^32 - 1; random by default. */
	serial?: number;
}

/** As an AudioRecorder, at once. */
export interface CallRecorder {
	push(packet: RecordedPacket): void;
	finish(): MediaRecording | undefined;
	/** Packets so far of a codec for which there is no decoder: silence is in their place. */
	readonly undecodablePackets: number;
	/** Packets so far that were not what their codec allows: they count as lost. */
	readonly damagedPackets: number;
}

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;
const GRANULES_PER_SAMPLE = GRANULE_RATE_HZ / SAMPLE_RATE_HZ;
const GRANULES_PER_MS = GRANULE_RATE_HZ / 1000;
/** By how much libopus delays speech at 16 kHz: a phone's encoder is libopus. */
const PRE_SKIP_SAMPLES = 104;
/** The shortest silence that SILK has is longer than what a decoder holds back. */
const LAST_SAMPLES = 10 * SAMPLES_PER_MS;
/** 128 kbit/s, several times what phones send: bounds the memory that a peer can fill. */
const MAX_BYTES_PER_MS = 16;

/**
 * Records what the recipient of a call says, as an Ogg/Opus file (RFC 7845).
 *
 * Packets of Opus go into the file as they came, without being decoded: nothing is lost, and a
 * packet costs microseconds. Escape packets get their Opus header back (protocol page 05, section
 * 3); MLow, which no player knows, takes the long way over `transcoding`, about a millisecond for a
 * packet. Packets are put in order, and what is missing between their timestamps is made up for
 * three packets, by the decoder of MLow or by the player, from empty frames; beyond, it is silent.
 *
 * finish() has to be called once, whether the recording is wanted or not, to release decoders. It
 * returns undefined when no packet came that could be understood.
 */
export function createRecorder(options: RecorderOptions): CallRecorder {
	return new Recorder(options);
}

class Recorder implements CallRecorder {
	undecodablePackets = 0;
	damagedPackets = 0;
	private readonly window = new ReorderWindow();
	private readonly timeline = new Timeline();
	private readonly reader: PayloadReader;
	private readonly file: OggOpusFile;
	private readonly maxSamples: number;
	private bytesLeft: number;
	/** Whether there was a packet that could be understood, be it of silence. */
	private understood = false;
	/** The last packet in the file that was not put there to fill a gap. */
	private lastSound: OpusPacket | undefined;
	/** The codec that it came in. */
	private lastCodec: CallCodecName | undefined;
	/** Up to which sample the last packet was silence of its own accord; not written yet. */
	private silentUntil: number | undefined;
	private finished = false;

	constructor({ atMostMs, transcoding, serial = randomInt(2 ** 32) }: RecorderOptions) {
		this.maxSamples = Math.round(atMostMs * SAMPLES_PER_MS);
		this.bytesLeft = atMostMs * MAX_BYTES_PER_MS;
		this.reader = new PayloadReader(transcoding);
		this.file = new OggOpusFile({
			serial,
			preSkip: PRE_SKIP_SAMPLES * GRANULES_PER_SAMPLE,
			inputSampleRateHz: SAMPLE_RATE_HZ,
		});
	}

	push(packet: RecordedPacket): void {
		if (!this.full) {
			// A copy: the caller may use its buffer again. slice() of a Buffer would be a view.
			this.record(this.window.push({ ...packet, payload: Uint8Array.from(packet.payload) }));
		}
	}

	finish(): MediaRecording | undefined {
		if (this.finished) {
			return undefined;
		}
		this.record(this.window.flush());
		this.finished = true;
		this.reader.close();
		this.fill((this.silentUntil ?? 0) - this.recorded);
		if (!this.understood || this.recorded === 0) {
			return undefined;
		}
		const samples = Math.min(this.recorded, this.maxSamples);
		const end = samples + PRE_SKIP_SAMPLES;
		if (this.recorded < end) {
			// What a decoder holds back comes out with the next packet.
			this.addAll(silence(this.lastSound?.toc, LAST_SAMPLES));
		}
		return {
			ogg: this.file.finish(end * GRANULES_PER_SAMPLE),
			durationMs: Math.round(samples / SAMPLES_PER_MS),
		};
	}

	private get recorded(): number {
		return this.file.granules / GRANULES_PER_SAMPLE;
	}

	private get full(): boolean {
		return this.finished || this.recorded >= this.maxSamples || this.bytesLeft <= 0;
	}

	private record(packets: readonly RecordedPacket[]): void {
		for (const packet of packets) {
			if (this.full) {
				return;
			}
			this.place(packet, this.reader.read(packet));
		}
	}

	private place(packet: RecordedPacket, content: Content): void {
		if (content.kind === 'damaged') {
			this.damagedPackets++;
			return;
		}
		this.fill(this.timeline.gapBefore(packet, this.recorded));
		if (content.kind === 'sound') {
			this.understood = true;
			this.silentUntil = undefined;
			this.lastSound = content.parsed;
			this.lastCodec = packet.codec;
			this.bytesLeft -= content.packet.length;
			this.file.add(content.packet, content.parsed.durationMs * GRANULES_PER_MS);
			return;
		}
		if (content.kind === 'undecodable') {
			this.undecodablePackets++;
		} else {
			this.understood = true;
		}
		// Written when it is known how long it was: what comes next says so.
		this.silentUntil = this.recorded + content.samples;
	}

	/** @param samples below 0 for none; a rest too short for a packet is left to the next gap */
	private fill(samples: number): void {
		const end = Math.min(this.recorded + samples, this.maxSamples);
		if (this.lastSound !== undefined && this.silentUntil === undefined) {
			const missing = end - this.recorded;
			const made = this.lastCodec && this.reader.conceal(this.lastCodec, missing);
			this.addAll(made ?? concealment(this.lastSound, missing));
		}
		this.addAll(silence(this.lastSound?.toc, end - this.recorded));
	}

	private addAll(pieces: Iterable<Piece>): void {
		for (const { packet, samples } of pieces) {
			this.file.add(packet, samples * GRANULES_PER_SAMPLE);
		}
	}
}
