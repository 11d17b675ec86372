import type { Phone, StandingState } from '../../../engine';
import { eventually } from '../../simulator/support/client';
import { call, Home } from './support/home';

/** A phone that is kept connected, as the server keeps its instances. */
describe('a connection that is kept', () => {
	let home: Home;
	let phone: Phone;
	let told: StandingState[];
	let stop: () => void;

	beforeEach(async () => {
		home = await Home.start();
		phone = await home.linked({ keepWarmMs: 0 });
		await phone.close();
		told = [];
		stop = phone.keepConnected((state) => told.push(state));
	});
	afterEach(async () => {
		stop();
		await home.check();
		await home.close();
	});

	const states = (): string[] => told.map(({ state }) => state);

	it('is there without a call, and goes when it is not kept any more', async () => {
		await eventually(() => states().at(-1) === 'connected');
		expect(home.connections).toBe(1);
		expect(await call(phone, home.person())).toMatchObject({ outcome: 'noAnswer' });
		expect(home.connections).toBe(1);
		stop();
		await eventually(() => home.connections === 0);
		expect(states()).toEqual(['connecting', 'connected', 'stopped']);
		expect(told.at(-1)).toEqual({ state: 'stopped' });
	});

	it('comes again each time it breaks', async () => {
		for (let count = 1; count <= 3; count += 1) {
			await eventually(() => states().filter((state) => state === 'connected').length === count);
			home.network.cut();
			await eventually(() => states().at(-1) === 'connecting');
			home.network.restore();
		}
		await eventually(() => states().at(-1) === 'connected');
		expect(home.connections).toBe(1);
	});

	it('is tried for as long as WhatsApp cannot be reached', async () => {
		await eventually(() => states().at(-1) === 'connected');
		home.network.cut();
		// More than one use of a session waits for: 45 s.
		await new Promise((resolve) => setTimeout(resolve, 6_000));
		expect(states()).toEqual(['connecting', 'connected', 'connecting']);
		home.network.restore();
		await eventually(() => states().at(-1) === 'connected');
	}, 40_000);

	it.each([
		['another connection took its place', 'replace', 'SESSION_REPLACED'],
		['the phone removed the device', 'logOut', 'LOGGED_OUT'],
	] as const)('does not come again when %s', async (_why, what, code) => {
		await eventually(() => states().at(-1) === 'connected');
		home.network[what](home.own);
		await eventually(() => states().at(-1) === 'stopped');
		expect(told.at(-1)).toMatchObject({ error: { code } });
		await eventually(() => home.connections === 0);
	});

	it('ends with the phone', async () => {
		await eventually(() => states().at(-1) === 'connected');
		await phone.close();
		await eventually(() => states().at(-1) === 'stopped');
		expect(home.connections).toBe(0);
	});

	it('of a phone that is not linked is not tried', async () => {
		const other: StandingState[] = [];
		home.open({ name: 'unlinked' }).keepConnected((state) => other.push(state));
		await eventually(() => other.at(-1)?.state === 'stopped');
		expect(other).toMatchObject([
			{ state: 'connecting' },
			{ state: 'stopped', error: { code: 'NOT_LINKED' } },
		]);
	});
});
