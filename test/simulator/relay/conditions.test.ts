import { randomBytes } from 'node:crypto';
import { ATTRIBUTE, attributeOf, hasFingerprint, isSigned } from '../../../simulator/relay/stun';
import { STUN, writeStun } from '../../../simulator/relay/stun';
import { eventually } from '../support/client';
import { RelayClient } from './support/relayClient';
import { pause, RelayWorld } from './support/relayWorld';

const AUDIO = Buffer.from('90780001000003c012345678debe0000aabbccdd', 'hex');

describe('the conditions of a relay', () => {
	let world: RelayWorld;

	beforeEach(async () => {
		world = await RelayWorld.start();
	});

	afterEach(async () => {
		await world.close();
		expect(world.faults()).toEqual([]);
	});

	function numbered(count: number): Buffer {
		const packet = Buffer.from(AUDIO);
		packet.writeUInt16BE(count, 2);
		return packet;
	}

	async function sendNumbered(client: RelayClient, count: number, everyMs: number): Promise<void> {
		for (let number = 0; number < count; number++) {
			client.send(numbered(number));
			await pause(everyMs);
		}
	}

	it('loses a share of the datagrams', async () => {
		const client = await world.open();
		await client.enter();
		world.network.relays.change({ loss: 0.3 });
		// One way only: what the channel repeats does not count here.
		await sendNumbered(client, 10, 1);
		for (let count = 0; count < 300; count++) world.line.toCaller(AUDIO);
		client.send(AUDIO);
		await pause(300);
		for (let count = 0; count < 300; count++) {
			world.line.toCaller(AUDIO);
			await pause(1);
		}
		await pause(100);
		expect(client.media.length).toBeGreaterThan(50);
		expect(client.media.length).toBeLessThan(500);
		world.network.relays.change({ loss: 0 });
	});

	it('is reached even over a network that loses a tenth', async () => {
		world.network.relays.change({ loss: 0.1 });
		// werift's client sometimes ruins its own keys when a handshake is repeated: it dials again.
		for (let attempt = 0; attempt < 6; attempt++) {
			const client = await RelayClient.prepare(world.dial());
			world.clients.push(client);
			const opened = client.connect().then(() => true);
			if (!(await Promise.race([opened, pause(5_000)]))) continue;
			const allocation = client.allocation();
			await eventually(() => {
				client.send(allocation);
				return client.stun.some(({ type }) => type === STUN.allocateSuccess);
			});
			return;
		}
		throw new Error('The relay was never reached');
	}, 60_000);

	it('delays, and lets packets overtake each other', async () => {
		const client = await world.open();
		await client.enter();
		world.network.relays.change({ delayMs: 80, jitterMs: 10 });
		const start = Date.now();
		client.ping();
		await client.heard(STUN.pong);
		expect(Date.now() - start).toBeGreaterThan(155);
		world.network.relays.change({ delayMs: 0, jitterMs: 0, reorder: 0.3 });
		await sendNumbered(client, 40, 10);
		await eventually(() => world.audio.length === 40);
		const order = world.audio.map(({ packet }) => packet.readUInt16BE(2));
		expect(order).not.toEqual([...order].sort((a, b) => a - b));
		expect(new Set(order).size).toBe(40);
	});

	it('may leave only 3480 answering, or nothing at all', async () => {
		world.network.relays.change({ answersOn: '3480' }, 0);
		const refused = await RelayClient.prepare(world.dial(0));
		let connected = false;
		void refused.connect().then(() => (connected = true));
		await (await world.open(0, 3480)).enter();
		await pause(300);
		expect(connected).toBe(false);
		world.network.relays.change({ silent: true }, 0);
		const [client] = world.clients;
		client?.ping();
		await pause(200);
		expect(client?.stun.some(({ type }) => type === STUN.pong)).toBe(false);
		world.network.relays.change({ silent: false, answersOn: 'both' });
		await eventually(() => connected);
		await refused.close();
	});

	it('may allocate and never bring what the phone sends', async () => {
		world.network.relays.change({ oneWay: true }, 0);
		const [first, second] = [await world.open(0), await world.open(1)];
		for (const client of [first, second]) {
			await client.enter();
			client.send(AUDIO);
		}
		await eventually(() => world.audio.length === 2);
		world.line.toCaller(AUDIO);
		await eventually(() => second.media.length === 1);
		expect(first.media).toEqual([]);
	});

	it('lets a phone speak over one relay where the network is set so', async () => {
		world.network.settings.phoneSpeaksOver = 'first';
		const [first, second] = [await world.open(0), await world.open(1)];
		for (const client of [second, first]) {
			await client.enter();
			client.send(AUDIO);
			await pause(30);
		}
		world.line.toCaller(AUDIO);
		await eventually(() => second.media.length === 1);
		await pause(30);
		expect(first.media).toEqual([]);
	});

	it('refuses with a code, without a fault', async () => {
		world.network.relays.change({ refuses: 486 });
		const client = await world.open();
		client.send(client.allocation());
		const answer = await client.heard(STUN.allocateError);
		expect(attributeOf(answer, ATTRIBUTE.errorCode)).toEqual(Buffer.from([0, 0, 4, 86]));
	});

	it('may want an ICE check first', async () => {
		world.network.relays.change({ iceOnly: true });
		const client = await RelayClient.prepare(world.dial());
		let connected = false;
		const connection = client.connect().then(() => (connected = true));
		await pause(300);
		expect(connected).toBe(false);
		const id = randomBytes(12);
		const name = world.line.tickets[0]?.authToken.toString('base64') ?? '';
		const check = (username: string, key: string): Buffer =>
			writeStun(
				STUN.bindingRequest,
				id,
				[
					{ type: ATTRIBUTE.username, value: Buffer.from(username) },
					{ type: ATTRIBUTE.priority, value: Buffer.from('6e7f1eff', 'hex') },
					{ type: ATTRIBUTE.controlling, value: randomBytes(8) },
					{ type: ATTRIBUTE.useCandidate, value: Buffer.alloc(0) },
				],
				key,
				true,
			);
		await client.sendRaw(check(`${name}:abcd`, 'wrong'));
		await client.sendRaw(check('nobody:abcd', client.dial.key));
		await client.sendRaw(check(`${name}:abcd`, client.dial.key));
		const answer = await client.heard(STUN.bindingSuccess);
		expect(answer.id).toEqual(id);
		expect(isSigned(answer, client.dial.key) && hasFingerprint(answer)).toBe(true);
		await connection;
		await client.enter();
		await client.close();
		expect(world.faults()).toEqual([
			expect.stringContaining('wrong integrity'),
			expect.stringContaining('of nobody'),
		]);
	});

	it('may end its clients, who hear of it', async () => {
		const client = await world.open();
		await client.enter();
		await world.network.relays.end(0);
		await eventually(() => client.closed);
		expect(world.network.relays.list[0]?.clients).toEqual([]);
	});

	it('forgets a client that hangs up, and one that goes without a word', async () => {
		const client = await world.open();
		await client.enter();
		await client.close();
		world.clients.length = 0;
		await eventually(() => world.network.relays.list[0]?.clients.length === 0);
	});
});

describe('closing a network', () => {
	it('leaves no sockets and no timers of its relays', async () => {
		const before = process.getActiveResourcesInfo();
		const world = await RelayWorld.start({ relays: 4 });
		const client = await world.open();
		await client.enter();
		world.network.relays.change({ delayMs: 500 });
		// werift's handshake sleeps for half a second, whatever happens.
		await pause(700);
		await world.close();
		const count = (list: string[]) =>
			list.filter((name) => name === 'Timeout' || name.startsWith('UDP')).length;
		await eventually(() => count(process.getActiveResourcesInfo()) <= count(before) + 1);
	});
});
