import { parseAddress, requireCallable } from '../../../common/address';
import { createNumberCache, resolveRecipient } from '../../../engine/call/recipient';
import { PEER, TABLET } from './support/callEvents';
import { FakeTransport, NUMBER, PHONE } from './support/fakeTransport';
import { ManualClock } from './support/manualClock';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

function newLookUp() {
	const clock = new ManualClock();
	const transport = new FakeTransport();
	const numbers = createNumberCache(clock);
	const resolve = (to: string = NUMBER, fresh = false) =>
		resolveRecipient(requireCallable(parseAddress(to)), transport, numbers, fresh);
	const questions = (): number => transport.log.filter((line) => line.startsWith('number')).length;
	return { clock, transport, resolve, questions };
}

describe('finding the recipient', () => {
	it("calls under the number that WhatsApp knows: without Brazil's ninth digit, for one", async () => {
		const { resolve, transport } = newLookUp();
		expect(await resolve()).toEqual({ lid: PEER, phone: PHONE, devices: transport.devices });
		expect(transport.log).toContain(`lid ${PHONE}`);
	});

	it('asks for a number once a day', async () => {
		const { clock, questions, resolve } = newLookUp();
		await resolve();
		await clock.advance(DAY_MS - 1);
		await resolve();
		expect(questions()).toBe(1);
		await clock.advance(2);
		await resolve();
		expect(questions()).toBe(2);
	});

	it('believes a no for an hour', async () => {
		const { clock, questions, resolve, transport } = newLookUp();
		transport.answer = { exists: false };
		await expect(resolve()).rejects.toMatchObject({
			code: 'NOT_ON_WHATSAPP',
			message: `${NUMBER} is not on WhatsApp`,
		});
		await expect(resolve()).rejects.toMatchObject({ code: 'NOT_ON_WHATSAPP' });
		expect(questions()).toBe(1);
		transport.answer = { exists: true, jid: PHONE };
		await clock.advance(HOUR_MS + 1);
		expect(await resolve()).toMatchObject({ lid: PEER });
	});

	it('does not remember that a question failed', async () => {
		const { questions, resolve, transport } = newLookUp();
		const answer = transport.lookUpNumber.bind(transport);
		transport.lookUpNumber = async (number) => {
			await answer(number);
			throw new Error('timed out');
		};
		await expect(resolve()).rejects.toThrow('timed out');
		transport.lookUpNumber = answer;
		await resolve();
		expect(questions()).toBe(2);
	});

	it('learns a hidden id that it does not know yet by asking for the devices', async () => {
		const { resolve, transport } = newLookUp();
		transport.lids.clear();
		const devicesOf = transport.devicesOf.bind(transport);
		transport.devicesOf = async (jid, fresh) => {
			transport.lids.set(PHONE, TABLET);
			return await devicesOf(jid, fresh);
		};
		expect(await resolve()).toMatchObject({ lid: PEER });
		expect(transport.log.filter((line) => line.startsWith('devices'))).toEqual([
			`devices ${PHONE} fresh`,
			`devices ${PEER}`,
		]);
	});

	it('gives up without a hidden id, rather than call a telephone address', async () => {
		const { resolve, transport } = newLookUp();
		transport.lids.clear();
		await expect(resolve()).rejects.toMatchObject({ code: 'RECIPIENT_UNREACHABLE' });
		transport.lids.set(PHONE, PHONE);
		await expect(resolve()).rejects.toMatchObject({ code: 'RECIPIENT_UNREACHABLE' });
	});

	it('asks nothing about the number of a hidden id', async () => {
		const { questions, resolve, transport } = newLookUp();
		expect(await resolve(PEER)).toEqual({ lid: PEER, devices: transport.devices });
		expect(questions()).toBe(0);
	});

	it('takes a hidden id where WhatsApp answers with one', async () => {
		const { resolve, transport } = newLookUp();
		transport.answer = { exists: true, jid: PEER };
		expect(await resolve()).toEqual({ lid: PEER, devices: transport.devices });
	});

	it('calls no hosted devices, no other account and no device twice', async () => {
		const { resolve, transport } = newLookUp();
		transport.devices = [
			'222222222222222:0@lid',
			PEER,
			'222222222222222:99@hosted.lid',
			'333333333333333@lid',
			'nonsense',
			TABLET,
		];
		expect(await resolve()).toMatchObject({ devices: [PEER, TABLET] });
		transport.devices = ['222222222222222:99@hosted.lid'];
		await expect(resolve()).rejects.toMatchObject({ code: 'RECIPIENT_UNREACHABLE' });
	});

	it('refuses to call itself', async () => {
		const { resolve, transport } = newLookUp();
		transport.ownLid = '222222222222222:23@lid';
		await expect(resolve()).rejects.toMatchObject({ code: 'INVALID_NUMBER' });
	});

	it('asks the server for the devices when told that it knows them no more', async () => {
		const { resolve, transport } = newLookUp();
		await resolve(NUMBER, true);
		expect(transport.log).toContain(`devices ${PEER} fresh`);
	});
});
