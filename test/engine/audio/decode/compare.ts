/** Measures for tests: how alike are two recordings of one rate? */

const SPECTRUM_SAMPLES = 512;
const BAND_COUNT = 24;
/** Above this, bands are compared: the rest is silence or the noise of an encoder. */
const FLOOR_DB = -45;

export async function collect(chunks: AsyncIterable<Float32Array>): Promise<Float32Array> {
	const parts: Float32Array[] = [];
	for await (const chunk of chunks) parts.push(chunk);
	return concatenate(parts);
}

export function concatenate(parts: Float32Array[]): Float32Array {
	const whole = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		whole.set(part, offset);
		offset += part.length;
	}
	return whole;
}

/** Normalised correlation of `a` with `b` moved by `lag` samples. */
export function correlation(a: Float32Array, b: Float32Array, lag: number): number {
	let product = 0;
	let energyA = 0;
	let energyB = 0;
	const end = Math.min(a.length, b.length + lag);
	for (let n = Math.max(0, lag); n < end; n++) {
		const first = a[n]!;
		const second = b[n - lag]!;
		product += first * second;
		energyA += first * first;
		energyB += second * second;
	}
	return product / Math.sqrt(energyA * energyB || 1);
}

/** The lag within `range` samples to both sides at which `a` is most like `b`. */
export function align(
	a: Float32Array,
	b: Float32Array,
	range: number,
): { lag: number; correlation: number } {
	let best = { lag: 0, correlation: -1 };
	for (let lag = -range; lag <= range; lag++) {
		const value = correlation(a, b, lag);
		if (value > best.correlation) best = { lag, correlation: value };
	}
	return best;
}

/** Levels in bands of equal width from 0 to `limit` (a part of the sampling rate), dB, frame by frame. */
function bandLevels(samples: Float32Array, limit: number): Float64Array[] {
	const bins = Math.floor(SPECTRUM_SAMPLES * limit);
	const cosine = Float64Array.from({ length: SPECTRUM_SAMPLES }, (_, n) =>
		Math.cos((2 * Math.PI * n) / SPECTRUM_SAMPLES),
	);
	const frames: Float64Array[] = [];
	const windowed = new Float64Array(SPECTRUM_SAMPLES);
	for (let start = 0; start + SPECTRUM_SAMPLES <= samples.length; start += SPECTRUM_SAMPLES) {
		for (let n = 0; n < SPECTRUM_SAMPLES; n++) {
			windowed[n] = samples[start + n]! * (0.5 - 0.5 * cosine[n]!);
		}
		const powers = new Float64Array(BAND_COUNT);
		for (let bin = 1; bin < bins; bin++) {
			let real = 0;
			let imaginary = 0;
			for (let n = 0; n < SPECTRUM_SAMPLES; n++) {
				const angle = bin * n;
				real += windowed[n]! * cosine[angle % SPECTRUM_SAMPLES]!;
				imaginary += windowed[n]! * cosine[(angle + SPECTRUM_SAMPLES / 4) % SPECTRUM_SAMPLES]!;
			}
			powers[Math.floor((bin * BAND_COUNT) / bins)]! += real * real + imaginary * imaginary;
		}
		frames.push(powers.map((power) => 10 * Math.log10(power / SPECTRUM_SAMPLES + 1e-12)));
	}
	return frames;
}

/**
 * Root mean square of the differences of levels, dB, over the bands and frames in which `a` has sound.
 *
 * @param limit up to which frequency, as a part of the sampling rate
 */
export function spectralDistance(a: Float32Array, b: Float32Array, limit: number): number {
	const levelsB = bandLevels(b, limit);
	const differences = bandLevels(a, limit).flatMap((levels, frame) =>
		[...levels].flatMap((level, band) => {
			const other = levelsB[frame]?.[band];
			return other === undefined || level < FLOOR_DB ? [] : [(level - other) ** 2];
		}),
	);
	return Math.sqrt(differences.reduce((total, value) => total + value, 0) / differences.length);
}
