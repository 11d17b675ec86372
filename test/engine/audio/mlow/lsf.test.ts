import { LsfReconstruction, LsfToLpc } from '../../../../engine/audio/mlow/lsf';
import { lsfCodebook } from '../../../../engine/audio/mlow/lsfCodebook';
import { seededRandom } from './support/signals';
import { readVectors } from './support/vectorFiles';

interface LsfCase {
	voiced: number;
	cond: number;
	prev_nlsf_q?: number[];
	grid: number;
	stage2: number[];
	nlsf_q: number[];
}

const { cases } = readVectors('lsf.json') as { cases: LsfCase[] };
/** Radians; the vectors have single precision. */
const TOLERANCE = 1e-5;

const reconstruction = new LsfReconstruction();

function reconstruct(voiced: boolean, grid: number, symbols: number[], previous?: number[]) {
	const lsf = new Float64Array(16);
	const before = Float64Array.from(previous ?? new Float64Array(16));
	reconstruction.reconstruct(voiced, grid, Uint8Array.from(symbols), before, lsf);
	return lsf;
}

describe('line spectral frequencies', () => {
	test('symbols stand for the values of the vectors', () => {
		expect(cases.some(({ grid }) => grid === 16)).toBe(true);
		for (const { voiced, grid, stage2, prev_nlsf_q: previous, nlsf_q: expected } of cases) {
			const lsf = reconstruct(voiced === 1, grid, stage2, previous);
			expected.forEach((angle, k) => {
				expect(Math.abs((lsf[k] ?? 0) - angle)).toBeLessThan(TOLERANCE);
			});
		}
	});

	test.each([false, true])('any symbols keep the lines apart; voiced: %s', (voiced) => {
		const random = seededRandom(2);
		const { counts, minimumSpacing } = lsfCodebook(voiced);
		let previous = reconstruct(voiced, 0, new Array<number>(16).fill(0));
		for (let round = 0; round < 2000; round++) {
			const grid = random(17);
			const symbols = Array.from({ length: 16 }, (_, k) => random(counts[16 * grid + k] ?? 1));
			const lsf = reconstruct(voiced, grid, symbols, [...previous]);
			const lines = [0, ...lsf, Math.PI];
			const margins = [...minimumSpacing].map(
				(minimum, gap) => (lines[gap + 1] ?? 0) - (lines[gap] ?? 0) - minimum,
			);
			expect(Math.min(...margins)).toBeGreaterThan(-1e-3);
			previous = lsf;
		}
	});

	test('the CDF of every stage-2 symbol rises and fits in 15 bits', () => {
		for (const voiced of [false, true]) {
			const { cdfs, cdfStarts, counts } = lsfCodebook(voiced);
			counts.forEach((count, table) => {
				const start = cdfStarts[table] ?? -1;
				const cdf = cdfs.subarray(start, start + count + 1);
				expect(cdf[0]).toBe(0);
				expect(cdf.every((value, index) => index === 0 || value > (cdf[index - 1] ?? 0))).toBe(
					true,
				);
				expect(cdf.at(-1)).toBeLessThanOrEqual(32767);
			});
		}
	});

	test('equally spaced lines are a filter that does nothing', () => {
		const lsf = Float64Array.from({ length: 16 }, (_, k) => ((k + 1) * Math.PI) / 17);
		const lpc = new Float64Array(17);
		new LsfToLpc().convert(lsf, lpc);
		expect(lpc[0]).toBe(1);
		for (const coefficient of lpc.subarray(1)) expect(Math.abs(coefficient)).toBeLessThan(1e-12);
	});
});
