const RATE_HZ = 16_000;
/** Steps of the first look, in samples: in time, and within the sounds. */
const COARSE_SHIFT = 4;
const COARSE_SAMPLE = 11;

/** The samples of an MP3 file with 16 kHz, by libmpg123 alone: nothing of the engine is in between. */
export async function readClip(mp3: Uint8Array): Promise<Int16Array> {
	const { MPEGDecoder } = await import('mpg123-decoder');
	const decoder = new MPEGDecoder();
	await decoder.ready;
	try {
		const { channelData, sampleRate } = decoder.decode(mp3);
		if (sampleRate !== RATE_HZ) throw new Error(`The clip has ${sampleRate} Hz, not ${RATE_HZ}`);
		return Int16Array.from(channelData[0] ?? [], (sample) => Math.round(sample * 32_767));
	} finally {
		decoder.free();
	}
}

/**
 * Correlation of what was heard with what was said, wherever in it that begins; 1 is the same.
 * Both have the same rate; loudness does not matter.
 */
export function likeness(said: Int16Array, heard: Int16Array): number {
	let coarse = { at: 0, value: -1 };
	// A beginning that was cut off counts against it, an end that was cut off too.
	const from = -RATE_HZ;
	const to = Math.max(0, heard.length - said.length) + RATE_HZ;
	for (let at = from; at <= to; at += COARSE_SHIFT) {
		const value = correlation(said, heard, at, COARSE_SAMPLE);
		if (value > coarse.value) coarse = { at, value };
	}
	let best = 0;
	for (let at = coarse.at - COARSE_SHIFT; at <= coarse.at + COARSE_SHIFT; at += 1) {
		best = Math.max(best, correlation(said, heard, at, 1));
	}
	return best;
}

function correlation(said: Int16Array, heard: Int16Array, shift: number, step: number): number {
	let both = 0;
	let left = 0;
	let right = 0;
	for (let index = 0; index < said.length; index += step) {
		const a = said[index] ?? 0;
		const b = heard[index + shift] ?? 0;
		both += a * b;
		left += a * a;
		right += b * b;
	}
	return left === 0 || right === 0 ? 0 : both / Math.sqrt(left * right);
}

/** So many levels from 0 to 1, for a picture of the sound. */
export function peaksOf(pcm: Int16Array, count: number): number[] {
	const size = Math.max(1, Math.ceil(pcm.length / count));
	const levels = Array.from({ length: count }, (_, index) => {
		const part = pcm.subarray(index * size, (index + 1) * size);
		const power = part.reduce((sum, sample) => sum + sample * sample, 0);
		return part.length === 0 ? 0 : Math.sqrt(power / part.length);
	});
	const most = Math.max(...levels, 1);
	return levels.map((level) => Math.round((level / most) * 100) / 100);
}
