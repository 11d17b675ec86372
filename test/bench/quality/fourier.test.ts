import {
	inverse,
	powerSpectrum,
	product,
	realSignal,
	transform,
} from '../../../bench/quality/fourier';
import type { ComplexSignal } from '../../../bench/quality/fourier';
import { noise } from './support';

/** By the definition. */
function slowTransform({ real, imaginary }: ComplexSignal): ComplexSignal {
	const length = real.length;
	const spectrum = { real: new Float64Array(length), imaginary: new Float64Array(length) };
	for (let bin = 0; bin < length; bin++) {
		for (let index = 0; index < length; index++) {
			const angle = (-2 * Math.PI * bin * index) / length;
			const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
			spectrum.real[bin]! += real[index]! * cosine - imaginary[index]! * sine;
			spectrum.imaginary[bin]! += real[index]! * sine + imaginary[index]! * cosine;
		}
	}
	return spectrum;
}

function expectAlike(left: Float64Array, right: Float64Array): void {
	expect(left).toHaveLength(right.length);
	for (const [index, value] of left.entries()) {
		expect(value).toBeCloseTo(right[index]!, 9);
	}
}

describe.each([1, 2, 3, 7, 64, 100, 211])('of %i values', (length) => {
	const values = noise(2 * length);
	const signal = { real: values.slice(0, length), imaginary: values.slice(length) };

	test('it is the transform of the definition', () => {
		const [fast, slow] = [transform(signal), slowTransform(signal)];
		expectAlike(fast.real, slow.real);
		expectAlike(fast.imaginary, slow.imaginary);
	});

	test('the way back gives the signal, which stayed as it was', () => {
		const back = inverse(transform(signal));
		expectAlike(back.real, values.slice(0, length));
		expectAlike(back.imaginary, values.slice(length));
	});
});

test('a tone has its power in its bin', () => {
	const tone = Float64Array.from({ length: 64 }, (_, index) => Math.cos((2 * Math.PI * index) / 8));
	const powers = powerSpectrum(tone);
	expect(powers).toHaveLength(33);
	expect(powers[8]).toBeCloseTo(32 ** 2, 6);
	expect(powers.reduce((sum, power) => sum + power, 0)).toBeCloseTo(32 ** 2, 6);
});

test('a longer transform has zeros behind the samples', () => {
	const padded = new Float64Array(16);
	padded.set([1, -2, 3]);
	expect(powerSpectrum(Float64Array.of(1, -2, 3), 16)).toEqual(powerSpectrum(padded));
});

test('the product of two spectra is that of a convolution', () => {
	const [left, right] = [Float64Array.of(1, 2, 0, 0), Float64Array.of(0, 3, 0, 5)];
	const both = product(transform(realSignal(left)), transform(realSignal(right)));
	expectAlike(inverse(both).real, Float64Array.of(10, 3, 6, 5));
});
