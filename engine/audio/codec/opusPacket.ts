/** Opus packets as RFC 6716 section 3 frames them: what a packet holds, told without decoding it. */

/** RFC 6716 section 3.4, rule R2: no frame is longer. */
export const MAX_FRAME_BYTES = 1275;
/** RFC 6716 section 3.4, rule R5: no packet holds more. */
export const MAX_PACKET_MS = 120;

export type OpusMode = 'celt' | 'hybrid' | 'silk';
export type OpusBandwidth = 'fullband' | 'mediumband' | 'narrowband' | 'superwideband' | 'wideband';

/** The table-of-contents byte that every packet starts with (RFC 6716 section 3.1). */
export interface OpusToc {
	/** 0 to 31: mode, bandwidth and frame duration in one. */
	config: number;
	mode: OpusMode;
	bandwidth: OpusBandwidth;
	stereo: boolean;
	/** 0: one frame; 1: two of equal size; 2: two; 3: any number, which the next byte tells. */
	code: 0 | 1 | 2 | 3;
	/** Duration of each frame in milliseconds. */
	frameMs: number;
}

export interface OpusPacket {
	toc: OpusToc;
	/** Views into the packet; a frame of no bytes is one that the encoder did not send (DTX). */
	frames: Uint8Array[];
	/** Duration of all frames in milliseconds. */
	durationMs: number;
}

const SILK_FRAME_MS = [10, 20, 40, 60] as const;
const HYBRID_FRAME_MS = [10, 20] as const;
const CELT_FRAME_MS = [2.5, 5, 10, 20] as const;
const SILK_BANDWIDTHS = ['narrowband', 'mediumband', 'wideband'] as const;
const HYBRID_BANDWIDTHS = ['superwideband', 'fullband'] as const;
const CELT_BANDWIDTHS = ['narrowband', 'wideband', 'superwideband', 'fullband'] as const;

/** RFC 6716 section 3.1, table 2. */
const FIRST_HYBRID_CONFIG = 12;
export const FIRST_CELT_CONFIG = 16;

/** RFC 6716 section 3.2.5: the frame count byte of a code 3 packet. */
const VBR_FLAG = 0x80;
const PADDING_FLAG = 0x40;
const FRAME_COUNT_MASK = 0x3f;
/** RFC 6716 section 3.2.1: a first length byte from here on has a second one after it. */
const TWO_BYTE_LENGTH = 252;

/** @param byte the first byte of a packet: each of the 256 values means something */
export function parseToc(byte: number): OpusToc {
	const config = (byte >> 3) & 0x1f;
	const shared = { config, stereo: (byte & 4) !== 0, code: (byte & 3) as OpusToc['code'] };
	if (config < FIRST_HYBRID_CONFIG) {
		return {
			...shared,
			mode: 'silk',
			bandwidth: SILK_BANDWIDTHS[config >> 2] ?? 'wideband',
			frameMs: SILK_FRAME_MS[config & 3] ?? 20,
		};
	}
	if (config < FIRST_CELT_CONFIG) {
		return {
			...shared,
			mode: 'hybrid',
			bandwidth: HYBRID_BANDWIDTHS[(config - FIRST_HYBRID_CONFIG) >> 1] ?? 'fullband',
			frameMs: HYBRID_FRAME_MS[config & 1] ?? 20,
		};
	}
	return {
		...shared,
		mode: 'celt',
		bandwidth: CELT_BANDWIDTHS[(config - FIRST_CELT_CONFIG) >> 2] ?? 'fullband',
		frameMs: CELT_FRAME_MS[config & 3] ?? 20,
	};
}

/**
 * Takes a packet apart (RFC 6716 section 3.2, codes 0 to 3 with constant and variable sizes and
 * padding).
 *
 * @returns undefined when the bytes break one of the rules R1 to R7 of section 3.4; never throws
 */
export function splitPacket(packet: Uint8Array): OpusPacket | undefined {
	const first = packet[0];
	if (first === undefined) {
		return undefined;
	}
	const toc = parseToc(first);
	const frames = splitFrames(toc.code, packet.subarray(1));
	if (frames === undefined || frames.some((frame) => frame.length > MAX_FRAME_BYTES)) {
		return undefined;
	}
	const durationMs = frames.length * toc.frameMs;
	return durationMs > MAX_PACKET_MS ? undefined : { toc, frames, durationMs };
}

/**
 * Puts frames of one kind into a code 3 packet (RFC 6716 section 3.2.5): with constant sizes when
 * all are equally long, else with a length for each but the last. No padding.
 *
 * @param kind what the frames have in common: see OpusToc
 * @param frames at least one; 120 ms and 1275 bytes each at most
 * @throws RangeError when the frames do not fit in one packet
 */
export function joinFrames(
	kind: Pick<OpusToc, 'config' | 'stereo'>,
	frames: readonly Uint8Array[],
): Uint8Array {
	const toc = (kind.config << 3) | (kind.stereo ? 4 : 0) | 3;
	const { frameMs } = parseToc(toc);
	const last = frames.at(-1);
	if (last === undefined || frames.length * frameMs > MAX_PACKET_MS) {
		throw new RangeError(
			`A packet holds ${frameMs} to ${MAX_PACKET_MS} ms, not ${frames.length} x ${frameMs} ms`,
		);
	}
	if (frames.some((frame) => frame.length > MAX_FRAME_BYTES)) {
		throw new RangeError(`A frame has ${MAX_FRAME_BYTES} bytes at most`);
	}
	const constantSize = frames.every((frame) => frame.length === last.length);
	const lengths = constantSize
		? []
		: frames.slice(0, -1).flatMap((frame) => frameLength(frame.length));
	const header = [toc, (constantSize ? 0 : VBR_FLAG) | frames.length, ...lengths];
	const size = frames.reduce((total, frame) => total + frame.length, header.length);
	const packet = new Uint8Array(size);
	packet.set(header);
	let position = header.length;
	for (const frame of frames) {
		packet.set(frame, position);
		position += frame.length;
	}
	return packet;
}

/**
 * Merges the frames of packets with the same configuration into one code 3 packet, as phones do
 * for voice notes.
 *
 * @throws RangeError when a packet is not valid, the kinds differ, or 120 ms are exceeded
 */
export function repacketise(packets: readonly Uint8Array[]): Uint8Array {
	const parts = packets.map(splitPacket);
	const kind = parts[0]?.toc;
	const frames: Uint8Array[] = [];
	for (const part of parts) {
		if (kind === undefined || part?.toc.config !== kind.config || part.toc.stereo !== kind.stereo) {
			throw new RangeError('Only valid packets of one kind can be merged');
		}
		frames.push(...part.frames);
	}
	if (kind === undefined) {
		throw new RangeError('There is no packet to merge');
	}
	return joinFrames(kind, frames);
}

function splitFrames(code: OpusToc['code'], body: Uint8Array): Uint8Array[] | undefined {
	switch (code) {
		case 0:
			return [body];
		case 1:
			return body.length % 2 === 0 ? splitEvenly(body, 2) : undefined;
		case 2:
			return splitByLengths(body, 2);
		case 3:
			return splitCounted(body);
	}
}

function splitCounted(body: Uint8Array): Uint8Array[] | undefined {
	const flags = body[0];
	if (flags === undefined) {
		return undefined;
	}
	const count = flags & FRAME_COUNT_MASK;
	const content =
		(flags & PADDING_FLAG) === 0 ? body.subarray(1) : withoutPadding(body.subarray(1));
	if (count === 0 || content === undefined) {
		return undefined;
	}
	if ((flags & VBR_FLAG) !== 0) {
		return splitByLengths(content, count);
	}
	return content.length % count === 0 ? splitEvenly(content, count) : undefined;
}

/** Padding is counted by bytes in front: 255 stands for 254 and another count byte (3.2.5). */
function withoutPadding(body: Uint8Array): Uint8Array | undefined {
	let padding = 0;
	for (let position = 0; position < body.length; position++) {
		const count = body[position] ?? 0;
		padding += count === 255 ? 254 : count;
		if (count !== 255) {
			const end = body.length - padding;
			return end > position ? body.subarray(position + 1, end) : undefined;
		}
	}
	return undefined;
}

function splitEvenly(body: Uint8Array, count: number): Uint8Array[] {
	const size = body.length / count;
	return Array.from({ length: count }, (_, index) =>
		body.subarray(index * size, (index + 1) * size),
	);
}

function splitByLengths(body: Uint8Array, count: number): Uint8Array[] | undefined {
	const lengths: number[] = [];
	let position = 0;
	while (lengths.length < count - 1) {
		const first = body[position++];
		if (first === undefined) {
			return undefined;
		}
		if (first < TWO_BYTE_LENGTH) {
			lengths.push(first);
			continue;
		}
		const second = body[position++];
		if (second === undefined) {
			return undefined;
		}
		lengths.push(second * 4 + first);
	}
	const frames: Uint8Array[] = [];
	for (const length of lengths) {
		if (position + length > body.length) {
			return undefined;
		}
		frames.push(body.subarray(position, position + length));
		position += length;
	}
	frames.push(body.subarray(position));
	return frames;
}

/** RFC 6716 section 3.2.1. */
function frameLength(bytes: number): number[] {
	if (bytes < TWO_BYTE_LENGTH) {
		return [bytes];
	}
	const first = TWO_BYTE_LENGTH + (bytes & 3);
	return [first, (bytes - first) >> 2];
}
