import { parseAddress, requireCallable } from '../../../common/address';
import { systemClock, type Clock } from '../../../common/clock';
import type { CallReport } from '../../../common/report';
import { createBaileysTransport, SessionCalls, type PlaceOptions } from '../../../engine/call';
import type { Phone, PhoneScript } from '../../../simulator';
import { eventually } from '../../simulator/support/client';
import { quietBaileys } from '../../simulator/support/quiet';
import { World } from '../../simulator/support/world';
import { MemoryStore } from './support/fakeTransport';

const RING_SECONDS = 2;

/** Five times as fast as the real one: nobody waits in full for tokens that will not come. */
const SPEED = 5;
const STARTED = Date.now();
const fastClock: Clock = {
	now: () => STARTED + (Date.now() - STARTED) * SPEED,
	sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / SPEED, signal),
};

/** Fake calls through Baileys, in real bytes, to phones that decrypt the key of the call. */
describe('a fake call over the network', () => {
	let world: World;
	let calls: SessionCalls;

	beforeAll(async () => {
		quietBaileys();
		world = await World.start({ ringLimitSeconds: 10_000 });
		calls = new SessionCalls({ clock: fastClock, store: new MemoryStore() });
	});

	afterEach(async () => {
		await world.check();
		expect(world.network.ringing).toEqual([]);
	});

	afterAll(async () => world.close());

	function addPhone(script: Partial<PhoneScript> = {}, devices = 1): Phone {
		return world.addPhone({ devices, script });
	}

	function call(number: string, request: Partial<PlaceOptions> = {}): Promise<CallReport> {
		return calls.place(
			{
				address: requireCallable(parseAddress(number)),
				ringSeconds: RING_SECONDS,
				pauseMilliseconds: 0,
				...request,
			},
			() => createBaileysTransport(world.client.socket, fastClock),
		);
	}

	it.each([1, 2, 4])('rings on %s devices and is missed on each', async (devices) => {
		const phone = addPhone({}, devices);
		const report = await call(phone.id);
		expect(report).toMatchObject({ outcome: 'noAnswer', rang: true, endedBy: 'us' });
		expect(report.ringSeconds).toBeGreaterThanOrEqual(RING_SECONDS);
		await eventually(() => phone.seen.calls.every(({ missed }) => missed));
		expect(phone.seen.calls).toHaveLength(devices);
		expect(phone.seen.calls.map(({ callId }) => callId)).toEqual(
			Array.from({ length: devices }, () => report.callId),
		);
		expect(phone.seen.calls.map(({ terminateReason }) => terminateReason)).toEqual(
			Array.from({ length: devices }, () => null),
		);
	});

	it('answered on a companion is hung up there and dismissed elsewhere', async () => {
		const phone = addPhone({ onCall: 'answer', afterSeconds: 1, device: 3 }, 3);
		const report = await call(phone.id, { ringSeconds: 10 });
		expect(report).toMatchObject({ outcome: 'answered', rang: true, talkSeconds: 0 });
		await eventually(() => phone.seen.calls.every(({ state }) => state === 'ended'));
		expect(phone.seen.calls.map(({ terminateReason }) => terminateReason)).toEqual([
			'accepted_elsewhere',
			null,
			'accepted_elsewhere',
		]);
	});

	it('declined on the phone stops the others', async () => {
		const phone = addPhone({ onCall: 'decline', afterSeconds: 1 }, 2);
		expect(await call(phone.id, { ringSeconds: 10 })).toMatchObject({ outcome: 'declined' });
		await eventually(() => world.network.ringing.length === 0);
		expect(phone.seen.calls[1]?.terminateReason).toBe('rejected_elsewhere');
	});

	it('busy on every device is busy', async () => {
		const phone = addPhone({ busyDevices: [0, 3] }, 2);
		expect(await call(phone.id, { ringSeconds: 10 })).toMatchObject({ outcome: 'busy' });
	});

	it('busy on one device rings on the other', async () => {
		const phone = addPhone({ busyDevices: [0] }, 2);
		expect(await call(phone.id)).toMatchObject({
			outcome: 'noAnswer',
			message: 'It rang, and nobody answered. One of their devices was busy.',
		});
		await eventually(() => world.network.ringing.length === 0);
	});

	it.each([439, 463, 479, 500])('refused with %s is thrown', async (refuseOffer) => {
		const phone = addPhone({ refuseOffer });
		await expect(call(phone.id)).rejects.toMatchObject({
			code: refuseOffer === 463 ? 'ACCOUNT_RESTRICTED' : 'OFFER_REFUSED',
		});
		expect(phone.seen.calls).toEqual([]);
	});

	it('a number that nobody has is not called', async () => {
		const phone = world.addPhone({ onWhatsApp: false });
		await expect(call(phone.id)).rejects.toMatchObject({ code: 'NOT_ON_WHATSAPP' });
	});

	it('finds a Brazilian without the ninth digit that was dialled', async () => {
		const phone = world.network.addPhone({
			number: '551187654321',
			aliases: ['5511987654321'],
		});
		expect(await call('5511987654321')).toMatchObject({ rang: true, number: '5511987654321' });
		await eventually(() => phone.seen.calls[0]?.missed === true);
	});

	it('cancelled stops ringing everywhere', async () => {
		const phone = addPhone({}, 2);
		const controller = new AbortController();
		const report = call(phone.id, { ringSeconds: 30, signal: controller.signal });
		// The phones know of the call before we know that they do.
		let receipts = 0;
		world.client.socket.ws.on('CB:receipt', () => (receipts += 1));
		await eventually(() => receipts === 2);
		controller.abort();
		expect(await report).toMatchObject({ outcome: 'cancelled' });
		await eventually(() => world.network.ringing.length === 0);
	});

	it('a second call to the same person rings as the first did', async () => {
		const phone = addPhone({}, 2);
		await call(phone.id);
		const report = await call(phone.id);
		expect(report).toMatchObject({ rang: true });
		await eventually(() => phone.seen.calls.filter(({ missed }) => missed).length === 4);
	});
});
