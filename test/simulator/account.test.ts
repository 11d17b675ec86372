import { eventually, TestClient } from './support/client';
import { quietBaileys } from './support/quiet';
import { World } from './support/world';

describe('what an account may ask', () => {
	let world: World;

	beforeEach(async () => {
		quietBaileys();
		world = await World.start();
	});

	afterEach(async () => world.close());

	it('tells which numbers exist, and under which JID', async () => {
		const { network, client } = world;
		network.addPhone({ number: '551187654321', aliases: ['5511987654321'] });
		network.addPhone({ number: '5215512345678', aliases: ['525512345678'] });
		network.addPhone({ number: '15550001111', onWhatsApp: false });
		const dialled = ['5511987654321', '525512345678', '15550001111', '15550002222'];
		const answers = await client.socket.onWhatsApp(...dialled);
		expect(answers).toEqual([
			{ jid: '551187654321@s.whatsapp.net', exists: true },
			{ jid: '5215512345678@s.whatsapp.net', exists: true },
		]);
	});

	it('lists devices and hidden ids, and its own client among them', async () => {
		const { network, client, own } = world;
		const phone = network.addPhone({ number: '5511911112222', devices: 4 });
		const { socket } = client;
		const devices = await socket.getUSyncDevices([phone.jid], false, false);
		expect(devices.map(({ device }) => device)).toEqual([0, 3, 14, 27]);
		expect(await socket.signalRepository.lidMapping.getLIDForPN(phone.jid)).toBe(phone.lid);
		const byLid = await socket.getUSyncDevices([phone.lid], false, false);
		expect(byLid.map(({ jid }) => jid)).toContain(phone.lid.replace('@', ':27@'));
		const second = await TestClient.linked(network, own);
		world.clients.push(second);
		const ours = await second.socket.getUSyncDevices([own.jid], false, false);
		expect(ours.map(({ device }) => device)).toEqual([0, 1]);
	});

	it('takes messages to every device and brings receipts back', async () => {
		const { network, client } = world;
		const phone = network.addPhone({ number: '5511911112222', devices: 2 });
		phone.exhaustKeys(3);
		const sent = await client.socket.sendMessage(phone.jid, { text: 'hello' });
		await eventually(() => phone.seen.messages.length === 2);
		expect(phone.seen.messages.map(({ text }) => text)).toEqual(['hello', 'hello']);
		expect(phone.seen.messages[0]?.id).toBe(sent?.key.id);
		await eventually(() => network.unacknowledged.length === 0);
	});

	it('brings messages of a phone, and prekeys that run low are filled up', async () => {
		const { network, client, own } = world;
		const phone = network.addPhone({ number: '5511911112222' });
		const texts: unknown[] = [];
		client.socket.ev.on('messages.upsert', ({ messages }) => {
			for (const { message } of messages) texts.push(message?.conversation);
		});
		const keys = network.clientsOf(own)[0]?.keys;
		for (const id of [...(keys?.oneTime.keys() ?? [])].slice(4)) keys?.oneTime.delete(id);
		await phone.sendText(own.id, 'one');
		await phone.sendText(own.id, 'two');
		await eventually(() => texts.length === 2);
		expect(texts).toEqual(['one', 'two']);
		// Two of the client, two of the phone that it is linked to.
		await eventually(() => phone.seen.receipts.length === 4);
		await eventually(() => (keys?.oneTime.size ?? 0) > 4);
		await eventually(() => network.unacknowledged.length === 0);
	});

	it('keeps what comes while the client is away', async () => {
		const { network, client, own } = world;
		const phone = network.addPhone({ number: '5511911112222' });
		await client.close();
		client.updates.length = 0;
		await phone.sendText(own.id, 'while you slept');
		client.connect();
		const texts: unknown[] = [];
		client.socket.ev.on('messages.upsert', ({ messages }) => {
			for (const { message } of messages) texts.push(message?.conversation);
		});
		await client.opened();
		await eventually(() => texts.includes('while you slept'));
		await eventually(() => network.unacknowledged.length === 0);
	});

	it('logs the client out, and refuses it afterwards', async () => {
		const { network, client, own } = world;
		network.logOut(own);
		await client.closedWith(401);
		client.connect();
		await client.closedWith(401);
		expect(network.clientsOf(own)).toEqual([]);
	});

	it('takes the client’s own log-out', async () => {
		const { network, client, own } = world;
		await client.socket.logout();
		await eventually(() => network.clientsOf(own).length === 0);
	});

	it('replaces the client by another connection with its keys', async () => {
		const { client } = world;
		const first = client.socket;
		const closed = new Promise<unknown>((resolve) => {
			first.ev.on('connection.update', ({ connection, lastDisconnect }) => {
				if (connection === 'close') resolve(lastDisconnect?.error);
			});
		});
		client.updates.length = 0;
		client.connect();
		expect(await closed).toMatchObject({ output: { statusCode: 440 } });
		await client.opened();
	});

	it.each([503, 440, 500])('closes with the stream error %d', async (code) => {
		const { network, client, own } = world;
		network.streamError(own, code);
		await client.closedWith(code);
	});

	it('cuts the line, refuses for a while, and takes the client back', async () => {
		const { network, client } = world;
		network.cut(30);
		await client.closedWith(428);
		client.connect();
		await client.next(({ connection }) => connection === 'close');
		client.updates.length = 0;
		await new Promise((resolve) => setTimeout(resolve, 700));
		client.connect();
		await client.opened();
	});
});
