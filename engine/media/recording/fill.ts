import {
	FIRST_CELT_CONFIG,
	joinFrames,
	type OpusPacket,
	type OpusToc,
} from '../../audio/codec/opusPacket';
import { SAMPLE_RATE_HZ } from '../../audio/types';

/** An Opus packet and what it decodes to, in samples at 16 kHz. */
export interface Piece {
	packet: Uint8Array;
	samples: number;
}

interface SilentFrame {
	/** RFC 6716 section 3.1, table 2. */
	config: number;
	samples: number;
	frame: Uint8Array;
}

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;
/** What a phone's packet holds: frames of silence are put together up to that. */
const MAX_SILENT_SAMPLES = 60 * SAMPLES_PER_MS;
/** So many lost packets in a row are made up (protocol page 05, section 4). */
export const MAX_CONCEALED_PACKETS = 3;

/**
 * What libopus makes of silence without DTX: wideband SILK of 20 and 10 ms, which every decoder
 * turns into samples of 0 or 1, whatever came before.
 */
const SILENT_SILK: readonly SilentFrame[] = [
	{ config: 9, samples: 320, frame: Uint8Array.of(0x07, 0xc9, 0x79, 0xc5, 0x12, 0xf7, 0xbc) },
	{ config: 8, samples: 160, frame: Uint8Array.of(0x07, 0xc9, 0x48, 0xe6, 0xd5) },
];
/** The same in CELT, of 20, 10, 5 and 2.5 ms: the silence flag of RFC 6716 section 4.3. */
const SILENT_CELT = [3, 2, 1, 0].map((size) => ({
	config: FIRST_CELT_CONFIG + size,
	samples: 40 << size,
	frame: Uint8Array.of(0xff, 0xfe),
}));
const BANDWIDTH_BITS = 0x0c;

/**
 * Packets for sound that was lost: empty frames of the kind of the packet before, from which a
 * player makes up what they may have held (RFC 7845 section 4.1); for three packets at most.
 *
 * @param samples of the gap; the packets fill no more, maybe less
 */
export function* concealment(before: OpusPacket, samples: number): Generator<Piece, void> {
	const { config, stereo, frameMs } = before.toc;
	const frameSamples = frameMs * SAMPLES_PER_MS;
	let missing = Math.floor(samples / frameSamples);
	for (let packets = 0; packets < MAX_CONCEALED_PACKETS && missing > 0; packets++) {
		const count = Math.min(missing, before.frames.length);
		const frames = Array.from({ length: count }, () => new Uint8Array());
		yield { packet: joinFrames({ config, stereo }, frames), samples: count * frameSamples };
		missing -= count;
	}
}

/**
 * Packets of silence, of CELT within CELT and else of SILK, so that decoders need not change over.
 * They are not empty: for empty ones libopus goes on making up sound.
 *
 * @param samples less than 10 ms (CELT: 2.5 ms) of them stay unfilled
 */
export function* silence(before: OpusToc | undefined, samples: number): Generator<Piece, void> {
	const celt = before?.mode === 'celt';
	const bandwidth = celt ? before.config & BANDWIDTH_BITS : 0;
	const stereo = celt && before.stereo;
	let missing = samples;
	for (const silent of celt ? SILENT_CELT : SILENT_SILK) {
		const config = silent.config | bandwidth;
		let piece: Piece | undefined;
		while (missing >= silent.samples) {
			const count = Math.floor(Math.min(missing, MAX_SILENT_SAMPLES) / silent.samples);
			if (piece?.samples !== count * silent.samples) {
				const frames = Array.from({ length: count }, () => silent.frame);
				piece = {
					packet: joinFrames({ config, stereo }, frames),
					samples: count * silent.samples,
				};
			}
			missing -= piece.samples;
			yield piece;
		}
	}
}
