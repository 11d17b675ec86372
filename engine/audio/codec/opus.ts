import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../types';
import type { CallCodec, EncodedFrame, FrameDecoder, FrameEncoder } from '../types';
import type { OpusApplication, OpusEncoder } from './opusHandles';
import type { OpusLibrary } from './opusLibrary';
import { MAX_FRAME_BYTES } from './opusPacket';

/** As phones encode native Opus (protocol page 05, section 3). */
const CALL_BIT_RATE = 24_000;
const CALL_COMPLEXITY = 5;

/** So many packets in a row are made up; a longer gap is silent (protocol page 05, section 4). */
const MAX_CONCEALED_PACKETS = 3;

export interface OpusFrameDecoder extends FrameDecoder {
	/** Packets so far that were no Opus: silence was put in their place. */
	readonly damagedPackets: number;
}

export interface OpusCallCodec extends CallCodec {
	createDecoder(): OpusFrameDecoder;
}

/** Native Opus for calls: profile A of protocol page 05, section 3. */
export function createOpusCodec(library: OpusLibrary): OpusCallCodec {
	return {
		name: 'opus',
		mlowCapability: false,
		createEncoder: () =>
			createFrameEncoder(openCallEncoder(library, 'voip'), (payload) => ({
				payload,
				comfortNoise: isComfortNoise(payload),
			})),
		createDecoder: () => createOpusFrameDecoder(library),
	};
}

/**
 * Whether the RTP header says that a native Opus packet is silence (WhatsApp's rule, protocol page
 * 05, section 1).
 */
export function isComfortNoise(payload: Uint8Array): boolean {
	const first = payload[0];
	if (first === undefined) {
		return false;
	}
	return (
		payload.length <= 2 ||
		(payload.length <= 15 && ((first & 0xf8) === 0x08 || first === 0x0a)) ||
		(payload.length <= 6 && (first & 0xf0) === 0x30)
	);
}

/** Both profiles: 60 ms packets of mono at 16 kHz, with silence, and only that, left out (DTX). */
export function openCallEncoder(library: OpusLibrary, application: OpusApplication): OpusEncoder {
	return library.createEncoder({
		application,
		sampleRateHz: SAMPLE_RATE_HZ,
		samplesPerPacket: FRAME_SAMPLES,
		bitRate: CALL_BIT_RATE,
		complexity: CALL_COMPLEXITY,
		dtx: true,
		maxPacketBytes: MAX_FRAME_BYTES,
	});
}

/** @param wrap makes what goes on the wire of the encoder's packet */
export function createFrameEncoder(
	encoder: OpusEncoder,
	wrap: (packet: Uint8Array) => EncodedFrame,
): FrameEncoder {
	return {
		encode: (pcm) => wrap(encoder.encode(pcm)),
		reset: () => encoder.reset(),
		close: () => encoder.close(),
	};
}

/** Plain Opus of any kind and duration to mono at 16 kHz. */
export function createOpusFrameDecoder(library: OpusLibrary): OpusFrameDecoder {
	const decoder = library.createDecoder(SAMPLE_RATE_HZ, 1);
	let lastSamples = FRAME_SAMPLES;
	let lostInARow = 0;
	let damagedPackets = 0;
	return {
		get damagedPackets() {
			return damagedPackets;
		},
		decode(payload) {
			try {
				if (payload !== null) {
					lostInARow = 0;
					const pcm = decoder.decode(payload);
					lastSamples = pcm.length;
					return pcm;
				}
				lostInARow++;
				return lostInARow > MAX_CONCEALED_PACKETS
					? new Int16Array(lastSamples)
					: decoder.conceal(lastSamples);
			} catch {
				damagedPackets++;
				return new Int16Array(FRAME_SAMPLES);
			}
		},
		close: () => decoder.close(),
	};
}
