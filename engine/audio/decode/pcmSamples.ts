import type { PcmChunk } from '../types';

/** How one sample stands in a file. */
export interface SampleEncoding {
	kind: 'alaw' | 'float' | 'mulaw' | 'signed' | 'unsigned';
	/** 1, 2, 3, 4 or 8. */
	bytes: number;
	littleEndian: boolean;
}

/** Samples of one channel in a chunk, as a part of a second. */
const CHUNKS_PER_SECOND = 4;

/** ITU-T G.711, A-law: the 13-bit value, -1 to 1. */
function decodeALaw(code: number): number {
	const bits = code ^ 0x55;
	const segment = (bits >> 4) & 7;
	const step = ((bits & 0x0f) << 4) + 8;
	const value = segment === 0 ? step : (step + 0x100) << (segment - 1);
	return (bits & 0x80 ? value : -value) / 32_768;
}

/** ITU-T G.711, µ-law: the 14-bit value, -1 to 1. */
function decodeMuLaw(code: number): number {
	const bits = ~code & 0xff;
	const value = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
	return (bits & 0x80 ? -value : value) / 32_768;
}

type SampleReader = (view: DataView, offset: number) => number;

function tableReader(decode: (code: number) => number): SampleReader {
	const table = Float32Array.from({ length: 256 }, (_, code) => decode(code));
	return (view, offset) => table[view.getUint8(offset)]!;
}

/** @returns null when there is no such encoding */
function readerFor({ kind, bytes, littleEndian }: SampleEncoding): SampleReader | null {
	if (kind === 'alaw') return bytes === 1 ? tableReader(decodeALaw) : null;
	if (kind === 'mulaw') return bytes === 1 ? tableReader(decodeMuLaw) : null;
	if (kind === 'float') {
		if (bytes === 4) return (view, offset) => view.getFloat32(offset, littleEndian);
		if (bytes === 8) return (view, offset) => view.getFloat64(offset, littleEndian);
		return null;
	}
	if (bytes === 1) {
		if (kind === 'unsigned') return (view, offset) => (view.getUint8(offset) - 128) / 128;
		return (view, offset) => view.getInt8(offset) / 128;
	}
	if (bytes === 2) return (view, offset) => view.getInt16(offset, littleEndian) / 32_768;
	if (bytes === 3) {
		const low = littleEndian ? 0 : 2;
		const high = 2 - low;
		return (view, offset) =>
			(view.getUint8(offset + low) |
				(view.getUint8(offset + 1) << 8) |
				(view.getInt8(offset + high) << 16)) /
			8_388_608;
	}
	if (bytes === 4) return (view, offset) => view.getInt32(offset, littleEndian) / 2_147_483_648;
	return null;
}

export interface InterleavedPcm {
	data: Uint8Array;
	encoding: SampleEncoding;
	/** 1 to 8. */
	channelCount: number;
	sampleRateHz: number;
}

/** Whether `readInterleaved` knows this encoding. */
export function isKnownEncoding(encoding: SampleEncoding): boolean {
	return readerFor(encoding) !== null;
}

/** Interleaved samples as chunks of a quarter of a second; an incomplete last frame is left out. */
export function* readInterleaved(pcm: InterleavedPcm): Generator<PcmChunk> {
	const { data, encoding, channelCount, sampleRateHz } = pcm;
	const read = readerFor(encoding);
	if (read === null) return;
	const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
	const frameBytes = channelCount * encoding.bytes;
	const frames = Math.floor(data.length / frameBytes);
	const chunkFrames = Math.ceil(sampleRateHz / CHUNKS_PER_SECOND);
	for (let first = 0; first < frames; first += chunkFrames) {
		const count = Math.min(chunkFrames, frames - first);
		const channels = Array.from({ length: channelCount }, (_, channel) => {
			const samples = new Float32Array(count);
			let offset = first * frameBytes + channel * encoding.bytes;
			for (let n = 0; n < count; n++, offset += frameBytes) samples[n] = read(view, offset);
			return samples;
		});
		yield { sampleRateHz, channels };
	}
}
