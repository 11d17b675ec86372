import { id3TagBytes } from './id3';

/** Bit rates by index, kbit/s, of MPEG 1 layers I to III and of MPEG 2 and 2.5 layers I and II/III (ISO 11172-3, 13818-3). */
const MPEG1_KBPS = [
	[0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
	[0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
	[0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
];
const MPEG2_LAYER1_KBPS = [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
const MPEG2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MPEG1_RATES_HZ = [44_100, 48_000, 32_000];

const HEADER_BYTES = 4;

interface MpegHeader {
	bytes: number;
	/** What does not change within a stream: version, layer and rate. */
	stream: number;
	mono: boolean;
}

/** Frames of one stream that follow each other without a gap. */
export interface MpegRun {
	start: number;
	end: number;
	mono: boolean;
}

/** @returns null where no frame header stands; free-format streams are not recognised */
function readHeader(bytes: Uint8Array, offset: number): MpegHeader | null {
	if (offset + HEADER_BYTES > bytes.length) return null;
	const second = bytes[offset + 1]!;
	const third = bytes[offset + 2]!;
	if (bytes[offset] !== 0xff || (second & 0xe0) !== 0xe0) return null;
	const version = (second >> 3) & 3;
	const layer = 4 - ((second >> 1) & 3);
	const bitRateIndex = third >> 4;
	const rateIndex = (third >> 2) & 3;
	if (
		version === 1 ||
		layer === 4 ||
		bitRateIndex === 0 ||
		bitRateIndex === 15 ||
		rateIndex === 3
	) {
		return null;
	}
	const mpeg1 = version === 3;
	const rateHz = MPEG1_RATES_HZ[rateIndex]! >> (mpeg1 ? 0 : version === 2 ? 1 : 2);
	const table = mpeg1 ? MPEG1_KBPS[layer - 1]! : layer === 1 ? MPEG2_LAYER1_KBPS : MPEG2_KBPS;
	const bitRate = table[bitRateIndex]! * 1000;
	const padding = (third >> 1) & 1;
	const slots = layer === 3 && !mpeg1 ? 72 : 144;
	return {
		bytes:
			layer === 1
				? (Math.floor((12 * bitRate) / rateHz) + padding) * 4
				: Math.floor((slots * bitRate) / rateHz) + padding,
		stream: (version << 4) | (layer << 2) | rateIndex,
		mono: bytes[offset + 3]! >> 6 === 3,
	};
}

/**
 * The MPEG audio frames of a file, in runs of at most `runBytes`; tags and garbage between them are
 * left out, so that a decoder sees nothing but frames. A frame counts where another of the same
 * stream follows it, where the one before it ends, or where it ends with the file.
 */
export function* findMpegRuns(bytes: Uint8Array, runBytes: number): Generator<MpegRun> {
	let offset = 0;
	/** The stream of the frame that ended at `offset`, or null after a gap. */
	let stream: number | null = null;
	let run: MpegRun | null = null;
	while (offset + HEADER_BYTES <= bytes.length) {
		const header = readHeader(bytes, offset);
		const end = header === null ? 0 : offset + header.bytes;
		const counts =
			header !== null &&
			end <= bytes.length &&
			(stream === header.stream ||
				end === bytes.length ||
				readHeader(bytes, end)?.stream === header.stream);
		if (!counts) {
			if (run !== null) yield run;
			run = null;
			stream = null;
			offset += id3TagBytes(bytes, offset) || 1;
			continue;
		}
		if (run !== null && (stream !== header.stream || end - run.start > runBytes)) {
			yield run;
			run = null;
		}
		run ??= { start: offset, end, mono: true };
		run.end = end;
		run.mono &&= header.mono;
		stream = header.stream;
		offset = end;
	}
	if (run !== null) yield run;
}
