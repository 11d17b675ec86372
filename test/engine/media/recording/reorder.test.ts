import fc from 'fast-check';

import type { RecordedPacket } from '../../../../engine/media/recorder';
import { ReorderWindow } from '../../../../engine/media/recording/reorder';

const packet = (sequence: number, arrivedAtMs: number): RecordedPacket => ({
	sequence,
	timestamp: sequence * 960,
	payload: Uint8Array.of(0x58),
	codec: 'opus',
	arrivedAtMs,
});
const sequences = (packets: readonly RecordedPacket[]) => packets.map(({ sequence }) => sequence);

/** Pushes packets one at a time. @returns what each push let go, and the rest at the end */
function run(...packets: Array<[sequence: number, arrivedAtMs: number]>): number[][] {
	const window = new ReorderWindow();
	const steps = packets.map(([sequence, at]) => sequences(window.push(packet(sequence, at))));
	return [...steps, sequences(window.flush())];
}

test('the first waits for one before it; from then on what follows goes at once', () => {
	expect(run([5, 0], [6, 60], [7, 120], [8, 180])).toEqual([[], [], [5, 6, 7], [8], []]);
});

test('the 16 bits of RTP make no border', () => {
	expect(run([65_534, 0], [65_535, 60], [65_536, 120], [65_537, 180])).toEqual([
		[],
		[],
		[65_534, 65_535, 65_536],
		[65_537],
		[],
	]);
});

test('the first two may be the wrong way round', () => {
	expect(run([6, 0], [5, 20], [7, 100])).toEqual([[], [], [5, 6, 7], []]);
});

test('a gap is waited for 100 ms', () => {
	expect(run([1, 0], [2, 100], [4, 160], [5, 220], [6, 260])).toEqual([
		[],
		[1, 2],
		[],
		[],
		[4, 5, 6],
		[],
	]);
	expect(run([1, 0], [2, 100], [4, 160], [5, 220], [3, 259])).toEqual([
		[],
		[1, 2],
		[],
		[],
		[3, 4, 5],
		[],
	]);
});

test('a gap is waited for until eight packets are behind it', () => {
	const steps = run(
		[1, 0],
		[2, 100],
		...[4, 5, 6, 7, 8, 9, 10, 11].map((n) => [n, 101] as [number, number]),
	);
	expect(steps.slice(2, 9).flat()).toEqual([]);
	expect(steps[9]).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
});

test('repetitions and what is too late are dropped', () => {
	expect(run([1, 0], [1, 10], [2, 100], [2, 110], [1, 120], [4, 130], [4, 135], [3, 140])).toEqual([
		[],
		[],
		[1, 2],
		[],
		[],
		[],
		[],
		[3, 4],
		[],
	]);
	expect(run([1, 0], [2, 100], [4, 110], [5, 210], [3, 220])).toEqual([
		[],
		[1, 2],
		[],
		[4, 5],
		[],
		[],
	]);
});

test('whatever comes, what goes is in order, and no more than eight wait', () => {
	const arrivals = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(300)));
	fc.assert(
		fc.property(arrivals, (steps) => {
			const window = new ReorderWindow();
			let now = 0;
			const gone: number[] = [];
			for (const [sequence, later] of steps) {
				now += later;
				gone.push(...sequences(window.push(packet(sequence, now))));
			}
			const rest = sequences(window.flush());
			expect(rest.length).toBeLessThan(8);
			const all = [...gone, ...rest];
			expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
		}),
		{ numRuns: 500 },
	);
});
