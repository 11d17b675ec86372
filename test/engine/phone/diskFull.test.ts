import { parseAddress, requireCallable } from '../../../common/address';
import { KeyLog } from '../../../engine/session/keyLog';
import type { Phone } from '../../../engine';
import { call, Home } from './support/home';

const FULL = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** Nobody has this number. */
const STRANGER = requireCallable(parseAddress('4915100000000'));

describe('a disk that is full', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await Home.start();
		phone = await home.linked();
	});
	afterEach(() => jest.restoreAllMocks());
	afterAll(async () => home.close());

	it('is what a call that cannot keep its keys tells, and nobody is called', async () => {
		const append = jest.spyOn(KeyLog.prototype, 'append').mockRejectedValue(FULL);
		const person = home.person();
		await expect(call(phone, person)).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			message: 'The session cannot be written: the disk is full (ENOSPC)',
			hint: expect.stringContaining('Make room') as string,
		});
		expect(append).toHaveBeenCalled();
		expect(person.seen.calls).toEqual([]);
	});

	it('is forgotten when there is room again', async () => {
		expect(await call(phone, home.person())).toMatchObject({ outcome: 'noAnswer', rang: true });
	});

	it('hides no other reason', async () => {
		await expect(call(phone, home.person(), { to: STRANGER })).rejects.toMatchObject({
			code: 'NOT_ON_WHATSAPP',
		});
	});
});
