import { Pacer } from '../../../engine/media/pacer';
import { FakeMediaClock } from './support/fakeClock';

interface Beat {
	atMs: number;
	skipped: number;
}

describe('the pacer', () => {
	let clock: FakeMediaClock;
	let pacer: Pacer;

	beforeEach(() => {
		clock = new FakeMediaClock();
		pacer = new Pacer(clock);
	});

	function listen(): { beats: Beat[]; end: () => void } {
		const beats: Beat[] = [];
		const end = pacer.add((skipped) => beats.push({ atMs: clock.nowMs(), skipped }));
		return { beats, end };
	}

	test('does not drift over an hour of timers that are late', () => {
		let timers = 0;
		clock = new FakeMediaClock(1000.25, () => (timers++ * 7) % 13);
		pacer = new Pacer(clock);
		const { beats } = listen();
		clock.advance(3_600_000 - 40);
		expect(beats).toHaveLength(60_000);
		const late = beats.map(({ atMs }, n) => atMs - 1000.25 - n * 60);
		expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
		expect(Math.max(...late)).toBeLessThan(13);
		expect(beats.every(({ skipped }) => skipped === 0)).toBe(true);
	});

	test('spreads calls evenly over the 60 ms', () => {
		const calls = Array.from({ length: 150 }, listen);
		clock.advance(60);
		const moments = new Map<number, number>();
		for (const { beats } of calls) {
			const at = beats[0]?.atMs ?? -1;
			moments.set(at, (moments.get(at) ?? 0) + 1);
		}
		expect(moments.size).toBe(30);
		expect(Math.max(...moments.values())).toBe(5);
	});

	test('a call that comes takes the place of one that went', () => {
		const calls = Array.from({ length: 30 }, listen);
		clock.advance(600);
		const goneAt = calls[11]?.beats.at(-1)?.atMs ?? 0;
		calls[11]?.end();
		const { beats } = listen();
		clock.advance(60);
		expect(((beats[0]?.atMs ?? 0) - goneAt) % 60).toBe(0);
	});

	test('catches up after a short delay, never more than two at once', () => {
		const { beats } = listen();
		clock.advance(60);
		const before = beats.length;
		clock.stall(175);
		clock.advance(300);
		const times = beats.slice(before).map(({ atMs }) => atMs - 1060);
		expect(times).toEqual([175, 175, 205, 240, 300, 360, 420]);
		expect(beats.every(({ skipped }) => skipped === 0)).toBe(true);
	});

	test('after a long stall, drops what was missed and keeps to its beat', () => {
		const { beats } = listen();
		clock.advance(60);
		const before = beats.length;
		clock.stall(1000);
		clock.advance(200);
		expect(beats.slice(before)).toEqual([
			{ atMs: 1000 + 60 + 1020, skipped: 16 },
			{ atMs: 1000 + 60 + 1080, skipped: 0 },
			{ atMs: 1000 + 60 + 1140, skipped: 0 },
			{ atMs: 1000 + 60 + 1200, skipped: 0 },
		]);
		expect(pacer.takeReport().skippedFrames).toBe(16);
	});

	test('150 calls do not leave in one moment after a stall', () => {
		const calls = Array.from({ length: 150 }, listen);
		clock.advance(60);
		clock.stall(5000);
		const before = calls.map(({ beats }) => beats.length);
		clock.advance(61);
		const atOnce = new Map<number, number>();
		calls.forEach(({ beats }, index) => {
			for (const { atMs } of beats.slice(before[index])) {
				atOnce.set(atMs, (atOnce.get(atMs) ?? 0) + 1);
			}
		});
		expect(Math.max(...atOnce.values())).toBeLessThanOrEqual(5);
	});

	test('ends, also from within a tick, and leaves no timer', () => {
		const { end, beats } = listen();
		let ticks = 0;
		const endOther = pacer.add(() => {
			ticks += 1;
			endOther();
			end();
		});
		clock.advance(200);
		end();
		expect(ticks).toBe(1);
		expect(beats.length).toBeLessThanOrEqual(1);
		expect(clock.waiting).toBe(0);
	});

	test('a call that begins in the tick of another one keeps its own time', () => {
		let inner: Beat[] = [];
		const end = pacer.add(() => {
			end();
			inner = listen().beats;
		});
		clock.advance(180);
		expect(inner.length).toBeGreaterThanOrEqual(2);
	});

	test('measures how late packets are', () => {
		listen();
		clock.advance(600);
		clock.stall(75);
		clock.advance(0);
		const { histogram, ...report } = pacer.takeReport();
		expect(report).toEqual({ packets: 12, lateShare: 1 / 12, worstMs: 15, skippedFrames: 0 });
		expect(histogram[0]).toBe(11);
		expect(histogram[15]).toBe(1);
		expect(pacer.takeReport()).toMatchObject({ packets: 0, lateShare: 0, worstMs: 0 });
	});
});
