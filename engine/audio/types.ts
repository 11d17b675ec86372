/** What a recording can be, told from its bytes. */
export type AudioFormat =
	| 'aac'
	| 'aiff'
	| 'amr'
	| 'flac'
	| 'm4a'
	| 'mp3'
	| 'ogg-opus'
	| 'ogg-vorbis'
	| 'wav'
	| 'webm-opus';

/** Sampling rate of call audio and voice notes. */
export const SAMPLE_RATE_HZ = 16_000;
/** One frame of call audio. */
export const FRAME_MS = 60;
/** Samples of one frame: mono, 16 kHz. */
export const FRAME_SAMPLES = 960;

/** A piece of decoded audio: one array of samples (-1 to 1) for each channel, all of the same length. */
export interface PcmChunk {
	sampleRateHz: number;
	channels: Float32Array[];
}

/** One packet of call audio, exactly 60 ms. */
export interface EncodedFrame {
	payload: Uint8Array;
	/** Silence that the encoder sends as comfort noise (DTX). */
	comfortNoise: boolean;
}

/** A recording as packets, over shared memory: it crosses to other threads without being copied. */
export interface PackedFrames {
	/** All packets, one behind the other. */
	payloads: Uint8Array;
	/** Bytes of each packet. */
	payloadBytes: Uint16Array;
	/** 1 for comfort noise. */
	comfortNoise: Uint8Array;
}

export interface FrameEncoder {
	/** @param pcm 960 samples, mono, 16 kHz */
	encode(pcm: Int16Array): EncodedFrame;
	/** Forgets what came before, as at the start of another recording. */
	reset(): void;
	close(): void;
}

export interface FrameDecoder {
	/**
	 * @param payload a packet, or null for a lost one, which is concealed
	 * @returns samples, mono, 16 kHz; never throws on bytes from the network
	 */
	decode(payload: Uint8Array | null): Int16Array;
	close(): void;
}

/** What the sound of a call is in: MLow, native Opus, or Opus in the framing of MLow. */
export type CallCodecName = 'escape' | 'mlow' | 'opus';

/** A codec that a call can use. */
export interface CallCodec {
	name: CallCodecName;
	/** Whether our capability has the MLow bit (protocol: capability bit 31) when this codec is used. */
	mlowCapability: boolean;
	createEncoder(): FrameEncoder;
	createDecoder(): FrameDecoder;
}
