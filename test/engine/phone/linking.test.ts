import type { Phone } from '../../../engine';
import { call, Home, OWN_NUMBER, qrOf } from './support/home';

describe('a phone of this package', () => {
	let home: Home;
	let phone: Phone;

	beforeEach(async () => {
		home = await Home.start();
		phone = home.open();
	});
	afterEach(async () => home.check());
	afterEach(async () => home.close());

	async function expectLinked(): Promise<void> {
		const identity = { number: OWN_NUMBER, lid: home.own.lid };
		expect(await phone.linked()).toEqual(identity);
		expect(await phone.status()).toEqual({ state: 'connected', ...identity });
		expect(await phone.link()).toEqual({ state: 'linked', ...identity });
		expect(await call(phone, home.person())).toMatchObject({ outcome: 'noAnswer', rang: true });
	}

	it('calls nobody before it is linked', async () => {
		await expect(call(phone, '5511999999999')).rejects.toMatchObject({ code: 'NOT_LINKED' });
		expect(await phone.status()).toMatchObject({ state: 'unlinked' });
	});

	it('is linked by a QR code, and calls', async () => {
		const step = await phone.link();
		expect(await phone.status()).toEqual({ state: 'linking' });
		await expect(call(phone, '5511999999999')).rejects.toMatchObject({ code: 'NOT_LINKED' });
		await home.own.scan(qrOf(step));
		await expectLinked();
	});

	it('is linked by a pairing code, and calls', async () => {
		const step = await phone.link(OWN_NUMBER);
		if (step.state !== 'linking' || step.method !== 'code') {
			throw new Error('Expected a pairing code');
		}
		expect(await phone.link(OWN_NUMBER)).toEqual(step);
		await home.own.enterPairingCode(step.code);
		await expectLinked();
	});

	it('is the same for everybody who opens it, and another one for another session', () => {
		expect(home.open() === phone).toBe(true);
		expect(home.open({ name: 'other' }) === phone).toBe(false);
	});

	it('logs out, and calls nobody then', async () => {
		await home.own.scan(qrOf(await phone.link()));
		await phone.linked();
		expect(await phone.logOut()).toEqual({ removedFromAccount: true });
		expect(home.network.clientsOf(home.own).length).toBe(0);
		await expect(call(phone, '5511999999999')).rejects.toMatchObject({ code: 'NOT_LINKED' });
	});
});
