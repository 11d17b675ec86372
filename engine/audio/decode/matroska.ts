import { readElement, readElements, readUnsigned, type EbmlElement } from './ebml';
import { framesOfBlock } from './matroskaBlocks';

/** RFC 9559 section 5. */
const ID = {
	ebml: 0x1a45dfa3,
	segment: 0x18538067,
	cluster: 0x1f43b675,
	tracks: 0x1654ae6b,
	trackEntry: 0xae,
	trackNumber: 0xd7,
	trackType: 0x83,
	codecId: 0x86,
	codecPrivate: 0x63a2,
	codecDelay: 0x56aa,
	contentEncodings: 0x6d80,
	audio: 0xe1,
	channels: 0x9f,
	simpleBlock: 0xa3,
	blockGroup: 0xa0,
	block: 0xa1,
	discardPadding: 0x75a2,
} as const;
const TYPE_AUDIO = 2;

/** The first track of sound. */
export interface AudioTrack {
	number: number;
	codec: string;
	codecPrivate: Uint8Array | null;
	/** Nanoseconds to drop at the start. */
	codecDelayNs: number;
	channelCount: number;
	/** Compressed or encrypted once more by the container. */
	encoded: boolean;
}

export type MatroskaPart =
	| { kind: 'frame'; frame: Uint8Array; discardNs: number }
	| { kind: 'track'; track: AudioTrack };

function readTrack(bytes: Uint8Array, entry: EbmlElement): AudioTrack | null {
	const track: AudioTrack = {
		number: 0,
		codec: '',
		codecPrivate: null,
		codecDelayNs: 0,
		channelCount: 1,
		encoded: false,
	};
	let type = 0;
	for (const { id, start, end } of readElements(bytes, entry.start, entry.end)) {
		if (id === ID.trackNumber) track.number = readUnsigned(bytes, start, end);
		else if (id === ID.trackType) type = readUnsigned(bytes, start, end);
		else if (id === ID.codecId)
			track.codec = Buffer.from(bytes.subarray(start, end)).toString('latin1');
		else if (id === ID.codecPrivate) track.codecPrivate = bytes.subarray(start, end);
		else if (id === ID.codecDelay) track.codecDelayNs = readUnsigned(bytes, start, end);
		else if (id === ID.contentEncodings) track.encoded = true;
		else if (id === ID.audio) {
			for (const inner of readElements(bytes, start, end)) {
				if (inner.id === ID.channels)
					track.channelCount = readUnsigned(bytes, inner.start, inner.end);
			}
		}
	}
	return type === TYPE_AUDIO ? track : null;
}

/** A block with what is to be cut off its end; less than 0 would mean its start, which nobody writes. */
function readBlockGroup(bytes: Uint8Array, group: EbmlElement, track: AudioTrack): MatroskaPart[] {
	let frames: Uint8Array[] = [];
	let discardNs = 0;
	for (const { id, start, end } of readElements(bytes, group.start, group.end)) {
		if (id === ID.block) frames = framesOfBlock(bytes.subarray(start, end), track.number);
		else if (id === ID.discardPadding && bytes[start]! < 0x80) {
			discardNs = readUnsigned(bytes, start, end);
		}
	}
	return frames.map((frame, index) => ({
		kind: 'frame',
		frame,
		discardNs: index === frames.length - 1 ? discardNs : 0,
	}));
}

/** Whether an element is read from its beginning and not skipped: sizes of these may be unknown. */
function isTransparent(id: number): boolean {
	return id === ID.segment || id === ID.cluster;
}

/**
 * The first audio track of a Matroska or WebM file, and its frames in the order of the file. One walk
 * without recursion: segments and clusters are entered and not measured, so that files of browsers
 * (MediaRecorder), which never fill in sizes, are read like others. After damage it goes on at the
 * next cluster.
 */
export function* readMatroska(bytes: Uint8Array): Generator<MatroskaPart> {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const clusterId = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);
	let track: AudioTrack | null = null;
	for (let offset = 0; offset < bytes.length; ) {
		const element = readElement(bytes, offset, bytes.length);
		if (element === null || (!element.sizeKnown && !isTransparent(element.id))) {
			const next = buffer.indexOf(clusterId, offset + 1);
			if (next < 0) return;
			offset = next;
			continue;
		}
		const { id, start, end } = element;
		offset = isTransparent(id) ? start : end;
		if (id === ID.tracks) {
			for (const entry of readElements(bytes, start, end)) {
				if (track === null && entry.id === ID.trackEntry) {
					track = readTrack(bytes, entry);
					if (track !== null) yield { kind: 'track', track };
				}
			}
		} else if (track !== null && id === ID.simpleBlock) {
			for (const frame of framesOfBlock(bytes.subarray(start, end), track.number)) {
				yield { kind: 'frame', frame, discardNs: 0 };
			}
		} else if (track !== null && id === ID.blockGroup) {
			yield* readBlockGroup(bytes, element, track);
		}
	}
}
