/** Highest delay that is looked for, 20 ms at 16 kHz, and the stretch of sound it is looked for in. */
const MAX_DELAY = 320;
const DELAY_SAMPLES = 24_000;
const WINDOW = 512;
const BANDS = 24;
/** Quieter windows are pauses: their spectrum says nothing about the codec. */
const PAUSE_DB = -45;
const HANN = Float64Array.from(
	{ length: WINDOW },
	(_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW),
);

export interface Likeness {
	/** Samples by which `copy` is later than `source`. */
	delay: number;
	/** Of the samples, 1 at best. */
	correlation: number;
	/** Root mean square of the difference of band levels, in dB. */
	spectralDistanceDb: number;
}

/** Compares what a codec made of speech with the source, at the delay where both fit best. */
export function likeness(source: Int16Array, copy: Int16Array): Likeness {
	const start = Math.floor(source.length / 3);
	const stretch = source.subarray(start, start + DELAY_SAMPLES);
	let best = { delay: 0, correlation: -1 };
	for (let delay = -MAX_DELAY; delay <= MAX_DELAY; delay++) {
		const correlation = correlate(stretch, copy, start + delay);
		if (correlation > best.correlation) {
			best = { delay, correlation };
		}
	}
	const { delay } = best;
	return {
		delay,
		correlation: correlate(source, copy, delay),
		spectralDistanceDb: spectralDistance(source, copy, delay),
	};
}

function correlate(source: Int16Array, copy: Int16Array, shift: number): number {
	let both = 0;
	let left = 0;
	let right = 0;
	const end = Math.min(source.length, copy.length - shift);
	for (let index = Math.max(0, -shift); index < end; index++) {
		const a = source[index] as number;
		const b = copy[index + shift] as number;
		both += a * b;
		left += a * a;
		right += b * b;
	}
	return both / Math.sqrt(left * right || 1);
}

function spectralDistance(source: Int16Array, copy: Int16Array, delay: number): number {
	let sum = 0;
	let count = 0;
	for (let start = Math.max(0, -delay); start + WINDOW < source.length; start += WINDOW) {
		if (start + delay + WINDOW > copy.length) {
			break;
		}
		const a = bandLevels(source.subarray(start, start + WINDOW));
		const b = bandLevels(copy.subarray(start + delay, start + delay + WINDOW));
		if (Math.max(...a) < PAUSE_DB) {
			continue;
		}
		for (let band = 0; band < BANDS; band++) {
			const floor = Math.max(...a) - 40;
			sum += (Math.max(floor, a[band] ?? 0) - Math.max(floor, b[band] ?? 0)) ** 2;
			count++;
		}
	}
	return Math.sqrt(sum / count);
}

/** Levels of 24 equally wide bands up to 7.5 kHz, in dB of full scale. */
function bandLevels(pcm: Int16Array): number[] {
	const perBand = Math.floor((WINDOW * 7500) / 16_000 / BANDS);
	return Array.from({ length: BANDS }, (_, band) => {
		let energy = 0;
		for (let bin = band * perBand + 1; bin <= (band + 1) * perBand; bin += 2) {
			energy += power(pcm, bin);
		}
		return 10 * Math.log10(energy + 1e-12);
	});
}

/** Goertzel's algorithm with a Hann window. */
function power(pcm: Int16Array, bin: number): number {
	const coefficient = 2 * Math.cos((2 * Math.PI * bin) / WINDOW);
	let last = 0;
	let beforeLast = 0;
	for (let index = 0; index < WINDOW; index++) {
		const sample = ((pcm[index] as number) * (HANN[index] as number)) / 32_768;
		const next = sample + coefficient * last - beforeLast;
		beforeLast = last;
		last = next;
	}
	return (last ** 2 + beforeLast ** 2 - coefficient * last * beforeLast) / (WINDOW / 4) ** 2;
}
