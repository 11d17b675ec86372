import type * as Libopus from 'libopus-wasm' with { 'resolution-mode': 'import' };
import { makeMlowEncoder } from './mlow';

export type OpusDecoder = Libopus.OpusDecoderHandle;
export type Encoder = Pick<Libopus.OpusEncoderHandle, 'encode' | 'free'>;

/** What goes over the line: plain Opus, Opus dressed up for an MLow decoder, or MLow (page 05 section 3). */
export type SoundCodec = 'opus' | 'escape' | 'mlow';

export const SAMPLE_RATE_HZ = 16_000;
/** Of one packet: 60 ms. */
export const FRAME_SAMPLES = 960;
export const FRAME_MS = 60;

/** A decoder of calls: 16 kHz, mono. */
export async function makeDecoder(): Promise<OpusDecoder> {
	const { createDecoder } = await import('libopus-wasm');
	return createDecoder({ sampleRate: SAMPLE_RATE_HZ, channels: 1 });
}

/** An encoder of calls, set as page 05 section 3 says. */
export async function makeEncoder(codec: SoundCodec): Promise<Encoder> {
	if (codec === 'mlow') {
		return { encode: makeMlowEncoder(), free: () => undefined };
	}
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
