import type { AudioFormat } from '../types';
import { at, has } from './bytes';
import type { Unknown } from './unknown';

/** RFC 3533, section 6. */
const PAGE_HEADER_BYTES = 27;
const BEGIN_OF_STREAM = 0x02;
/** Streams of one file; two or three are usual. */
const MAXIMUM_STREAMS = 16;

/**
 * What an Ogg file holds, by the first packet of each of its streams: their pages come before all
 * others (RFC 3533, section 4).
 */
export function sniffOgg(bytes: Uint8Array): AudioFormat | Unknown {
	let found: AudioFormat | Unknown | undefined;
	let offset = 0;
	for (let stream = 0; stream < MAXIMUM_STREAMS && isFirstPage(bytes, offset); stream++) {
		const segments = at(bytes, offset + 26);
		const packet = offset + PAGE_HEADER_BYTES + segments;
		const format = formatOfPacket(bytes, packet);
		if (typeof format === 'string') {
			return format;
		}
		found ??= format;
		offset = packet;
		for (let segment = 0; segment < segments; segment++) {
			offset += at(bytes, packet - segments + segment);
		}
	}
	return found ?? { unknown: 'an Ogg file without a known stream' };
}

function isFirstPage(bytes: Uint8Array, offset: number): boolean {
	return has(bytes, 'OggS\0', offset) && (at(bytes, offset + 5) & BEGIN_OF_STREAM) !== 0;
}

function formatOfPacket(bytes: Uint8Array, packet: number): AudioFormat | Unknown | undefined {
	if (has(bytes, 'OpusHead', packet)) {
		return 'ogg-opus';
	}
	if (has(bytes, '\x01vorbis', packet)) {
		return 'ogg-vorbis';
	}
	if (has(bytes, '\x7fFLAC', packet)) {
		return { unknown: 'FLAC in an Ogg file', audio: true };
	}
	if (has(bytes, 'Speex   ', packet)) {
		return { unknown: 'a Speex recording', audio: true };
	}
	return has(bytes, '\x80theora', packet) ? { unknown: 'a video' } : undefined;
}
