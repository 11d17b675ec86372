import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../vectors');

export const SPEECH_CLIPS = ['s1_male_clean', 's2_female_noise', 's3_pt_quiet'] as const;
/** Packets of the original encoder, of all kinds. */
export const ORIGINAL_CLIP = 'ext_synth';

export function readVectors(name: string): unknown {
	return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}

/** The packets of a clip in vectors/e2e. */
export function readPackets(clip: string): Uint8Array[] {
	const bytes = readFileSync(join(FOLDER, 'e2e', `${clip}.frames`));
	const packets: Uint8Array[] = [];
	for (let position = 0; position < bytes.length; ) {
		const start = position + 2;
		position = start + bytes.readUInt16LE(position);
		packets.push(Uint8Array.from(bytes.subarray(start, position)));
	}
	return packets;
}

/** Samples of a clip in vectors/e2e, -1 to 1: `in` went into the encoder, `dec` came out of the decoder. */
export function readSamples(clip: string, kind: 'dec' | 'in'): Float64Array {
	const bytes = readFileSync(join(FOLDER, 'e2e', `${clip}.${kind}.s16`));
	return Float64Array.from(
		{ length: bytes.length / 2 },
		(_, n) => bytes.readInt16LE(2 * n) / 32768,
	);
}

export function fromHex(hex: string): Uint8Array {
	return Uint8Array.from(Buffer.from(hex, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('hex');
}
