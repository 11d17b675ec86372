import type { PcmChunk } from '../types';
import { fourCharacters, viewOf } from './byteReading';
import { noDecoder, unreadable } from './failures';
import { isKnownEncoding, readInterleaved, type SampleEncoding } from './pcmSamples';
import { MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ } from './resample';

const MAX_CHANNELS = 8;
const CHUNK_HEADER_BYTES = 8;
/** COMM: channels, frames, bits, rate; in AIFC also the compression. */
const COMM_BYTES = 18;
/** SSND: offset and block size stand before the samples. */
const SSND_HEADER_BYTES = 8;

interface AiffFormat {
	encoding: SampleEncoding;
	channelCount: number;
	sampleRateHz: number;
}

/** An 80-bit IEEE 754 extended number, as COMM gives the rate; its lower 32 bits never matter there. */
function readExtended(view: DataView, offset: number): number {
	const exponent = (view.getUint16(offset) & 0x7fff) - 16_383 - 31;
	return view.getUint32(offset + 2) * 2 ** exponent;
}

function encodingOf(compression: string, bits: number): SampleEncoding {
	const bytes = Math.ceil(bits / 8);
	switch (compression) {
		case 'NONE':
		case 'twos':
			return { kind: 'signed', bytes, littleEndian: false };
		case 'sowt':
			return { kind: 'signed', bytes, littleEndian: true };
		case 'in24':
			return { kind: 'signed', bytes: 3, littleEndian: false };
		case 'in32':
			return { kind: 'signed', bytes: 4, littleEndian: false };
		case 'raw ':
			return { kind: 'unsigned', bytes, littleEndian: false };
		case 'fl32':
		case 'FL32':
			return { kind: 'float', bytes: 4, littleEndian: false };
		case 'fl64':
		case 'FL64':
			return { kind: 'float', bytes: 8, littleEndian: false };
		case 'alaw':
		case 'ALAW':
			return { kind: 'alaw', bytes: 1, littleEndian: false };
		case 'ulaw':
		case 'ULAW':
			return { kind: 'mulaw', bytes: 1, littleEndian: false };
		default:
			throw noDecoder(
				/^[\x21-\x7e ]{4}$/.test(compression)
					? `AIFF with the compression "${compression.trim()}"`
					: 'AIFF with this compression',
			);
	}
}

function readFormat(chunk: Uint8Array, compressed: boolean): AiffFormat {
	if (chunk.length < COMM_BYTES) throw unreadable('AIFF', 'its header is too short');
	const view = viewOf(chunk);
	const channelCount = view.getUint16(0);
	const sampleRateHz = Math.round(readExtended(view, 8));
	if (channelCount < 1 || channelCount > MAX_CHANNELS) {
		throw unreadable('AIFF', `its header says ${channelCount} channels, and 1 to 8 are possible`);
	}
	if (!(sampleRateHz >= MIN_SAMPLE_RATE_HZ && sampleRateHz <= MAX_SAMPLE_RATE_HZ)) {
		throw unreadable('AIFF', `its header says ${sampleRateHz} samples per second`);
	}
	const bits = view.getUint16(6);
	const compression = compressed ? fourCharacters(chunk, COMM_BYTES) : 'NONE';
	const encoding = encodingOf(compression, bits);
	if (!isKnownEncoding(encoding) || (encoding.kind === 'unsigned' && encoding.bytes > 1)) {
		throw unreadable('AIFF', `its header says ${bits} bits per sample`);
	}
	return { encoding, channelCount, sampleRateHz };
}

/**
 * AIFF (PCM of 8 to 32 bits) and AIFC that is not really compressed: NONE, twos, sowt, raw, in24,
 * in32, fl32, fl64, alaw, ulaw. A sound chunk that says it is longer than the file goes to its end.
 *
 * @throws CallError AUDIO_UNREADABLE, AUDIO_FORMAT for other compressions
 */
export function* decodeAiff(bytes: Uint8Array): Generator<PcmChunk> {
	const compressed = fourCharacters(bytes, 8) === 'AIFC';
	const view = viewOf(bytes);
	let format: AiffFormat | null = null;
	// The sound may stand before its description.
	let sound: Uint8Array | null = null;
	for (let offset = 12; offset + CHUNK_HEADER_BYTES <= bytes.length; ) {
		const name = fourCharacters(bytes, offset);
		const size = view.getUint32(offset + 4);
		const start = offset + CHUNK_HEADER_BYTES;
		if (name === 'COMM') format = readFormat(bytes.subarray(start, start + size), compressed);
		if (name === 'SSND' && start + SSND_HEADER_BYTES <= bytes.length) {
			const skipped = view.getUint32(start);
			// As with WAV: 0 where a program could not go back to fill in the length.
			const end = size <= SSND_HEADER_BYTES ? bytes.length : start + size;
			sound = bytes.subarray(start + SSND_HEADER_BYTES + skipped, end);
		}
		if (format !== null && sound !== null) {
			yield* readInterleaved({ data: sound, ...format });
			return;
		}
		offset = start + size + (size % 2);
	}
	throw unreadable('AIFF', 'it ends before the sound begins');
}
