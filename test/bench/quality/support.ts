import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const CLIPS = join(__dirname, '../../engine/audio/mlow/vectors/e2e');

/** Of a clip of the MLow vectors what went into the reference encoder, or came out of its decoder. */
export function clipSamples(clip: string, kind: 'dec' | 'in'): Int16Array {
	const bytes = readFileSync(join(CLIPS, `${clip}.${kind}.s16`));
	return Int16Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index));
}

/** White noise, -1 to 1, the same at every call. */
export function noise(length: number): Float64Array {
	let seed = 1;
	return Float64Array.from({ length }, () => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
		return seed / 0x40000000 - 1;
	});
}
