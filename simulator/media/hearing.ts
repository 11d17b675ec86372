import type { HeardPacket } from './ear';
import { FRAME_SAMPLES, makeDecoder, type OpusDecoder } from './opus';
import { fromEscape, isComfortNoise } from './opusPacket';

/** Packets that a decoder makes up; what is missing beyond them is silence (page 05 section 4). */
const CONCEALED = 3;

/**
 * Decodes what was heard, in the order of its sequence numbers, with one decoder from the start.
 * Missing packets are concealed, and comfort noise is silence.
 * @returns samples at 16 kHz
 */
export async function decodeHeard(packets: readonly HeardPacket[]): Promise<Int16Array> {
	const decoder = await makeDecoder();
	const parts: Int16Array[] = [];
	let before: number | undefined;
	try {
		for (const { timestamp, payload } of [...packets].sort((a, b) => a.index - b.index)) {
			const step = before === undefined ? FRAME_SAMPLES : (timestamp - before) >>> 0;
			before = timestamp;
			parts.push(...conceal(decoder, Math.floor(step / FRAME_SAMPLES) - 1));
			parts.push(decode(decoder, payload));
		}
	} finally {
		decoder.free();
	}
	const pcm = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		pcm.set(part, at);
		at += part.length;
	}
	return pcm;
}

function conceal(decoder: OpusDecoder, missing: number): Int16Array[] {
	return Array.from({ length: Math.max(0, missing) }, (_, number) =>
		number < CONCEALED
			? decoder.decode(null, { frameSize: FRAME_SAMPLES })
			: new Int16Array(FRAME_SAMPLES),
	);
}

function decode(decoder: OpusDecoder, payload: Buffer): Int16Array {
	if (isComfortNoise(payload)) return new Int16Array(FRAME_SAMPLES);
	return decoder.decode(fromEscape(payload) ?? payload);
}
