import { isSharedArrayBuffer } from 'node:util/types';
import type { EncodedFrame, PackedFrames } from '../audio/types';
import type { CallCodecName } from './messages';

/**
 * A frame of silence (protocol page 05, section 3): of Opus the packet that its encoder gives for
 * lasting silence, a header without sound (RFC 6716 section 3.2.1); else MLow's comfort noise.
 */
export function silenceOf(codec: CallCodecName): EncodedFrame {
	return { payload: Uint8Array.of(codec === 'opus' ? 0x58 : 0x90), comfortNoise: true };
}

const shared = new WeakMap<PackedFrames, PackedFrames>();

/**
 * The same frames over memory that threads share, so that a recording is there once however many
 * calls play it. Frames that are shared already are returned as they are, and others are copied
 * once.
 */
export function shareFrames(frames: PackedFrames): PackedFrames {
	const { payloads, payloadBytes, comfortNoise } = frames;
	if ([payloads, payloadBytes, comfortNoise].every(({ buffer }) => isSharedArrayBuffer(buffer))) {
		return frames;
	}
	const known = shared.get(frames);
	if (known !== undefined) {
		return known;
	}
	const copy: PackedFrames = {
		payloads: new Uint8Array(new SharedArrayBuffer(payloads.byteLength)),
		payloadBytes: new Uint16Array(new SharedArrayBuffer(payloadBytes.byteLength)),
		comfortNoise: new Uint8Array(new SharedArrayBuffer(comfortNoise.byteLength)),
	};
	copy.payloads.set(payloads);
	copy.payloadBytes.set(payloadBytes);
	copy.comfortNoise.set(comfortNoise);
	shared.set(frames, copy);
	return copy;
}
