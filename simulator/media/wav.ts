import { SAMPLE_RATE_HZ } from './opus';

const HEADER_BYTES = 44;
const PCM = 1;

/** A WAV file of 16 kHz mono 16-bit samples. */
export function writeWav(pcm: Int16Array): Buffer {
	const data = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
	const header = Buffer.alloc(HEADER_BYTES);
	header.write('RIFF', 0);
	header.writeUInt32LE(HEADER_BYTES - 8 + data.length, 4);
	header.write('WAVEfmt ', 8);
	header.writeUInt32LE(16, 16);
	header.writeUInt16LE(PCM, 20);
	header.writeUInt16LE(1, 22);
	header.writeUInt32LE(SAMPLE_RATE_HZ, 24);
	header.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
	header.writeUInt16LE(2, 32);
	header.writeUInt16LE(16, 34);
	header.write('data', 36);
	header.writeUInt32LE(data.length, 40);
	return Buffer.concat([header, data]);
}

/** The samples of such a file. Throws when it is of another kind. */
export function readWav(file: Buffer): Int16Array {
	if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
		throw new Error('This is no WAV file');
	}
	let isRight = false;
	for (let at = 12; at + 8 <= file.length; ) {
		const name = file.toString('latin1', at, at + 4);
		const length = file.readUInt32LE(at + 4);
		const body = file.subarray(at + 8, at + 8 + length);
		if (name === 'fmt ' && body.length >= 16) {
			isRight =
				body.readUInt16LE(0) === PCM &&
				body.readUInt16LE(2) === 1 &&
				body.readUInt32LE(4) === SAMPLE_RATE_HZ &&
				body.readUInt16LE(14) === 16;
		}
		if (name === 'data') {
			if (!isRight) break;
			const pcm = new Int16Array(body.length >> 1);
			for (let index = 0; index < pcm.length; index++) pcm[index] = body.readInt16LE(index * 2);
			return pcm;
		}
		at += 8 + length + (length % 2);
	}
	throw new Error('The WAV file is not 16 kHz mono with 16 bits');
}
