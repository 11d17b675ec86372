import { Timeline } from '../../../../engine/media/recording/timeline';

/** A timeline whose first packet has timestamp 5000 and came at 1,000,000 ms, of 60 ms. */
function started() {
	const timeline = new Timeline();
	const gap = (timestamp: number, atMs: number, recorded: number) =>
		timeline.gapBefore(
			{
				sequence: 1,
				timestamp: 5000 + timestamp,
				payload: Uint8Array.of(0x58),
				codec: 'opus',
				arrivedAtMs: 1_000_000 + atMs,
			},
			recorded,
		);
	expect(gap(0, 0, 0)).toBe(0);
	return gap;
}

test('packets one behind the other leave no gap, whenever they come', () => {
	const gap = started();
	expect(gap(960, 60, 960)).toBe(0);
	expect(gap(1920, 1500, 1920)).toBe(0);
	expect(gap(2880, 1501, 2880)).toBe(0);
});

test('the timestamp tells how long a gap is', () => {
	const gap = started();
	expect(gap(2880, 180, 960)).toBe(1920);
	expect(gap(16_000 * 60, 60_000, 3840)).toBe(16_000 * 60 - 3840);
});

test('what could not be filled is made up for by the next gap', () => {
	const gap = started();
	expect(gap(1000, 60, 960)).toBe(40);
	expect(gap(3000, 180, 1920)).toBe(1080);
});

test('a packet that comes up to 2 s early is believed', () => {
	expect(started()(16_000 * 3, 1000, 960)).toBe(16_000 * 3 - 960);
});

test('a clock set forward: the time of arrival tells how long it was silent', () => {
	const gap = started();
	expect(gap(2 ** 31, 5000, 960)).toBe(80_000 - 960);
	expect(gap(2 ** 31 + 960, 5060, 80_960)).toBe(0);
});

test('a clock set back: likewise', () => {
	const gap = started();
	expect(gap(96_000, 6000, 960)).toBe(95_040);
	expect(gap(0, 6060, 96_960)).toBe(0);
	expect(gap(960, 6120, 97_920)).toBe(0);
	expect(gap(2880, 6240, 98_880)).toBe(960);
});

test('a packet that overlaps by up to half a second follows on', () => {
	const gap = started();
	expect(gap(960, 60, 8960)).toBe(0);
	expect(gap(9920, 620, 8960)).toBe(960);
});
