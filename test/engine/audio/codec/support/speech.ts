import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const CLIP = join(__dirname, '../../../../support/clips/alert.mp3');
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** The spoken clip of the tests' support: mono, 16 kHz. */
export function alertClip(): Int16Array {
	return ffmpegToPcm(['-i', CLIP]);
}

/** A sentence by espeak-ng: mono, 16 kHz. */
export function speak(sentence: string): Int16Array {
	const wav = execFileSync('espeak-ng', ['--stdout', '-v', 'en', sentence], {
		maxBuffer: MAX_OUTPUT_BYTES,
	});
	return ffmpegToPcm(['-i', 'pipe:0'], wav);
}

/** What ffmpeg makes of a file: mono, 16 kHz. */
export function ffmpegToPcm(input: string[], stdin?: Uint8Array): Int16Array {
	const bytes = execFileSync(
		'ffmpeg',
		['-v', 'error', ...input, '-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'],
		{ input: stdin, maxBuffer: MAX_OUTPUT_BYTES },
	);
	return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

export function tone(frequencyHz: number, samples: number, amplitude = 10_000): Int16Array {
	return Int16Array.from({ length: samples }, (_, index) =>
		Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * index) / 16_000)),
	);
}

/** White noise, the same at every call. */
export function noise(samples: number, amplitude = 20_000): Int16Array {
	let seed = 12_345;
	return Int16Array.from({ length: samples }, () => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
		return Math.round(amplitude * (seed / 0x40000000 - 1));
	});
}

/** Whole frames of `size` samples, the last filled up with silence. */
export function cut(pcm: Int16Array, size: number): Int16Array[] {
	return Array.from({ length: Math.ceil(pcm.length / size) }, (_, index) => {
		const frame = new Int16Array(size);
		frame.set(pcm.subarray(index * size, (index + 1) * size));
		return frame;
	});
}

export function concat(pieces: readonly Int16Array[]): Int16Array {
	const pcm = new Int16Array(pieces.reduce((total, piece) => total + piece.length, 0));
	let position = 0;
	for (const piece of pieces) {
		pcm.set(piece, position);
		position += piece.length;
	}
	return pcm;
}
