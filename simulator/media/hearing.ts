import type { HeardPacket } from './ear';
import { makeMlowDecoder } from './mlow';
import { FRAME_SAMPLES, makeDecoder, type SoundCodec } from './opus';
import { fromEscape, isComfortNoise } from './opusPacket';

/** Packets that a decoder makes up; what is missing beyond them is silence (page 05 section 4). */
const CONCEALED = 3;

/** Null stands for a packet that is missing. */
type Decode = (payload: Buffer | null) => Int16Array;

/**
 * Decodes what was heard, in the order of its sequence numbers, with one decoder for each codec from
 * the start. Missing packets are concealed, and comfort noise is silence.
 * @returns samples at 16 kHz
 */
export async function decodeHeard(packets: readonly HeardPacket[]): Promise<Int16Array> {
	const opus = await makeDecoder();
	const decoders: Record<SoundCodec, Decode> = {
		opus: (payload) => opus.decode(payload, payload ? undefined : { frameSize: FRAME_SAMPLES }),
		escape: (payload) => decoders.opus(payload && (fromEscape(payload) ?? payload)),
		mlow: makeMlowDecoder(),
	};
	const parts: Int16Array[] = [];
	let before: HeardPacket | undefined;
	try {
		for (const packet of [...packets].sort((a, b) => a.index - b.index)) {
			const step = before ? (packet.timestamp - before.timestamp) >>> 0 : FRAME_SAMPLES;
			const missing = Math.floor(step / FRAME_SAMPLES) - 1;
			parts.push(...conceal(decoders[before?.codec ?? packet.codec], missing));
			parts.push(decode(decoders[packet.codec], packet));
			before = packet;
		}
	} finally {
		opus.free();
	}
	const pcm = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		pcm.set(part, at);
		at += part.length;
	}
	return pcm;
}

function conceal(decoder: Decode, missing: number): Int16Array[] {
	return Array.from({ length: Math.max(0, missing) }, (_, number) =>
		number < CONCEALED ? decoder(null) : new Int16Array(FRAME_SAMPLES),
	);
}

function decode(decoder: Decode, { payload, codec }: HeardPacket): Int16Array {
	const silent = codec !== 'mlow' && isComfortNoise(payload);
	return silent ? new Int16Array(FRAME_SAMPLES) : decoder(payload);
}
