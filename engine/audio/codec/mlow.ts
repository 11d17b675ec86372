import { MlowDecoder, MlowEncoder } from '../mlow';
import { toSample } from '../recording';
import { FRAME_SAMPLES } from '../types';
import type { CallCodec, FrameDecoder, FrameEncoder } from '../types';

const FULL_SCALE = 32_768;
/** The two highest bits of a first byte: silence descriptor, and speech (MLow chapter 01). */
const KIND_BITS = 0xc0;
const SILENCE_DESCRIPTOR = 0x80;

export interface MlowFrameDecoder extends FrameDecoder {
	/** Packets so far that were no MLow: silence was put in their place. */
	readonly damagedPackets: number;
}

export interface MlowCallCodec extends CallCodec {
	createDecoder(): MlowFrameDecoder;
}

/** MLow, the codec that phones use among themselves: profile D of protocol page 05, section 3. */
export function createMlowCodec(): MlowCallCodec {
	return {
		name: 'mlow',
		mlowCapability: true,
		createEncoder: createMlowFrameEncoder,
		createDecoder: createMlowFrameDecoder,
	};
}

/**
 * Whether the RTP header says that an MLow packet is silence (protocol page 05, section 1): those
 * with a silence descriptor and without speech.
 */
export function isMlowComfortNoise(payload: Uint8Array): boolean {
	return ((payload[0] ?? 0) & KIND_BITS) === SILENCE_DESCRIPTOR;
}

function createMlowFrameEncoder(): FrameEncoder {
	const encoder = new MlowEncoder();
	const samples = new Float32Array(FRAME_SAMPLES);
	let closed = false;
	const assertOpen = () => {
		if (closed) {
			throw new Error('This encoder is closed');
		}
	};
	return {
		encode(pcm) {
			assertOpen();
			if (pcm.length !== FRAME_SAMPLES) {
				throw new RangeError(`A packet holds ${FRAME_SAMPLES} samples, not ${pcm.length}`);
			}
			for (let index = 0; index < FRAME_SAMPLES; index++) {
				samples[index] = pcm[index]! / FULL_SCALE;
			}
			const payload = encoder.encode(samples);
			return { payload, comfortNoise: isMlowComfortNoise(payload) };
		},
		reset() {
			assertOpen();
			encoder.reset();
		},
		close() {
			closed = true;
		},
	};
}

function createMlowFrameDecoder(): MlowFrameDecoder {
	const decoder = new MlowDecoder();
	return {
		get damagedPackets() {
			return decoder.malformedFrames;
		},
		decode: (payload) => toPcm(payload === null ? decoder.conceal() : decoder.decode(payload)),
		close: () => {},
	};
}

/** @param samples -1 to 1; what lies beyond is clipped */
function toPcm(samples: Float32Array): Int16Array {
	const pcm = new Int16Array(samples.length);
	for (let index = 0; index < samples.length; index++) {
		pcm[index] = toSample(samples[index]!);
	}
	return pcm;
}
