import { randomBytes } from 'node:crypto';
import type * as Libopus from 'libopus-wasm' with { 'resolution-mode': 'import' };

export type OpusDecoder = Libopus.OpusDecoderHandle;
export type Encoder = Pick<Libopus.OpusEncoderHandle, 'encode' | 'free'>;

/** What a phone hears: plain Opus, or Opus dressed up for an MLow decoder (page 05 section 3). */
export type HeardCodec = 'opus' | 'escape';
/** What it speaks. Its MLow only looks like it: nobody can decode it. */
export type SpokenCodec = HeardCodec | 'mlow';

export const SAMPLE_RATE_HZ = 16_000;
/** Of one packet: 60 ms. */
export const FRAME_SAMPLES = 960;
export const FRAME_MS = 60;
/** How 60 ms of MLow begin (page 05 section 3): speech, and background noise; and their usual size. */
const MLOW_SPEECH = 0x50;
const MLOW_NOISE = 0x10;
const MLOW_BYTES = 50;

/** A decoder of calls: 16 kHz, mono. */
export async function makeDecoder(): Promise<OpusDecoder> {
	const { createDecoder } = await import('libopus-wasm');
	return createDecoder({ sampleRate: SAMPLE_RATE_HZ, channels: 1 });
}

/** An encoder of calls, set as page 05 section 3 says. */
export async function makeEncoder(codec: SpokenCodec): Promise<Encoder> {
	if (codec === 'mlow') return { encode: pretendMlow, free: () => undefined };
	const { Application, Bandwidth, createEncoder } = await import('libopus-wasm');
	const common = {
		sampleRate: SAMPLE_RATE_HZ,
		channels: 1,
		frameSize: FRAME_SAMPLES,
		bitrate: 24_000,
		complexity: 5,
	} as const;
	return codec === 'opus'
		? createEncoder({ ...common, application: Application.Voip, dtx: true })
		: createEncoder({
				...common,
				application: Application.RestrictedLowDelay,
				maxBandwidth: Bandwidth.Wideband,
			});
}

function pretendMlow(pcm: Int16Array): Buffer {
	const first = pcm.some((sample) => sample !== 0) ? MLOW_SPEECH : MLOW_NOISE;
	return Buffer.concat([Buffer.from([first]), randomBytes(MLOW_BYTES - 1)]);
}
