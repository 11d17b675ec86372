import { fourCharacters, viewOf } from './byteReading';
import { createFlacChecksums } from './checksums';
import { unreadable } from './failures';
import { id3TagBytes } from './id3';

/** RFC 9639 section 9.1.2; index 0 means that STREAMINFO says it. */
const RATES_HZ = [
	0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];
/** RFC 9639 section 9.1.4; undefined is reserved. */
const SAMPLE_BITS = [0, 8, 12, undefined, 16, 20, 24, 32];
const STREAM_INFO_BYTES = 34;
/** After damage: how far ahead in frames the next intact frame may be. */
const MAX_LOST_FRAMES = 4096;
/** No frame has fewer bytes: header, one subframe, footer. */
const MIN_FRAME_BYTES = 10;
/** A tag behind the last frame. */
const ID3V1_BYTES = 128;

export interface FlacStream {
	/** Magic and STREAMINFO alone, as a decoder needs them. */
	header: Uint8Array;
	sampleRateHz: number;
	channelCount: number;
	sampleBits: number;
	/** Where the first frame is looked for. */
	audioOffset: number;
}

export interface FlacFrame {
	bytes: Uint8Array;
	/** Samples of each channel. */
	samples: number;
	/** False where the checksum does not fit: `bytes` is then a frame of silence of the same length. */
	intact: boolean;
}

interface FrameHeader {
	/** In frames, or in samples when the block size varies. */
	position: number;
	nextPosition: number;
	samples: number;
	/** Of the header with its checksum. */
	bytes: number;
}

/** @throws CallError AUDIO_UNREADABLE when there is no STREAMINFO */
export function readFlacStream(bytes: Uint8Array): FlacStream {
	const start = id3TagBytes(bytes, 0);
	const info = start + 8;
	const complete = info + STREAM_INFO_BYTES <= bytes.length;
	if (!complete || fourCharacters(bytes, start) !== 'fLaC' || (bytes[start + 4]! & 0x7f) !== 0) {
		throw unreadable('FLAC', 'its header is missing');
	}
	const view = viewOf(bytes);
	const packed = view.getUint32(info + 10);
	const header = Uint8Array.from(bytes.subarray(start, info + STREAM_INFO_BYTES));
	// The only metadata block is also the last one.
	header.set([0x80, 0, 0, STREAM_INFO_BYTES], 4);

	let offset = start + 4;
	for (let last = false; !last && offset + 4 <= bytes.length; ) {
		last = (bytes[offset]! & 0x80) !== 0;
		offset += 4 + (view.getUint32(offset) & 0xffffff);
	}
	return {
		header,
		sampleRateHz: packed >>> 12,
		channelCount: ((packed >> 9) & 7) + 1,
		sampleBits: ((packed >> 4) & 31) + 1,
		// Where the lengths of the metadata lead out of the file, frames are looked for behind STREAMINFO.
		audioOffset: offset < bytes.length ? offset : info + STREAM_INFO_BYTES,
	};
}

/** A number of one to seven bytes, coded like UTF-8 (RFC 9639 section 9.1.5). */
function readCodedNumber(
	bytes: Uint8Array,
	offset: number,
): { value: number; bytes: number } | null {
	const first = bytes[offset]!;
	if (first < 0x80) return { value: first, bytes: 1 };
	const length = Math.clz32(~(first << 24));
	if (length < 2 || length > 7 || offset + length > bytes.length) return null;
	let value = first & (0x7f >> length);
	for (let index = 1; index < length; index++) {
		const byte = bytes[offset + index]!;
		if ((byte & 0xc0) !== 0x80) return null;
		value = value * 64 + (byte & 0x3f);
	}
	return { value, bytes: length };
}

/**
 * The frames of a FLAC file. Where one ends is not written anywhere: it is where the header of the
 * next one stands, with its own checksum, this stream's format and the number that follows. One pass,
 * however the bytes are made. Damaged frames are marked, gaps are skipped.
 */
export function* findFlacFrames(bytes: Uint8Array, stream: FlacStream): Generator<FlacFrame> {
	const { crc8, crc16 } = createFlacChecksums();
	const view = viewOf(bytes);

	const headerAt = (offset: number): FrameHeader | null => {
		if (bytes[offset] !== 0xff || offset + MIN_FRAME_BYTES > bytes.length) return null;
		const second = bytes[offset + 1]!;
		if (second !== 0xf8 && second !== 0xf9) return null;
		const third = bytes[offset + 2]!;
		const fourth = bytes[offset + 3]!;
		const blockCode = third >> 4;
		const rateCode = third & 15;
		const channelCode = fourth >> 4;
		const bits = SAMPLE_BITS[(fourth >> 1) & 7];
		const reserved = (fourth & 1) !== 0 || blockCode === 0 || rateCode === 15 || channelCode > 10;
		if (reserved || bits === undefined || (bits !== 0 && bits !== stream.sampleBits)) return null;
		if ((channelCode > 7 ? 2 : channelCode + 1) !== stream.channelCount) return null;
		if ((RATES_HZ[rateCode] ?? 0) !== 0 && RATES_HZ[rateCode] !== stream.sampleRateHz) return null;

		const number = readCodedNumber(bytes, offset + 4);
		if (number === null) return null;
		let end = offset + 4 + number.bytes;
		const blockBytes = blockCode === 6 ? 1 : blockCode === 7 ? 2 : 0;
		const rateBytes = rateCode === 12 ? 1 : rateCode > 12 ? 2 : 0;
		if (end + blockBytes + rateBytes >= bytes.length) return null;
		let samples = blockCode === 1 ? 192 : blockCode < 6 ? 144 << blockCode : 1 << blockCode;
		if (blockBytes === 1) samples = bytes[end]! + 1;
		if (blockBytes === 2) samples = view.getUint16(end) + 1;
		end += blockBytes + rateBytes;
		if (crc8(bytes, offset, end) !== bytes[end]) return null;
		const position = number.value;
		const nextPosition = position + (second === 0xf8 ? 1 : samples);
		return { position, samples, nextPosition, bytes: end + 1 - offset };
	};

	let start = -1;
	let current: FrameHeader | null = null;
	const isIntact = (end: number) =>
		end - start > MIN_FRAME_BYTES && crc16(bytes, start, end - 2) === view.getUint16(end - 2);
	/** The header of the damaged frame, constant subframes of zero (RFC 9639 section 9.2), a checksum. */
	const silentFrame = (header: FrameHeader): Uint8Array => {
		const { channelCount, sampleBits } = stream;
		// With stereo decorrelation, one of two channels has one bit more.
		const wider = bytes[start + 3]! >> 4 > 7 ? 1 : 0;
		const content = Math.ceil((channelCount * (8 + sampleBits) + wider) / 8);
		const frame = new Uint8Array(header.bytes + content + 2);
		frame.set(bytes.subarray(start, start + header.bytes));
		viewOf(frame).setUint16(frame.length - 2, crc16(frame, 0, frame.length - 2));
		return frame;
	};
	const frameTo = (end: number, header: FrameHeader): FlacFrame => {
		const intact = isIntact(end);
		const frame = intact ? bytes.subarray(start, end) : silentFrame(header);
		return { bytes: frame, samples: header.samples, intact };
	};
	for (let offset = stream.audioOffset; offset < bytes.length; ) {
		offset = bytes.indexOf(0xff, offset);
		if (offset < 0) break;
		const header = headerAt(offset);
		if (header !== null) {
			const ahead = header.position - (current?.nextPosition ?? header.position);
			const step = current === null ? 1 : current.nextPosition - current.position;
			if (ahead >= 0 && ahead <= MAX_LOST_FRAMES * step) {
				if (current !== null) yield frameTo(offset, current);
				start = offset;
				current = header;
				offset += MIN_FRAME_BYTES;
				continue;
			}
		}
		offset++;
	}
	if (current === null) return;
	// Behind the last frame there may be a tag; a file that was cut off ends within a frame.
	const end = [bytes.length, bytes.length - ID3V1_BYTES].find(isIntact);
	if (end !== undefined) yield frameTo(end, current);
}
