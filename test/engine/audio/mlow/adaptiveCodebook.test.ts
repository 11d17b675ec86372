import { AdaptiveCodebook } from '../../../../engine/audio/mlow/adaptiveCodebook';

const SUBFRAME = 80;

/** A codebook that has heard `signal(n)`, n = -400 to -1. */
function after(signal: (n: number) => number): AdaptiveCodebook {
	const codebook = new AdaptiveCodebook();
	for (let start = -400; start < 0; start += SUBFRAME) {
		codebook.append(Float64Array.from({ length: SUBFRAME }, (_, n) => signal(start + n)));
	}
	return codebook;
}

function predict(codebook: AdaptiveCodebook, first: number, second = first) {
	const centre = new Float64Array(SUBFRAME);
	const sides = new Float64Array(SUBFRAME);
	codebook.predict(first, second, centre, sides);
	return { centre, sides };
}

/** Lag index of a lag in samples. */
const index = (lag: number) => 2 * (lag - 32);

describe('adaptive codebook', () => {
	test('a whole lag is the signal that long ago, and its neighbours', () => {
		const { centre, sides } = predict(
			after((n) => n),
			index(200),
		);
		for (let n = 0; n < SUBFRAME; n++) {
			expect(centre[n]).toBe(n - 200);
			expect(sides[n]).toBe(2 * (n - 200));
		}
	});

	test('each half of the subframe has a lag of its own', () => {
		const { centre } = predict(
			after((n) => n),
			index(100),
			index(319),
		);
		expect(centre[39]).toBe(39 - 100);
		expect(centre[40]).toBe(40 - 319);
	});

	test('a lag shorter than the subframe repeats what was predicted', () => {
		const { centre } = predict(
			after((n) => n),
			index(32),
		);
		expect(centre[31]).toBe(-1);
		expect(centre[32]).toBe(-32);
		expect(centre[70]).toBe(70 - 96);
	});

	test('half a sample lies between two samples of a slow sine', () => {
		const slow = (n: number) => Math.sin(0.2 * n);
		const { centre, sides } = predict(after(slow), index(250.5));
		for (let n = 0; n < SUBFRAME; n++) {
			expect(Math.abs((centre[n] ?? 0) - slow(n - 250.5))).toBeLessThan(0.01);
			const around = slow(n - 251.5) + slow(n - 249.5);
			expect(Math.abs((sides[n] ?? 0) - around)).toBeLessThan(0.02);
		}
	});

	test('the longest and the shortest half lag stay inside the history', () => {
		for (const lagIndex of [1, 575]) {
			const { centre, sides } = predict(
				after(() => 1),
				lagIndex,
			);
			for (const value of centre) expect(value).toBeCloseTo(1, 1);
			for (const value of sides) expect(value).toBeCloseTo(2, 1);
		}
	});

	test('predicting leaves the history as it is; reset empties it', () => {
		const codebook = after((n) => n);
		const first = predict(codebook, index(40));
		expect(predict(codebook, index(40))).toEqual(first);
		codebook.reset();
		expect(predict(codebook, index(40)).centre.every((value) => value === 0)).toBe(true);
	});
});
