import type { PcmChunk } from '../types';
import { fourCharacters, viewOf } from './byteReading';
import { noDecoder, unreadable } from './failures';
import { isKnownEncoding, readInterleaved, type SampleEncoding } from './pcmSamples';
import { MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ } from './resample';

const MAX_CHANNELS = 8;
/** Format tags of mmreg.h. */
const TAG_PCM = 0x0001;
const TAG_FLOAT = 0x0003;
const TAG_A_LAW = 0x0006;
const TAG_MU_LAW = 0x0007;
const TAG_EXTENSIBLE = 0xfffe;
/** WAVEFORMATEXTENSIBLE: here its SubFormat begins, whose first two bytes are a format tag. */
const SUB_FORMAT_OFFSET = 24;
const CHUNK_HEADER_BYTES = 8;
/** Chunks that may follow an empty data chunk: with anything else behind it, its length was never filled in. */
const TRAILING_CHUNKS = new Set(['LIST', 'fact', 'id3 ', 'ID3 ', 'cue ', 'bext', 'smpl', 'PEAK']);

interface WavFormat {
	encoding: SampleEncoding;
	channelCount: number;
	sampleRateHz: number;
}

function readFormat(chunk: Uint8Array, littleEndian: boolean): WavFormat {
	if (chunk.length < 16) throw unreadable('WAV', 'its header is too short');
	const view = viewOf(chunk);
	const channelCount = view.getUint16(2, littleEndian);
	const sampleRateHz = view.getUint32(4, littleEndian);
	const bits = view.getUint16(14, littleEndian);
	let tag = view.getUint16(0, littleEndian);
	if (tag === TAG_EXTENSIBLE && chunk.length >= SUB_FORMAT_OFFSET + 2) {
		tag = view.getUint16(SUB_FORMAT_OFFSET, littleEndian);
	}
	if (channelCount < 1 || channelCount > MAX_CHANNELS) {
		throw unreadable('WAV', `its header says ${channelCount} channels, and 1 to 8 are possible`);
	}
	if (sampleRateHz < MIN_SAMPLE_RATE_HZ || sampleRateHz > MAX_SAMPLE_RATE_HZ) {
		throw unreadable('WAV', `its header says ${sampleRateHz} samples per second`);
	}

	// Bytes per sample follow from the bits, also where the block alignment contradicts them; but old
	// editors put 24 bits into four bytes without saying so in any other way.
	const blockBytes = view.getUint16(12, littleEndian);
	const padded = bits === 24 && blockBytes === 4 * channelCount;
	const bytes = padded ? 4 : Math.ceil(bits / 8);
	const kinds: Record<number, SampleEncoding['kind'] | undefined> = {
		[TAG_PCM]: bytes === 1 ? 'unsigned' : 'signed',
		[TAG_FLOAT]: 'float',
		[TAG_A_LAW]: 'alaw',
		[TAG_MU_LAW]: 'mulaw',
	};
	const kind = kinds[tag];
	if (kind === undefined) throw noDecoder(`WAV with the encoding 0x${tag.toString(16)}`);
	const encoding = { kind, bytes, littleEndian };
	if (!isKnownEncoding(encoding)) {
		throw unreadable('WAV', `its header says ${bits} bits per sample`);
	}
	return { encoding, channelCount, sampleRateHz };
}

/**
 * WAV: PCM of 8, 16, 24 and 32 bits, float of 32 and 64 bits, A-law and µ-law, also by
 * WAVE_FORMAT_EXTENSIBLE; RIFF, RIFX (big-endian) and RF64. A data chunk that says it is longer than
 * the file, or whose length was never filled in (0 or 0xFFFFFFFF, as programs write it that do not
 * know the end), goes to the end of the file.
 *
 * @throws CallError AUDIO_UNREADABLE, AUDIO_FORMAT for compressed encodings
 */
export function* decodeWav(bytes: Uint8Array): Generator<PcmChunk> {
	const littleEndian = fourCharacters(bytes, 0) !== 'RIFX';
	const view = viewOf(bytes);
	let format: WavFormat | null = null;
	for (let offset = 12; offset + CHUNK_HEADER_BYTES <= bytes.length; ) {
		const name = fourCharacters(bytes, offset);
		const size = view.getUint32(offset + 4, littleEndian);
		const start = offset + CHUNK_HEADER_BYTES;
		if (name === 'fmt ') {
			format = readFormat(bytes.subarray(start, start + size), littleEndian);
		} else if (name === 'data') {
			if (format === null) throw unreadable('WAV', 'its header is missing');
			const open = size === 0 && !TRAILING_CHUNKS.has(fourCharacters(bytes, start));
			yield* readInterleaved({
				data: bytes.subarray(start, open ? undefined : start + size),
				...format,
			});
			return;
		}
		offset = start + size + (size % 2);
	}
	throw unreadable('WAV', 'it ends before the sound begins');
}
