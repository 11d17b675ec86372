import { CallError } from '../../../common/errors';
import type { AudioFormat } from '../types';
import { has } from './bytes';
import { seemsToBe } from './notAudio';
import { findFrames, skipId3 } from './sniffFrames';
import { sniffMatroska } from './sniffMatroska';
import { sniffOgg } from './sniffOgg';
import type { Unknown } from './unknown';

const NOT_KNOWN: Unknown = { unknown: 'not known' };

/** Brands of ISO base media files that hold a picture (ISO/IEC 23008-12, AVIF). */
const PICTURE_BRANDS = ['avif', 'avis', 'heic', 'heix', 'heim', 'heis', 'mif1', 'msf1'];
const WAVE_CHUNKS = ['RIFF', 'RIFX', 'RF64', 'BW64'];
const OTHER_AUDIO: readonly (readonly [magic: string, name: string])[] = [
	['caff', 'a Core Audio file (CAF)'],
	['wvpk', 'a WavPack file'],
	['MAC ', "a Monkey's Audio file"],
	['.snd', 'a Sun audio file (AU)'],
	['DSD ', 'a DSD file'],
	['#!SILK_V3', 'a SILK recording'],
	['\x02#!SILK_V3', 'a SILK recording'],
	['#!AMR_MC1.0\n', 'an AMR recording of several channels'],
	['#!AMR-WB_MC1.0\n', 'an AMR recording of several channels'],
	['ADIF', 'an AAC file of the kind ADIF'],
	['\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'a Windows Media file (WMA)'],
];

/**
 * The format of a recording, from its bytes and nothing else. It says what the bytes claim to be:
 * whether they can be decoded, a decoder finds out.
 *
 * @returns never throws, whatever the bytes are
 */
export function sniffFormat(bytes: Uint8Array): AudioFormat | Unknown {
	const start = skipId3(bytes);
	return (
		sniffMagic(bytes, start) ??
		sniffOtherAudio(bytes) ??
		seemsToBe(bytes) ??
		findFrames(bytes, start) ??
		(start > 0 ? { unknown: 'an MP3 tag without its sound' } : NOT_KNOWN)
	);
}

/**
 * The format of a recording, or the error a user gets for what is none.
 *
 * @throws CallError AUDIO_SOURCE (empty), AUDIO_UNREADABLE (not audio), AUDIO_FORMAT (not supported)
 */
export function requireFormat(bytes: Uint8Array): AudioFormat {
	if (bytes.length === 0) {
		throw new CallError('AUDIO_SOURCE', 'The audio is empty', {
			hint: 'Look at where the audio comes from: there must be a file with content.',
		});
	}
	const format = sniffFormat(bytes);
	if (typeof format === 'string') {
		return format;
	}
	if (format.audio === true) {
		throw new CallError('AUDIO_FORMAT', `The audio is ${format.unknown}, which is not supported`, {
			hint: 'Convert it to MP3, WAV, OGG, FLAC or M4A first.',
		});
	}
	throw new CallError(
		'AUDIO_UNREADABLE',
		format.unknown === NOT_KNOWN.unknown
			? 'The file is not audio of a kind that is known'
			: `The file is ${format.unknown}, not audio`,
	);
}

/** @param start where the bytes begin after an ID3 tag, which some programs put before FLAC and AAC too */
function sniffMagic(bytes: Uint8Array, start: number): AudioFormat | Unknown | undefined {
	if (has(bytes, 'fLaC', start)) {
		return 'flac';
	}
	if (WAVE_CHUNKS.some((magic) => has(bytes, magic)) && has(bytes, 'WAVE', 8)) {
		return 'wav';
	}
	if (has(bytes, 'FORM') && (has(bytes, 'AIFF', 8) || has(bytes, 'AIFC', 8))) {
		return 'aiff';
	}
	if (has(bytes, '#!AMR\n') || has(bytes, '#!AMR-WB\n')) {
		return 'amr';
	}
	if (has(bytes, 'OggS')) {
		return sniffOgg(bytes);
	}
	if (has(bytes, '\x1a\x45\xdf\xa3')) {
		return sniffMatroska(bytes);
	}
	if (has(bytes, 'ftyp', 4)) {
		return PICTURE_BRANDS.some((brand) => has(bytes, brand, 8)) ? { unknown: 'a picture' } : 'm4a';
	}
	return undefined;
}

function sniffOtherAudio(bytes: Uint8Array): Unknown | undefined {
	const found = OTHER_AUDIO.find(([magic]) => has(bytes, magic));
	return found && { unknown: found[1], audio: true };
}
