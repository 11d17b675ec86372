import type { Phone } from '../../../engine';
import { call, Home } from './support/home';

describe('a call that WhatsApp refuses', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await Home.start();
		phone = await home.linked();
	});
	afterEach(async () => home.check());
	afterAll(async () => home.close());

	it.each([
		[439, 'OFFER_REFUSED'],
		[463, 'ACCOUNT_RESTRICTED'],
		[479, 'OFFER_REFUSED'],
		[503, 'OFFER_REFUSED'],
	])('with %s is thrown as %s, and rings nowhere', async (refuseOffer, code) => {
		const person = home.person({ refuseOffer }, { devices: 2 });
		const refused = call(phone, person);
		await expect(refused).rejects.toMatchObject({ code });
		await expect(refused).rejects.toThrow(`(${refuseOffer})`);
		expect(person.seen.calls).toEqual([]);
	});

	it('for want of a token is ACCOUNT_RESTRICTED until the contact gives theirs', async () => {
		const person = home.person({ requiresToken: true }, { isStranger: true });
		await expect(call(phone, person)).rejects.toMatchObject({ code: 'ACCOUNT_RESTRICTED' });
		person.trust(home.own.id);
		await home.check();
		expect(await call(phone, person)).toMatchObject({ rang: true });
	});

	it('because the phone was set up anew is placed once more, with its new keys', async () => {
		const person = home.person({}, { devices: 2 });
		await call(phone, person);
		person.reinstall();
		const report = await call(phone, person);
		expect(report).toMatchObject({ outcome: 'noAnswer', rang: true });
		expect(home.network.takeFaults()).toMatchObject([{ detail: 'devices 0 do not decrypt' }]);
		await home.check();
		const again = person.seen.calls.slice(2);
		expect(again).toMatchObject([{ missed: true }, { missed: true }]);
		expect(again.map(({ callId }) => callId)).toEqual([report.callId, report.callId]);
	});

	it('leaves nothing behind: the next one rings', async () => {
		await expect(call(phone, home.person({ refuseOffer: 439 }))).rejects.toThrow();
		expect(await call(phone, home.person())).toMatchObject({ rang: true });
	});
});
