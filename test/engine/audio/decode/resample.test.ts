import fc from 'fast-check';

import { createResampler, mixDown } from '../../../../engine/audio/decode/resample';
import { align, concatenate } from './compare';

const RATES_HZ = [
	4000, 8000, 11_025, 12_000, 16_000, 16_500, 22_050, 24_000, 32_000, 44_100, 44_101, 48_000,
	88_200, 96_000, 176_400, 192_000, 383_999, 384_000,
];

function tone(frequencyHz: number, rateHz: number, seconds: number): Float32Array {
	return Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, n) =>
		Math.sin((2 * Math.PI * frequencyHz * n) / rateHz),
	);
}

function noise(length: number): Float32Array {
	let state = 1;
	return Float32Array.from({ length }, () => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		return state / 2 ** 31 - 1;
	});
}

function resample(input: Float32Array, rateHz: number, chunk = input.length): Float32Array {
	const resampler = createResampler(rateHz);
	const parts: Float32Array[] = [];
	for (let offset = 0; offset < input.length; offset += chunk) {
		parts.push(resampler.push(input.subarray(offset, offset + chunk)));
	}
	return concatenate([...parts, resampler.finish()]);
}

/** Level against a sine of full scale, dB, away from the ends; weighted, so that part of a period does not count. */
function levelDb(samples: Float32Array): number {
	const middle = samples.subarray(samples.length >> 2, samples.length - (samples.length >> 2));
	let power = 0;
	let weights = 0;
	middle.forEach((sample, n) => {
		const weight = 1 - Math.cos((2 * Math.PI * (n + 0.5)) / middle.length);
		power += weight * sample * sample;
		weights += weight;
	});
	return 10 * Math.log10((2 * power) / weights + 1e-20);
}

describe('the resampler to 16 kHz', () => {
	it.each(RATES_HZ)('passes tones of %d Hz audio unchanged up to its pass band', (rateHz) => {
		const limit = 0.45 * Math.min(rateHz, 16_000);
		for (let frequency = 100; frequency <= limit; frequency += (limit - 100) / 12) {
			const level = levelDb(resample(tone(frequency, rateHz, 0.2), rateHz));
			expect(Math.abs(level)).toBeLessThan(0.02);
		}
	});

	it.each(RATES_HZ.filter((rateHz) => rateHz > 17_600))(
		'lets nothing of %d Hz audio be folded: 80 dB down from 8.8 kHz on',
		(rateHz) => {
			for (let step = 0; step <= 24; step++) {
				const frequency = 8800 + ((rateHz / 2 - 8800) * step) / 24.3;
				expect(levelDb(resample(tone(frequency, rateHz, 0.2), rateHz))).toBeLessThan(-80);
			}
		},
	);

	it.each([4000, 8000, 11_025, 12_000])('adds no mirror images to %d Hz audio', (rateHz) => {
		const frequency = 0.4 * rateHz;
		const length = 4000;
		const output = resample(tone(frequency, rateHz, 0.5), rateHz).subarray(1000, 1000 + length);
		// What is left when the tone itself is taken away by least squares.
		const angle = (n: number) => (2 * Math.PI * frequency * (n + 1000)) / 16_000;
		let sine = 0;
		let cosine = 0;
		output.forEach((sample, n) => {
			sine += (2 * sample * Math.sin(angle(n))) / length;
			cosine += (2 * sample * Math.cos(angle(n))) / length;
		});
		const rest = output.map(
			(sample, n) => sample - sine * Math.sin(angle(n)) - cosine * Math.cos(angle(n)),
		);
		expect(levelDb(rest)).toBeLessThan(-70);
	});

	it.each(RATES_HZ)('has no delay at %d Hz', (rateHz) => {
		const chirp = (rate: number) =>
			Float32Array.from({ length: Math.round(rate * 0.3) }, (_, n) => {
				const seconds = n / rate;
				return Math.sin(2 * Math.PI * (100 + 2000 * seconds) * seconds);
			});
		const { lag, correlation } = align(resample(chirp(rateHz), rateHz), chirp(16_000), 6);
		expect(lag).toBe(0);
		expect(correlation).toBeGreaterThan(0.9999);
	});

	it.each(RATES_HZ)('passes a constant unchanged at %d Hz', (rateHz) => {
		const output = resample(new Float32Array(rateHz).fill(0.5), rateHz);
		const middle = output.subarray(2000, 14_000);
		expect(Math.max(...middle)).toBeCloseTo(0.5, 6);
		expect(Math.min(...middle)).toBeCloseTo(0.5, 6);
	});

	it('gives as many samples as the length says, within one', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 4000, max: 384_000 }),
				fc.integer({ min: 0, max: 20_000 }),
				(rateHz, length) => {
					const expected = Math.round((length * 16_000) / rateHz);
					const output = resample(new Float32Array(length), rateHz);
					return Math.abs(output.length - expected) <= 1;
				},
			),
			{ numRuns: 60 },
		);
	});

	it('gives the same samples however the input is cut', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...RATES_HZ),
				fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 12 }),
				(rateHz, cuts) => {
					const input = noise(cuts.reduce((total, cut) => total + cut, 0));
					const resampler = createResampler(rateHz);
					const parts: Float32Array[] = [];
					let offset = 0;
					for (const cut of cuts) {
						parts.push(resampler.push(input.slice(offset, offset + cut)));
						offset += cut;
					}
					parts.push(resampler.finish());
					expect(concatenate(parts)).toEqual(resample(input, rateHz));
				},
			),
			{ numRuns: 80 },
		);
	});

	it.each([0, 3999, 384_001, 44_100.5, Number.NaN, Number.POSITIVE_INFINITY])(
		'refuses %d Hz',
		(rateHz) => {
			expect(() => createResampler(rateHz)).toThrow(
				expect.objectContaining({ code: 'AUDIO_UNREADABLE' }),
			);
		},
	);
});

describe('mixing down', () => {
	it('averages the channels', () => {
		const channels = [0.1, 0.2, 0.6].map((value) => new Float32Array(3).fill(value));
		expect(mixDown(channels)[1]).toBeCloseTo(0.3, 6);
		expect(mixDown(channels.slice(0, 2))[2]).toBeCloseTo(0.15, 6);
		expect(mixDown(channels.slice(0, 1))).toBe(channels[0]);
		expect(mixDown([])).toHaveLength(0);
	});
});
