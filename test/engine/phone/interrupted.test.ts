import { setTimeout as wait } from 'node:timers/promises';
import { closePhones, type Phone } from '../../../engine';
import { call, Home, ringsEverywhere } from './support/home';

/** Nobody gives up by itself here: a phone that stops was told to. */
const FOR_EVER = 100_000;

describe('a call that is interrupted', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await Home.start({ ringLimitSeconds: FOR_EVER });
		await home.linked();
	});
	beforeEach(() => {
		phone = home.open();
	});
	afterEach(async () => home.check());
	afterAll(async () => home.close());

	it('by its user stops on every device, and says that it was cancelled', async () => {
		const person = home.person({}, { devices: 4 });
		const user = new AbortController();
		const placed = call(phone, person, { ringSeconds: 60, signal: user.signal });
		await ringsEverywhere(home, person);
		user.abort();
		expect(await placed).toMatchObject({ outcome: 'cancelled', rang: true, endedBy: 'us' });
		await home.check();
		expect(person.seen.calls.map(({ endedBy }) => endedBy)).toEqual(Array(4).fill('caller'));
	});

	it('by its user before it began is not placed', async () => {
		const person = home.person();
		const placed = call(phone, person, { signal: AbortSignal.abort() });
		await expect(placed).rejects.toMatchObject({ code: 'CANCELLED' });
		expect(person.seen.calls).toEqual([]);
	});

	it('because the phone of this package is closed stops, as the one does that waits', async () => {
		const person = home.person();
		const placed = call(phone, person, { ringSeconds: 60 });
		const waiting = call(phone, home.person());
		waiting.catch(() => undefined);
		await ringsEverywhere(home, person);
		await phone.close();
		expect(await placed).toMatchObject({ outcome: 'cancelled', rang: true });
		await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
		expect(home.connections).toBe(0);
		expect(await call(phone, home.person())).toMatchObject({ rang: true });
	});

	it('because everything is closed does not come back by itself', async () => {
		const person = home.person();
		const placed = call(phone, person, { ringSeconds: 60 });
		await ringsEverywhere(home, person);
		await closePhones();
		expect(await placed).toMatchObject({ outcome: 'failed', endedBy: 'network' });
		expect(home.connections).toBe(0);
		expect(await call(home.open(), home.person())).toMatchObject({ rang: true });
	});

	it.each([1, 4])(
		'by the network stops on %s devices over the next connection',
		async (devices) => {
			const person = home.person({}, { devices });
			const placed = call(phone, person, { ringSeconds: 60 });
			await ringsEverywhere(home, person);
			home.network.cut();
			await wait(20);
			home.network.restore();
			expect(await placed).toMatchObject({
				outcome: 'failed',
				failureCode: 'NETWORK_UNREACHABLE',
				endedBy: 'network',
				rang: true,
			});
			await home.check();
			expect(person.seen.calls).toHaveLength(devices);
			expect(await call(phone, home.person())).toMatchObject({ outcome: 'noAnswer', rang: true });
		},
	);

	it('by the network stops although the call that waits behind it is refused', async () => {
		const person = home.person();
		const placed = call(phone, person, { ringSeconds: 60 });
		const refused = call(phone, home.person(), { callsPerDay: 1 });
		refused.catch(() => undefined);
		await ringsEverywhere(home, person);
		home.network.cut();
		home.network.restore();
		expect(await placed).toMatchObject({ outcome: 'failed' });
		await expect(refused).rejects.toMatchObject({ code: 'RATE_LIMITED' });
		await home.check();
	});

	it('by the network stops although the call that waits behind it waits for long', async () => {
		const person = home.person();
		const placed = call(phone, person, { ringSeconds: 60 });
		const user = new AbortController();
		const request = { pauseMilliseconds: 600_000, signal: user.signal };
		const waiting = call(phone, home.person(), request);
		await ringsEverywhere(home, person);
		home.network.cut();
		home.network.restore();
		expect(await placed).toMatchObject({ outcome: 'failed' });
		await home.check();
		user.abort();
		await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
	});

	it('by the network stops before the call that waits behind it rings', async () => {
		const person = home.person();
		const placed = call(phone, person, { ringSeconds: 60 });
		const next = home.person();
		const waiting = call(phone, next);
		await ringsEverywhere(home, person);
		home.network.cut();
		home.network.restore();
		expect(await placed).toMatchObject({ outcome: 'failed' });
		expect(await waiting).toMatchObject({ outcome: 'noAnswer', rang: true });
		const [until = '', from = ''] = [person.seen.calls[0]?.rangUntil, next.seen.calls[0]?.rangAt];
		expect(Date.parse(from)).toBeGreaterThanOrEqual(Date.parse(until));
	});
});
