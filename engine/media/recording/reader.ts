import { fromEscape } from '../../audio/codec/escape';
import type { OpusLibrary } from '../../audio/codec/opusLibrary';
import { MAX_FRAME_BYTES, splitPacket, type OpusPacket } from '../../audio/codec/opusPacket';
import { FRAME_SAMPLES, type FrameDecoder } from '../../audio/types';
import type { CallCodecName } from '../messages';
import type { RecordedPacket } from '../recorder';
import { MAX_CONCEALED_PACKETS, type Piece } from './fill';
import { Transcoder } from './transcoder';

/** How codecs that no player knows are made into Opus. */
export interface Transcoding {
	opusLibrary: OpusLibrary;
	/** For each such codec a way to make a decoder; it is made when its first packet comes. */
	decoders: Partial<Record<CallCodecName, () => FrameDecoder>>;
}

/** What a payload comes to; durations in samples at 16 kHz. */
export type Content =
	| { kind: 'sound'; packet: Uint8Array; parsed: OpusPacket }
	| { kind: 'comfortNoise'; samples: number }
	/** A codec without a decoder. */
	| { kind: 'undecodable'; samples: number }
	/** Not what it should be: as good as lost. */
	| { kind: 'damaged' };

/** RFC 6716 section 3.4: the longest frames, 120 ms of them by 20 ms; padding aside, all there can be. */
const MAX_PAYLOAD_BYTES = 6 * MAX_FRAME_BYTES;
/** Bits 4 and 3 of MLow's first byte (protocol page 05, section 3): 10, 20, 60, 120 ms. */
const MLOW_SAMPLES = [160, 320, 960, 1920] as const;

/** Makes Opus packets, for a file, of what came from the network. Never throws. */
export class PayloadReader {
	private readonly transcoders = new Map<CallCodecName, Transcoder>();

	constructor(private readonly transcoding: Transcoding | undefined) {}

	read({ codec, payload }: RecordedPacket): Content {
		if (payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES) {
			return { kind: 'damaged' };
		}
		const transcoder = this.transcoderFor(codec);
		if (transcoder !== undefined) {
			return asSound(transcoder.toOpus(payload));
		}
		switch (codec) {
			case 'opus':
				return asSound(payload);
			case 'escape':
				return readEscape(payload);
			case 'mlow':
				return { kind: 'undecodable', samples: MLOW_SAMPLES[mlowSize(payload)] ?? FRAME_SAMPLES };
		}
	}

	/**
	 * Packets for sound that was lost, of what the codec's own decoder makes up; for three at most.
	 *
	 * @param samples of the gap; the packets fill no more, maybe less
	 * @returns undefined for a codec that is not decoded here
	 */
	conceal(codec: CallCodecName, samples: number): Piece[] | undefined {
		const transcoder = this.transcoders.get(codec);
		if (transcoder === undefined) {
			return undefined;
		}
		const pieces: Piece[] = [];
		let missing = samples;
		while (missing >= transcoder.packetSamples && pieces.length < MAX_CONCEALED_PACKETS) {
			const packet = transcoder.toOpus(null);
			const content = asSound(packet);
			if (packet === undefined || content.kind !== 'sound') {
				break;
			}
			pieces.push({ packet, samples: transcoder.packetSamples });
			missing -= transcoder.packetSamples;
		}
		return pieces;
	}

	close(): void {
		for (const transcoder of this.transcoders.values()) {
			transcoder.close();
		}
		this.transcoders.clear();
	}

	private transcoderFor(codec: CallCodecName): Transcoder | undefined {
		const createDecoder = this.transcoding?.decoders[codec];
		if (this.transcoding === undefined || createDecoder === undefined) {
			return undefined;
		}
		let transcoder = this.transcoders.get(codec);
		if (transcoder === undefined) {
			transcoder = new Transcoder(this.transcoding.opusLibrary, createDecoder);
			this.transcoders.set(codec, transcoder);
		}
		return transcoder;
	}
}

/** A phone that is sent escape packets may answer with plain Opus (protocol page 05, profile B). */
function readEscape(payload: Uint8Array): Content {
	const unescaped = fromEscape(payload);
	switch (unescaped?.kind) {
		case 'comfortNoise':
			return { kind: 'comfortNoise', samples: FRAME_SAMPLES };
		case 'opus':
			return asSound(unescaped.packet);
		case undefined:
			return asSound(payload);
	}
}

function asSound(packet: Uint8Array | undefined): Content {
	const parsed = packet === undefined ? undefined : splitPacket(packet);
	return packet === undefined || parsed === undefined
		? { kind: 'damaged' }
		: { kind: 'sound', packet, parsed };
}

function mlowSize(payload: Uint8Array): number {
	return ((payload[0] ?? 0) >> 3) & 3;
}
