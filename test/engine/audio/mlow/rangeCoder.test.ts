import { RangeDecoder } from '../../../../engine/audio/mlow/rangeDecoder';
import { RangeEncoder } from '../../../../engine/audio/mlow/rangeEncoder';
import { seededRandom } from './support/signals';
import { fromHex, readVectors, toHex } from './support/vectorFiles';

type Interval = [from: number, to: number, total: number];

const { cases } = readVectors('range_coder.json') as {
	cases: Array<{ ops: Interval[]; bytes: string }>;
};

describe('range coder', () => {
	test.each(cases)('intervals become their bytes, and back: case %#', ({ ops, bytes }) => {
		const encoder = new RangeEncoder();
		encoder.start();
		for (const [from, to, total] of ops) encoder.encode(from, to, total);
		expect(toHex(encoder.finish())).toBe(bytes);

		const decoder = new RangeDecoder();
		decoder.start(fromHex(bytes));
		for (const [from, to, total] of ops) {
			const value = decoder.peek(total);
			expect(value).toBeGreaterThanOrEqual(from);
			expect(value).toBeLessThan(to);
			decoder.take(from, to, total);
		}
	});

	test('symbols of windows and uniform ones come back from payloads of any length', () => {
		const random = seededRandom(1);
		const cdf = Uint16Array.from([7, 9, 300, 301, 5000, 32000, 32767]);
		const encoder = new RangeEncoder();
		const decoder = new RangeDecoder();
		for (let round = 0; round < 300; round++) {
			// The longest outgrow the encoder's first memory.
			const count = round === 0 ? 20_000 : random(200);
			const symbols = Array.from({ length: count }, () => [random(3), random(1 << 15)] as const);
			encoder.start();
			for (const [symbol, value] of symbols) {
				encoder.encodeSymbol(cdf, 2, 3, symbol);
				encoder.encodeUniform(value, 1 << 15);
			}
			decoder.start(encoder.finish());
			const back = symbols.map(
				() => [decoder.decodeSymbol(cdf, 2, 3), decoder.decodeUniform(1 << 15)] as const,
			);
			expect(back).toEqual(symbols);
		}
	});

	test('bytes before the payload are left alone', () => {
		const encoder = new RangeEncoder();
		encoder.start(2);
		encoder.encode(12, 13, 17);
		expect(toHex(encoder.finish().subarray(2))).toBe('b8');
	});

	test('zeros at the end may be cut: bytes past the end are zeros', () => {
		const encoder = new RangeEncoder();
		encoder.start();
		for (let symbol = 0; symbol < 40; symbol++) encoder.encodeUniform(0, 256);
		const decoder = new RangeDecoder();
		decoder.start(new Uint8Array(0));
		for (let symbol = 0; symbol < 40; symbol++) expect(decoder.decodeUniform(256)).toBe(0);
		expect(decoder.impliedBytes).toBe(44);
	});
});
