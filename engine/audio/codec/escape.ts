import { FRAME_SAMPLES } from '../types';
import {
	createFrameEncoder,
	createOpusFrameDecoder,
	openCallEncoder,
	type OpusCallCodec,
	type OpusFrameDecoder,
} from './opus';
import type { OpusLibrary } from './opusLibrary';
import { FIRST_CELT_CONFIG, splitPacket } from './opusPacket';

/** MLow's packet for silence (protocol page 05, section 3). */
const COMFORT_NOISE = 0x90;
/** The two highest bits of a first byte say that a packet is not MLow but CELT. */
const ESCAPE_BITS = 0xc0;
/** Frame count bytes (RFC 6716 section 3.2.5) for two frames of equal and of different size. */
const TWO_EQUAL_FRAMES = 0x02;
const TWO_FRAMES = 0x82;
/** An encoder's packet that is not longer has nothing to say. */
const MAX_SILENT_BYTES = 2;

/** What an escape payload is in plain Opus. */
export type Unescaped = { kind: 'comfortNoise' } | { kind: 'opus'; packet: Uint8Array };

/**
 * CELT packets in MLow's clothes: profile B of protocol page 05, section 3, for phones that decode
 * MLow whatever our capability says. What they send is plain Opus.
 */
export function createEscapeCodec(library: OpusLibrary): OpusCallCodec {
	return {
		name: 'escape',
		mlowCapability: false,
		createEncoder: () =>
			createFrameEncoder(openCallEncoder(library, 'restrictedLowDelay'), (packet) => {
				// A packet of our own CELT encoder can always be rewritten.
				const payload = toEscape(packet) ?? comfortNoise();
				return { payload, comfortNoise: payload[0] === COMFORT_NOISE };
			}),
		createDecoder: () => createEscapeDecoder(library),
	};
}

/**
 * Rewrites a CELT packet for an MLow decoder (protocol page 05, section 3). Silence becomes one
 * byte of comfort noise.
 *
 * @returns undefined for SILK and hybrid packets and for what is not an Opus packet
 */
export function toEscape(packet: Uint8Array): Uint8Array | undefined {
	if (packet.length <= MAX_SILENT_BYTES) {
		return comfortNoise();
	}
	const parsed = splitPacket(packet);
	if (parsed === undefined || parsed.toc.config < FIRST_CELT_CONFIG) {
		return undefined;
	}
	if (parsed.frames.every(isSilentCelt)) {
		return comfortNoise();
	}
	const { config, stereo, code } = parsed.toc;
	const toc =
		ESCAPE_BITS | ((config - FIRST_CELT_CONFIG) << 2) | (stereo ? 2 : 0) | (code === 0 ? 0 : 1);
	const body = packet.subarray(1);
	switch (code) {
		case 0:
		case 3:
			return Uint8Array.of(toc, ...body);
		case 1:
			return Uint8Array.of(toc, TWO_EQUAL_FRAMES, ...body);
		case 2:
			return Uint8Array.of(toc, TWO_FRAMES, ...body);
	}
}

/**
 * The way back. Two frames of codes 1 and 2 stay in the code 3 packet that carried them.
 *
 * @returns undefined when the payload is not an escape packet
 */
export function fromEscape(payload: Uint8Array): Unescaped | undefined {
	const first = payload[0];
	if (first === undefined) {
		return undefined;
	}
	if (first === COMFORT_NOISE && payload.length === 1) {
		return { kind: 'comfortNoise' };
	}
	if ((first & ESCAPE_BITS) !== ESCAPE_BITS) {
		return undefined;
	}
	// A copy: slice() of a Buffer would be a view.
	const packet = Uint8Array.from(payload);
	const config = FIRST_CELT_CONFIG + ((first >> 2) & 0x0f);
	packet[0] = (config << 3) | ((first & 2) << 1) | ((first & 1) === 0 ? 0 : 3);
	return splitPacket(packet) === undefined ? undefined : { kind: 'opus', packet };
}

/**
 * Takes plain Opus, which a phone sends here, and escape packets. A first byte from 0xC0 on can
 * be either: CELT above wideband does not occur in a stream with a 16 kHz clock, so it is escape.
 */
function createEscapeDecoder(library: OpusLibrary): OpusFrameDecoder {
	const decoder = createOpusFrameDecoder(library);
	return {
		get damagedPackets() {
			return decoder.damagedPackets;
		},
		decode(payload) {
			const unescaped = payload === null ? undefined : fromEscape(payload);
			if (unescaped?.kind === 'comfortNoise') {
				return new Int16Array(FRAME_SAMPLES);
			}
			return decoder.decode(unescaped?.packet ?? payload);
		},
		close: () => decoder.close(),
	};
}

/** A CELT frame of silence is FF FE; one that was not sent is empty (protocol page 05, section 3). */
function isSilentCelt(frame: Uint8Array): boolean {
	return frame.length === 0 || (frame.length === 2 && frame[0] === 0xff && frame[1] === 0xfe);
}

function comfortNoise(): Uint8Array {
	return Uint8Array.of(COMFORT_NOISE);
}
