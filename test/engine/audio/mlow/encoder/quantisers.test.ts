import { EnergyQuantiser } from '../../../../../engine/audio/mlow/encoder/energyQuantiser';
import { LsfQuantiser } from '../../../../../engine/audio/mlow/encoder/lsfQuantiser';
import { emptyInternalFrame } from '../../../../../engine/audio/mlow/frameParameters';
import { vectorJson } from './traceVectors';

interface LsfCase {
	A: number[];
	nlsf: number[];
	voiced: 0 | 1;
	cond: 0 | 1;
	prev_nlsf_q: number[];
	grid: number;
	stage2: number[];
}

interface EnergyCase {
	nrgres: number[];
	level: number;
	shape: number;
}

it('chooses the LSF symbols of the reference in all of its cases', () => {
	const { cases } = vectorJson<{ cases: LsfCase[] }>('lsf.json');
	const quantiser = new LsfQuantiser(20_000);
	expect(cases.length).toBeGreaterThan(40);
	const actual = cases.map(({ A, nlsf, voiced, cond, prev_nlsf_q }) => {
		const frame = { ...emptyInternalFrame(), voiced: voiced === 1 };
		const previous = cond === 1 ? Float64Array.from(prev_nlsf_q) : undefined;
		quantiser.quantise(Float64Array.from(nlsf), Float64Array.from(A), previous, frame);
		return { grid: frame.lsfGrid, stage2: [...frame.lsfSymbols] };
	});
	expect(actual).toEqual(cases.map(({ grid, stage2 }) => ({ grid, stage2 })));
});

it('chooses level and shape of unvoiced energies as the reference does', () => {
	const { cases } = vectorJson<{ cases: EnergyCase[] }>('nrgres.json');
	const quantiser = new EnergyQuantiser();
	expect(cases.length).toBeGreaterThan(30);
	const actual = cases.map(({ nrgres }) => {
		const frame = { energyLevel: 0, energyShape: 0 };
		quantiser.quantise(Float64Array.from(nrgres), frame);
		return frame;
	});
	expect(actual).toEqual(
		cases.map(({ level, shape }) => ({ energyLevel: level, energyShape: shape })),
	);
});

it.each([
	['nothing', 0, 0],
	['more than full scale', 1e6, 83],
])('keeps the energy level of %s within the table', (_, meanSquare, level) => {
	const frame = { energyLevel: -1, energyShape: -1 };
	new EnergyQuantiser().quantise(new Float64Array(4).fill(meanSquare), frame);
	expect(frame.energyLevel).toBe(level);
});
