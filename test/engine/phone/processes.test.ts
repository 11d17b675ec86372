import { hostname } from 'node:os';
import { systemClock } from '../../../common/clock';
import type { Phone } from '../../../engine';
import { eventually } from '../../simulator/support/client';
import { call, Home, ringsEverywhere } from './support/home';
import { OtherProcess } from './support/otherProcess';

/** Nobody gives up by itself here: a phone that stops was told to. */
const FOR_EVER = 100_000;
const RING_SECONDS = 60;

describe('two processes with one session', () => {
	let home: Home;
	let phone: Phone;
	const others: OtherProcess[] = [];

	beforeAll(async () => {
		home = await Home.start({ clock: systemClock, ringLimitSeconds: FOR_EVER });
		phone = await home.linked();
	});
	beforeEach(async () => phone.close());
	afterEach(async () => {
		await Promise.all(others.splice(0).map((other) => other.kill()));
	});
	afterEach(async () => home.check());
	afterAll(async () => {
		await home.close();
	});

	function startOther(ringSeconds: number, ...numbers: string[]): OtherProcess {
		const other = new OtherProcess(home, ringSeconds, numbers);
		others.push(other);
		return other;
	}

	it('one is killed while phones ring, and the next call of the other one stops them', async () => {
		const person = home.person({}, { devices: 4 });
		const dying = startOther(RING_SECONDS, person.id);
		await eventually(() => home.network.ringing.length === 4);
		await dying.kill();
		expect(home.network.ringing).toHaveLength(4);

		const next = home.person();
		expect(await call(phone, next)).toMatchObject({ outcome: 'noAnswer', rang: true });
		await home.check();
		expect(person.seen.calls.map(({ endedBy }) => endedBy)).toEqual(Array(4).fill('caller'));
		const stopped = person.seen.calls.map(({ rangUntil = '' }) => Date.parse(rangUntil));
		expect(Math.max(...stopped)).toBeLessThanOrEqual(Date.parse(next.seen.calls[0]?.rangAt ?? ''));
	});

	it('the second one is told at once who has it, and takes over when that one was killed', async () => {
		const person = home.person();
		const first = startOther(RING_SECONDS, person.id);
		await eventually(() => home.network.ringing.length === 1);
		const asked = Date.now();
		const next = home.person();
		await expect(call(phone, next)).rejects.toMatchObject({
			code: 'SESSION_IN_USE',
			message: `The session is in use by process ${first.pid} on ${hostname()}`,
		});
		expect(Date.now() - asked).toBeLessThan(10_000);
		expect(home.network.ringing).toHaveLength(1);
		expect(await phone.status()).toMatchObject({ state: 'linked', number: home.own.id });

		await first.kill();
		expect(await call(phone, next)).toMatchObject({ rang: true });
	});

	it('the other way round: this one rings, the other one is told', async () => {
		const person = home.person();
		const user = new AbortController();
		const placed = call(phone, person, { ringSeconds: RING_SECONDS, signal: user.signal });
		await ringsEverywhere(home, person);
		const { answers, output } = await startOther(1, home.person().id).ended;
		expect(answers).toEqual([
			{
				code: 'SESSION_IN_USE',
				message: `The session is in use by process ${process.pid} on ${hostname()}`,
			},
		]);
		expect(output).toBe('');
		user.abort();
		expect(await placed).toMatchObject({ outcome: 'cancelled', rang: true });
	});

	it('a process ends by itself after its calls, and has printed nothing', async () => {
		const people = [home.person(), home.person({ onCall: 'decline' })];
		const other = startOther(1, ...people.map(({ id }) => id));
		expect(await other.ended).toEqual({
			answers: [
				expect.objectContaining({ outcome: 'noAnswer', rang: true }),
				expect.objectContaining({ outcome: 'declined' }),
			],
			output: '',
		});
		// It has let go of the session.
		expect(await call(phone, home.person())).toMatchObject({ rang: true });
	});
});
