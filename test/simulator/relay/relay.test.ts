import { createHash, randomBytes } from 'node:crypto';
import { ATTRIBUTE, attributeOf, STUN, writeStun } from '../../../simulator/relay/stun';
import { eventually } from '../support/client';
import { RelayClient } from './support/relayClient';
import { pause, RelayWorld } from './support/relayWorld';

/** RTP as far as a relay looks at it. */
const AUDIO = Buffer.from('90780001000003c012345678debe0000aabbccdd', 'hex');
const REPORT = Buffer.from('80c8000612345678', 'hex');

describe('a relay', () => {
	let world: RelayWorld;

	beforeEach(async () => {
		world = await RelayWorld.start();
	});

	afterEach(async () => {
		await world.close();
		expect(world.faults()).toEqual([]);
	});

	it('takes a client on the port of te2 and on 3480, with the certificate of the network', async () => {
		for (const dialled of [undefined, 3480]) {
			const client = await world.open(1, dialled);
			await client.enter();
			const digest = createHash('sha256').update(client.remoteCertificate ?? '');
			const hex = world.network.relays.fingerprint.replaceAll(':', '').toLowerCase();
			expect(digest.digest('hex')).toBe(hex);
		}
		const [first, second] = world.network.relays.list;
		expect(first?.ports).toEqual([3478, 3480]);
		expect(first?.host).not.toBe(second?.host);
		expect(second?.clients).toMatchObject([{ allocated: true }, { allocated: true }]);
	});

	it('bridges only after the first media that follows allocation and ping', async () => {
		const client = await world.open();
		await client.enter();
		world.line.toCaller(AUDIO);
		await pause(50);
		expect(client.media).toEqual([]);
		client.send(AUDIO);
		client.send(REPORT);
		await eventually(() => world.audio.length === 1 && world.reports.length === 1);
		expect(world.audio[0]?.packet).toEqual(AUDIO);
		world.line.toCaller(REPORT);
		await eventually(() => client.media.length === 1);
		expect(client.media[0]).toEqual(REPORT);
		expect(world.line.bridged).toEqual(['sim0c01']);
	});

	it('never bridges after media that came before the first ping', async () => {
		const client = await world.open();
		client.send(client.allocation());
		await client.heard(STUN.allocateSuccess);
		client.send(AUDIO);
		client.ping();
		await client.heard(STUN.pong);
		client.send(AUDIO);
		await pause(50);
		expect(world.audio).toEqual([]);
		expect(world.line.bridged).toEqual([]);
		expect(world.faults()).toEqual([expect.stringContaining('before the first ping')]);
	});

	it('never bridges after a Binding Request of the client', async () => {
		const client = await world.open();
		await client.enter();
		client.send(writeStun(STUN.bindingRequest, randomBytes(12), [], client.dial.key, true));
		client.send(AUDIO);
		await pause(50);
		expect(world.line.bridged).toEqual([]);
		expect(world.faults()).toEqual([expect.stringContaining('Binding Request of the client')]);
	});

	it('refuses every Allocate that is not as it should be', async () => {
		const client = await world.open();
		const other = await world.open(1);
		const wrong: [Buffer, number][] = [
			[client.allocation({ key: 'another' }), 401],
			[client.allocation({ token: randomBytes(160) }), 403],
			[client.allocation({ token: other.dial.token }), 403],
			[client.allocation({ address: Buffer.alloc(8) }), 400],
			[client.allocation({ streams: Buffer.alloc(8) }), 400],
			[writeStun(STUN.allocate, randomBytes(12), [], client.dial.key), 400],
		];
		for (const [message, code] of wrong) {
			client.send(message);
			const answer = await client.heard(STUN.allocateError);
			expect(answer.id).toEqual(message.subarray(8, 20));
			const [, , hundreds = 0, rest = 0] = attributeOf(answer, ATTRIBUTE.errorCode) ?? [];
			expect(hundreds * 100 + rest).toBe(code);
		}
		// The token of the other relay and the unknown one are the same fault.
		expect(world.faults()).toHaveLength(6);
	});

	it('answers a repeated Allocate with the same id, and complains of another one', async () => {
		const client = await world.open();
		const allocation = await client.enter();
		client.send(allocation);
		expect((await client.heard(STUN.allocateSuccess)).id).toEqual(allocation.subarray(8, 20));
		client.send(client.allocation());
		await client.heard(STUN.allocateSuccess);
		expect(world.faults()).toEqual([expect.stringContaining('other bytes')]);
	});

	it('complains of what does not belong into the channel', async () => {
		const client = await world.open();
		await client.enter();
		await client.sendOdd(0, 50, Buffer.from([3]));
		await client.sendOdd(1, 53, AUDIO);
		await client.sendOdd(0, 51, AUDIO);
		client.send(Buffer.from([0x00, 0x03, 0x00, 0x00]));
		client.send(Buffer.from([0x09, 0x00]));
		client.send(Buffer.from([0xff, 0xff]));
		await eventually(() => world.network.faults.list.length >= 5);
		expect(world.faults()).toHaveLength(5);
	});

	it('asks with Binding Requests, and takes only right answers', async () => {
		const client = await world.open();
		client.answers = false;
		await client.stay();
		const { id } = await client.heard(STUN.bindingRequest);
		client.send(writeStun(STUN.bindingSuccess, id, [], 'another key', true));
		await eventually(() => world.network.faults.list.length === 1);
		expect(world.faults()).toEqual([expect.stringContaining('Binding answer')]);
	});

	it('serves on after 10,000 datagrams of garbage', async () => {
		const client = await world.open();
		await client.enter();
		const stranger = await RelayClient.prepare(client.dial);
		for (let count = 0; count < 10_000; count++) {
			const garbage = randomBytes(1 + (count % 300));
			// Every second looks like DTLS, every fourth like STUN.
			if (count % 2) garbage[0] = 20 + (count % 44);
			else if (count % 4) garbage[0] = count % 4;
			await (count % 3 ? stranger : client).sendRaw(garbage);
			// Lets the relay read: the system keeps only some hundreds of datagrams for it.
			if (count % 50 === 0) await pause(1);
		}
		await stranger.close();
		expect(world.network.relays.list[0]?.datagrams).toBeGreaterThan(9_000);
		await (await world.open()).enter();
		client.ping();
		await client.heard(STUN.pong);
	});
});

describe('a relay that loses patience', () => {
	let world: RelayWorld;

	beforeEach(async () => {
		world = await RelayWorld.start({
			relayAllocationSeconds: 0.6,
			relayBindingSeconds: 0.2,
			relayPatienceSeconds: 1,
		});
	});

	afterEach(async () => {
		await world.close();
		expect(world.faults()).toEqual([]);
	});

	it('lets an allocation expire without a sign of life, and takes a new one', async () => {
		const client = await world.open();
		const allocation = await client.enter();
		client.send(AUDIO);
		await eventually(() => world.line.bridged.length === 1);
		await eventually(() => world.line.bridged.length === 0);
		client.send(AUDIO);
		await eventually(() => world.network.faults.list.length === 1);
		expect(world.faults()).toEqual([expect.stringContaining('after the allocation expired')]);
		client.send(allocation);
		await client.heard(STUN.allocateSuccess);
		client.send(AUDIO);
		await eventually(() => world.line.bridged.length === 1);
	});

	it('keeps a client that pings and answers, and drops one that does not answer', async () => {
		const client = await world.open();
		await client.enter();
		for (let count = 0; count < 15; count++) {
			client.ping();
			await pause(100);
		}
		expect(world.network.relays.list[0]?.clients).toMatchObject([{ allocated: true }]);
		client.answers = false;
		for (let count = 0; count < 15; count++) {
			client.ping();
			await pause(100);
		}
		expect(world.network.relays.list[0]?.clients).toEqual([]);
		expect(world.faults()).toEqual([expect.stringContaining('were not answered')]);
	});
});
