import { levinson } from '../../../../../engine/audio/mlow/encoder/levinson';
import { LineSpectrum } from '../../../../../engine/audio/mlow/encoder/lineSpectrum';
import { PowerSpectrum } from '../../../../../engine/audio/mlow/encoder/powerSpectrum';
import { LsfToLpc } from '../../../../../engine/audio/mlow/lsf';
import { SeededRandom } from './seededRandom';
import { relativeError } from './traceVectors';

describe('power spectrum', () => {
	it.each([12, 512, 576])('of %d samples is that of the definition', (length) => {
		const random = new SeededRandom(length);
		const input = Float64Array.from({ length }, () => random.next() - 0.5);
		const expected = Array.from({ length: length / 2 + 1 }, (_, bin) => {
			let real = 0;
			let imaginary = 0;
			input.forEach((sample, n) => {
				real += sample * Math.cos((2 * Math.PI * n * bin) / length);
				imaginary += sample * Math.sin((2 * Math.PI * n * bin) / length);
			});
			return real * real + imaginary * imaginary;
		});
		const actual = new Float64Array(length / 2 + 1);
		new PowerSpectrum(length).compute(input, actual);
		expect(relativeError(actual, expected)).toBeLessThan(1e-10);
	});

	it('refuses lengths that are not made of twos and threes', () => {
		expect(() => new PowerSpectrum(20)).toThrow(RangeError);
	});
});

describe('prediction', () => {
	it('of a signal of second order finds its filter', () => {
		// Autocorrelation of x[n] = 1.2 x[n-1] - 0.7 x[n-2] + noise.
		const correlation = new Float64Array([1, 1.2 / 1.7, 0, 0]);
		for (let lag = 2; lag < 4; lag++) {
			correlation[lag] = 1.2 * correlation[lag - 1]! - 0.7 * correlation[lag - 2]!;
		}
		const filter = new Float64Array(4);
		levinson(correlation, 3, filter);
		expect(relativeError(filter, [1, -1.2, 0.7, 0])).toBeLessThan(1e-12);
	});

	it('stays finite where rounding makes the autocorrelation impossible', () => {
		const filter = new Float64Array(5);
		levinson(new Float64Array([1, 1, -1, 1, 1]), 4, filter);
		expect([...filter].every(Number.isFinite)).toBe(true);
	});
});

describe('line spectrum', () => {
	const spectrum = new LineSpectrum();
	const toPrediction = new LsfToLpc();

	it('is what a prediction was made of, for 500 random spectra', () => {
		const random = new SeededRandom(1);
		const prediction = new Float64Array(17);
		const actual = new Float64Array(16);
		for (let round = 0; round < 500; round++) {
			const gaps = Array.from({ length: 17 }, () => 0.02 + random.next() ** 3);
			const total = gaps.reduce((sum, gap) => sum + gap, 0);
			let angle = 0;
			const expected = gaps.slice(0, 16).map((gap) => (angle += (gap / total) * Math.PI));
			toPrediction.convert(Float64Array.from(expected), prediction);
			spectrum.fromPrediction(prediction, actual);
			expect(relativeError(actual, expected)).toBeLessThan(1e-6);
		}
	});

	it('of no prediction at all is evenly spread', () => {
		const actual = new Float64Array(16);
		spectrum.fromPrediction(
			Float64Array.from({ length: 17 }, (_, tap) => (tap === 0 ? 1 : 0)),
			actual,
		);
		const expected = Array.from({ length: 16 }, (_, index) => ((index + 1) * Math.PI) / 17);
		expect(relativeError(actual, expected)).toBeLessThan(1e-7);
	});

	it('of what is no stable filter falls back to even spread', () => {
		const actual = new Float64Array(16);
		const unstable = Float64Array.from({ length: 17 }, (_, tap) => (tap === 0 ? 1 : 3 ** tap));
		spectrum.fromPrediction(unstable, actual);
		const expected = Array.from({ length: 16 }, (_, index) => ((index + 1) * Math.PI) / 17);
		expect(relativeError(actual, expected)).toBeLessThan(1e-7);
	});
});
