import type { AudioCallResult } from '../../../engine';
import { tone, type Phone as PersonsPhone } from '../../../simulator';
import { wavOf } from '../audio/support';
import type { Home } from '../phone/support/home';
import { CallerProcess } from './support/callerProcess';
import { answered, audioCall, BLIP, check, hears, startStudio } from './support/studio';

/** How many calls one process places; `npm run soak` takes 500. */
const CALLS = Number(process.env.SOAK ?? 20);
/** Until every part of the engine has run, memory grows. */
const FIRST_CALLS = 5;
/** Whoever is recorded and sends nothing for so long is gone. */
const SILENCE_SECONDS = 20;
const KILOBYTE = 1_000;
const MEGABYTE = 1_000_000;

describe('a call that lasts', () => {
	let home: Home;
	let caller: CallerProcess | undefined;
	let dumb: PersonsPhone;
	let toDumb: Promise<AudioCallResult>;

	beforeAll(async () => {
		home = await startStudio();
		// Of a process of its own.
		await (await home.linked()).close();
		const patient = await home.linked({ name: 'patient' });
		dumb = home.person({ onCall: 'answer', media: false });
		// A long silence: other calls go on meanwhile.
		toDumb = audioCall(patient, dumb, { recordAtMostMs: 60_000, stayMs: 60_000 });
	});
	afterEach(async () => {
		caller?.kill();
		await check(home);
	});
	afterAll(async () => {
		await home.close();
	});

	it('is heard without a gap while the main thread of its process is blocked for two seconds', async () => {
		const person = home.person({ onCall: 'answer', afterSeconds: 2 });
		caller = new CallerProcess(home, person.id, wavOf(tone(440, 3.5)), 1);
		await hears(person, 5);
		caller.block(2_000);
		const { code, done, output } = await caller.ended;
		expect(output).toBe('');
		expect(code).toBe(0);
		expect(done).toMatchObject([
			{ report: { outcome: 'answered', playedSeconds: 3.5, heard: true }, rejections: 0 },
		]);
		const { seen } = await answered(person);
		expect(seen.lost).toBe(0);
		// None at all, but for what a busy machine does to any thread.
		expect(Math.max(0, ...seen.gapsMs)).toBeLessThan(1_200);
	});

	it(
		`leaves nothing: after ${CALLS} calls a process holds what it held after ${FIRST_CALLS}`,
		async () => {
			home.network.settings.hearing = 'count';
			const person = home.person({ onCall: 'answer' }, { devices: 2 });
			caller = new CallerProcess(home, person.id, BLIP, CALLS);
			const { code, done, output } = await caller.ended;
			expect(output).toBe('');
			expect(code).toBe(0);
			expect(done).toHaveLength(CALLS);
			expect(done.map(({ report }) => report.outcome)).toEqual(Array(CALLS).fill('answered'));
			const [first] = done.slice(FIRST_CALLS);
			const last = done.at(-1);
			const { handles = [], heapUsed = 0, rss = 0 } = last ?? {};
			expect(handles).toEqual(first?.handles);
			expect(last?.rejections).toBe(0);
			// What a call leaves of its number and its keys is little; the rest comes and goes.
			expect(heapUsed - (first?.heapUsed ?? 0)).toBeLessThan(MEGABYTE + CALLS * 20 * KILOBYTE);
			expect(rss - (first?.rss ?? 0)).toBeLessThan(30 * MEGABYTE + CALLS * 50 * KILOBYTE);
		},
		CALLS * 4_000,
	);

	it('ends when somebody who is recorded is silent for 20 seconds', async () => {
		const { report, ...rest } = await toDumb;
		expect(report).toMatchObject({
			outcome: 'answered',
			endedBy: 'us',
			heard: false,
			playedSeconds: 0.3,
		});
		expect(report.talkSeconds).toBeGreaterThanOrEqual(SILENCE_SECONDS);
		expect(report.talkSeconds).toBeLessThan(SILENCE_SECONDS + 8);
		expect(rest).toEqual({});
		expect(dumb.seen.calls).toMatchObject([{ endedBy: 'caller', media: { lost: 0, sent: 0 } }]);
	}, 30_000);
});
