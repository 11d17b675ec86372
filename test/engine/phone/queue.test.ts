import { closePhones, type Phone } from '../../../engine';
import { call, Home, ringsEverywhere, SPEED } from './support/home';

describe('the calls of one session', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await Home.start();
		phone = await home.linked();
	});
	afterEach(async () => home.check());
	afterAll(async () => home.close());

	it('wait for each other, with a pause, and say how long they waited', async () => {
		const people = [home.person(), home.person()];
		const [first, second] = await Promise.all(
			people.map((person) => call(phone, person, { ringSeconds: 2, pauseMilliseconds: 20_000 })),
		);
		expect(first).not.toHaveProperty('waitedSeconds');
		expect(second?.waitedSeconds).toBeGreaterThanOrEqual(22);
		await home.check();
		const [until, from] = [people[0]?.seen.calls[0]?.rangUntil, people[1]?.seen.calls[0]?.rangAt];
		// The clocks of the phones are real; the terminate is on its way, on a busy machine for long.
		expect(Date.parse(from ?? '') - Date.parse(until ?? '')).toBeGreaterThan(10_000 / SPEED);
	});

	it('pause for three seconds when nothing else was asked for', async () => {
		const [, report] = await Promise.all([
			call(phone, home.person(), { ringSeconds: 2 }),
			call(phone, home.person(), { pauseMilliseconds: undefined }),
		]);
		expect(report.waitedSeconds).toBeGreaterThanOrEqual(5);
	});

	it('leave the queue when they are cancelled in it, and the others go on', async () => {
		const person = home.person();
		const ringing = call(phone, person, { ringSeconds: 3 });
		const waiting = new AbortController();
		const untouched = home.person();
		const cancelled = call(phone, untouched, { signal: waiting.signal });
		const last = call(phone, home.person());
		await ringsEverywhere(home, person);
		waiting.abort();
		await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
		expect(await ringing).toMatchObject({ outcome: 'noAnswer' });
		expect(await last).toMatchObject({ rang: true });
		expect(untouched.seen.calls).toEqual([]);
	});
});

describe('the calls of one day', () => {
	it('are counted for each session, over a restart too, and then refused', async () => {
		const home = await Home.start();
		let phone = await home.linked();
		const limited = { callsPerDay: 2 };
		await call(phone, home.person(), limited);
		await call(phone, home.person(), limited);

		const refused = home.person();
		const expectRefusal = async (): Promise<void> =>
			expect(call(phone, refused, limited)).rejects.toMatchObject({
				code: 'RATE_LIMITED',
				message: expect.stringContaining('placed 2 calls within 24 hours'),
			});
		await expectRefusal();
		await closePhones();
		const again = home.open();
		expect(again === phone).toBe(false);
		phone = again;
		await expectRefusal();
		expect(refused.seen.calls).toEqual([]);
		expect(await call(phone, refused, { callsPerDay: 3 })).toMatchObject({ rang: true });
		await home.check();
		await home.close();
	});
});
