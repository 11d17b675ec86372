import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RATE_HZ = 16_000;
const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;

/** Where clips are kept unless the command line names a folder: outside the repository. */
export const LISTENING_FOLDER = join(tmpdir(), 'mlow-listen');

/**
 * Keeps a clip as a WAV file.
 *
 * @param samples mono, 16 kHz
 * @returns the file
 */
export function keepClip(folder: string, name: string, samples: Int16Array): string {
	mkdirSync(folder, { recursive: true });
	const file = join(folder, `${name}.wav`);
	writeFileSync(file, wavOf(samples));
	return file;
}

function wavOf(samples: Int16Array): Buffer {
	const bytes = samples.length * BYTES_PER_SAMPLE;
	const wav = Buffer.alloc(HEADER_BYTES + bytes);
	wav.write('RIFF', 0);
	wav.writeUInt32LE(HEADER_BYTES - 8 + bytes, 4);
	wav.write('WAVEfmt ', 8);
	wav.writeUInt32LE(16, 16);
	// Plain samples, one channel.
	wav.writeUInt16LE(1, 20);
	wav.writeUInt16LE(1, 22);
	wav.writeUInt32LE(RATE_HZ, 24);
	wav.writeUInt32LE(RATE_HZ * BYTES_PER_SAMPLE, 28);
	wav.writeUInt16LE(BYTES_PER_SAMPLE, 32);
	wav.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
	wav.write('data', 36);
	wav.writeUInt32LE(bytes, 40);
	samples.forEach((sample, index) => {
		wav.writeInt16LE(sample, HEADER_BYTES + BYTES_PER_SAMPLE * index);
	});
	return wav;
}
