import { readPackets, readSamples, SPEECH_CLIPS } from '../../audio/mlow/support/vectorFiles';

const FULL_SCALE = 32_768;

/** Speech of the vectors. */
export type MlowClip = (typeof SPEECH_CLIPS)[number];

export const MLOW_CLIPS: readonly MlowClip[] = SPEECH_CLIPS;

/** What a reference encoder made of a clip: payloads of 60 ms. */
export function framesOf(clip: MlowClip): Buffer[] {
	return readPackets(clip).map((packet) => Buffer.from(packet));
}

/** Samples at 16 kHz: what went into that encoder, or what the reference decoder made of its frames. */
export function samplesOf(clip: MlowClip, kind: 'dec' | 'in'): Int16Array {
	return Int16Array.from(readSamples(clip, kind), (sample) => sample * FULL_SCALE);
}
