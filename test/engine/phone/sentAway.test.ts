import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Phone } from '../../../engine';
import { eventually } from '../../simulator/support/client';
import { call, Home, qrOf, ringsEverywhere } from './support/home';

/** WhatsApp ends the connection for good while a phone rings: only the phone itself can stop then. */
describe('a session that is sent away in a call', () => {
	let home: Home;
	let phone: Phone;

	beforeEach(async () => {
		home = await Home.start();
		phone = await home.linked();
	});
	afterEach(async () => home.check());
	afterEach(async () => home.close());

	const BROKEN = {
		outcome: 'failed',
		endedBy: 'network',
		rang: true,
	};

	it('because another connection took its place does not push that one out', async () => {
		const person = home.person();
		const placed = call(phone, person, { ringSeconds: 60 });
		await ringsEverywhere(home, person);
		home.network.replace(home.own);
		expect(await placed).toMatchObject({ ...BROKEN, failureCode: 'SESSION_REPLACED' });
		expect(await phone.status()).toMatchObject({
			state: 'linked',
			lastError: { code: 'SESSION_REPLACED' },
		});
		await home.check();
		expect(person.seen.calls).toMatchObject([{ endedBy: 'ringLimit' }]);
		expect(home.connections).toBe(0);
	});

	it('because it was replaced stops the ringing with the next call', async () => {
		const person = home.person({}, { devices: 2 });
		const placed = call(phone, person, { ringSeconds: 60 });
		await ringsEverywhere(home, person);
		home.network.replace(home.own);
		await placed;
		expect(await call(phone, home.person())).toMatchObject({ rang: true });
		expect(await phone.status()).not.toHaveProperty('lastError');
		await home.check();
		expect(person.seen.calls).toMatchObject([{ endedBy: 'caller' }, { endedBy: 'caller' }]);
	});

	it('because the phone removed it has no keys any more, and can be linked again', async () => {
		const person = home.person();
		const placed = call(phone, person, { ringSeconds: 60 });
		await ringsEverywhere(home, person);
		home.network.logOut(home.own);
		expect(await placed).toMatchObject({ ...BROKEN, failureCode: 'LOGGED_OUT' });
		const folder = join(home.data, 'main');
		await eventually(() => !existsSync(join(folder, 'lock')));
		expect((await readdir(folder)).sort()).toEqual([
			'holder.json',
			'last-error.json',
			'placed-calls.json',
			'ringing-calls.json',
		]);
		await expect(call(phone, person)).rejects.toMatchObject({ code: 'LOGGED_OUT' });
		expect(await phone.status()).toMatchObject({ state: 'loggedOut' });

		await home.own.scan(qrOf(await phone.link()));
		await phone.linked();
		// The new device may not end what the old one placed.
		expect(await call(phone, home.person())).toMatchObject({ outcome: 'noAnswer', rang: true });
	});
});
