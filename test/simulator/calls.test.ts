import type { Phone, PhoneScript } from '../../simulator';
import { child, children } from '../../simulator/wire/node';
import { listen, makeOffer, sendOffer, sendTerminate } from './support/caller';
import { eventually, TestClient } from './support/client';
import { quietBaileys } from './support/quiet';
import { World } from './support/world';

describe('a call to a phone', () => {
	let world: World;

	beforeAll(async () => {
		quietBaileys();
		// Phones of earlier tests ring on, and keep quiet about it.
		world = await World.start({ ringLimitSeconds: 10_000 });
	});

	afterEach(async () => world.check());

	afterAll(async () => world.close());

	function addPhone(script: Partial<PhoneScript> = {}, devices = 1): Phone {
		return world.addPhone({ devices, script });
	}

	function device(phone: Phone, id: number): string {
		return id === 0 ? phone.lid : phone.lid.replace('@', `:${id}@`);
	}

	it('is acknowledged with a relay block, rings on four devices, and is missed when hung up', async () => {
		const phone = addPhone({}, 4);
		const heard = listen(world.client);
		const offer = await makeOffer(world.client, phone);
		const ack = await sendOffer(world.client, offer);
		expect(ack?.attrs).toMatchObject({ class: 'call', type: 'offer', from: phone.lid });
		expect(ack?.attrs.error).toBeUndefined();
		const relay = child(ack, 'relay');
		expect(children(relay).map(({ tag }) => tag)).toContain('te2');
		await eventually(() => heard.receipts.length === 4 && heard.calls.length === 4);
		expect(heard.receipts.map(({ attrs }) => attrs.from)).toEqual(
			[0, 3, 14, 27].map((id) => device(phone, id)),
		);
		expect(heard.receipts.every(({ attrs }) => attrs.id === offer.envelope.id)).toBe(true);
		const keys = phone.seen.calls.map(({ callKey }) => callKey);
		expect(keys).toEqual(Array.from({ length: 4 }, () => offer.callKey.toString('hex')));
		for (const id of [0, 3, 14, 27]) await sendTerminate(world.client, offer, device(phone, id));
		await eventually(() => phone.seen.calls.every(({ missed }) => missed));
		expect(phone.seen.calls.map(({ terminateReason }) => terminateReason)).toEqual(
			Array.from({ length: 4 }, () => null),
		);
	});

	it('reaches only the primary phone with a terminate to the bare LID', async () => {
		const phone = addPhone({}, 2);
		const offer = await makeOffer(world.client, phone);
		await sendOffer(world.client, offer);
		await sendTerminate(world.client, offer, phone.lid);
		await eventually(() => phone.seen.calls[0]?.state === 'ended');
		expect(phone.seen.calls[1]?.state).toBe('ringing');
	});

	it('is answered on one device, and hung up by the phone', async () => {
		const phone = addPhone(
			{ onCall: 'answer', device: 3, afterSeconds: 2, hangUpAfterSeconds: 2 },
			2,
		);
		const heard = listen(world.client);
		const offer = await makeOffer(world.client, phone);
		await sendOffer(world.client, offer);
		const accept = await eventually(() => heard.calls.find((call) => child(call, 'accept')));
		expect(accept.attrs.from).toBe(device(phone, 3));
		await sendTerminate(world.client, offer, phone.lid, 'accepted_elsewhere');
		await eventually(() => heard.calls.find((call) => child(call, 'terminate')));
		const [primary, companion] = phone.seen.calls;
		expect(primary).toMatchObject({ terminateReason: 'accepted_elsewhere', missed: false });
		expect(companion).toMatchObject({ state: 'ended', endedBy: 'self' });
	});

	it('is declined', async () => {
		const phone = addPhone({ onCall: 'decline', afterSeconds: 1 });
		const heard = listen(world.client);
		await sendOffer(world.client, await makeOffer(world.client, phone));
		const reject = await eventually(() => heard.calls.find((call) => child(call, 'reject')));
		expect(child(reject, 'reject')?.attrs.reason).toBeUndefined();
	});

	it('is busy on one device while the other rings', async () => {
		const phone = addPhone({ busyDevices: [0] }, 2);
		const heard = listen(world.client);
		await sendOffer(world.client, await makeOffer(world.client, phone));
		const reject = await eventually(() => heard.calls.find((call) => child(call, 'reject')));
		expect(child(reject, 'reject')?.attrs.reason).toBe('busy');
		expect(phone.seen.calls.map(({ state }) => state)).toEqual(['busy', 'ringing']);
	});

	it('waits for a phone that is offline', async () => {
		const phone = addPhone({ offlineDevices: [0] });
		const offer = await makeOffer(world.client, phone);
		expect((await sendOffer(world.client, offer))?.attrs.error).toBeUndefined();
		await sendTerminate(world.client, offer, phone.lid);
		expect(phone.seen.calls).toEqual([]);
		await eventually(() => world.network.calls.has(offer.callId));
		await phone.setScript({});
		await eventually(() => phone.seen.calls[0]?.missed);
	});

	it('never arrives at a phone that blocked the number', async () => {
		const phone = addPhone({ blocks: ['4915112345678'] });
		const ack = await sendOffer(world.client, await makeOffer(world.client, phone));
		expect(child(ack, 'relay')).toBeDefined();
		expect(phone.seen.calls).toEqual([]);
	});

	it('is refused with the code that the script names', async () => {
		const phone = addPhone({ refuseOffer: 401 });
		const ack = await sendOffer(world.client, await makeOffer(world.client, phone));
		expect(ack?.attrs.error).toBe('401');
	});

	it('needs the trusted-contact token where the phone wants one', async () => {
		const phone = addPhone({ requiresToken: true });
		const refused = await sendOffer(world.client, await makeOffer(world.client, phone));
		expect(refused?.attrs.error).toBe('463');
		phone.trust(world.own.id);
		const { keys } = world.client.socket.authState;
		await eventually(() => world.network.unacknowledged.length === 0);
		const token = (await keys.get('tctoken', [phone.lid]))[phone.lid]?.token;
		const offer = await makeOffer(world.client, phone);
		offer.content.unshift({ tag: 'privacy', attrs: {}, content: token });
		expect((await sendOffer(world.client, offer))?.attrs.error).toBeUndefined();
	});

	it('stops by itself at the ring limit, with a terminate', async () => {
		const { settings } = world.network;
		settings.ringLimitSeconds = 10;
		const phone = addPhone();
		const heard = listen(world.client);
		await sendOffer(world.client, await makeOffer(world.client, phone));
		const end = await eventually(() => heard.calls.find((call) => child(call, 'terminate')));
		expect(child(end, 'terminate')?.attrs.reason).toBe('timeout');
		expect(phone.seen.calls[0]?.missed).toBe(true);
		settings.ringLimitSeconds = 10_000;
	});

	it('names its sender in participant, and stops everywhere, where the network is set so', async () => {
		const { settings } = world.network;
		const before = { ...settings };
		Object.assign(settings, { senderIn: 'participant', bareTerminate: 'all' });
		const phone = addPhone({}, 2);
		const heard = listen(world.client);
		const offer = await makeOffer(world.client, phone);
		await sendOffer(world.client, offer);
		await eventually(() => heard.calls.length === 2 && heard.receipts.length === 2);
		const senders = heard.calls.map(({ attrs: { from, participant } }) => [from, participant]);
		expect(senders).toEqual([
			[phone.lid, phone.lid],
			[phone.lid, device(phone, 3)],
		]);
		await sendTerminate(world.client, offer, phone.lid);
		await eventually(() => phone.seen.calls.every(({ missed }) => missed));
		Object.assign(settings, before);
	});

	it('is ended after the client was away, which hears then what it missed', async () => {
		const phone = addPhone({ onCall: 'answer', afterSeconds: 5 }, 2);
		const { client } = world;
		const offer = await makeOffer(client, phone);
		await sendOffer(client, offer);
		await client.close();
		await eventually(() => phone.seen.calls[0]?.state === 'answered');
		client.updates.length = 0;
		client.connect();
		const heard = listen(client);
		await client.opened();
		const accept = await eventually(() => heard.calls.find((call) => child(call, 'accept')));
		expect(accept.attrs.offline).toBeDefined();
		await sendTerminate(client, offer, phone.lid);
		await sendTerminate(client, offer, device(phone, 3), 'accepted_elsewhere');
		await eventually(() => !world.network.ringing.some((one) => one.startsWith(phone.id)));
	});

	it('reaches a real client, which declines it', async () => {
		const phone = addPhone();
		const callee = await TestClient.linked(world.network, phone);
		world.clients.push(callee);
		const heard = listen(world.client);
		callee.socket.ev.on('call', ([call]) => {
			if (call?.status === 'offer') void callee.socket.rejectCall(call.id, call.from);
		});
		const offer = await makeOffer(world.client, phone);
		await sendOffer(world.client, offer);
		const reject = await eventually(() => heard.calls.find((call) => child(call, 'reject')));
		expect(reject.attrs.from).toBe(device(phone, 1));
		await sendTerminate(world.client, offer, phone.lid, 'rejected_elsewhere');
		await eventually(() => phone.seen.calls[0]?.terminateReason === 'rejected_elsewhere');
		expect(phone.seen.calls[0]?.missed).toBe(false);
	});

	it('rings again over the session of the first call', async () => {
		const phone = addPhone({ onCall: 'decline' }, 2);
		for (const count of [2, 4]) {
			await sendOffer(world.client, await makeOffer(world.client, phone));
			await eventually(() => phone.seen.calls.length === count);
		}
	});
});
