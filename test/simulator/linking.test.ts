import { startNetwork, type Network } from '../../simulator';
import { TestClient } from './support/client';
import { quietBaileys } from './support/quiet';

const NUMBER = '5511987654321';

describe('linking a client', () => {
	let network: Network;
	const clients: TestClient[] = [];

	beforeEach(async () => {
		quietBaileys();
		network = await startNetwork();
	});

	afterEach(async () => {
		for (const client of clients.splice(0)) await client.close();
		await network.close();
		expect(network.takeFaults()).toEqual([]);
	});

	async function start(): Promise<TestClient> {
		const client = await TestClient.start(network);
		clients.push(client);
		return client;
	}

	it('links by QR code, restarts with 515 and comes online', async () => {
		const phone = network.addPhone({ number: NUMBER });
		const client = await start();
		const { qr } = await client.next(({ qr }) => qr !== undefined);
		const companion = await phone.scan(qr ?? '');
		await client.restarted();
		expect(client.socket.authState.creds.me?.id).toBe(companion.jid);
		expect(client.socket.authState.creds.me?.lid).toBe(companion.lid);
		expect(network.clientsOf(phone)[0]?.keys.oneTime.size).toBe(812);
	});

	it('links by pairing code', async () => {
		const phone = network.addPhone({ number: NUMBER, devices: 4 });
		const client = await start();
		await client.next(({ qr }) => qr !== undefined);
		const code = await client.socket.requestPairingCode(NUMBER);
		const companion = await phone.enterPairingCode(`${code.slice(0, 4)}-${code.slice(4)}`);
		await client.restarted();
		expect(companion.jid).toBe(`${NUMBER}:28@s.whatsapp.net`);
		expect(client.socket.authState.creds.registered).toBe(true);
	});

	it('refuses a wrong pairing code', async () => {
		const phone = network.addPhone({ number: NUMBER });
		const client = await start();
		await client.next(({ qr }) => qr !== undefined);
		await client.socket.requestPairingCode(NUMBER, 'ABCDEFGH');
		await expect(phone.enterPairingCode('ABCDEFGJ')).rejects.toThrow('wrong');
	});

	it('takes no QR code that has expired', async () => {
		network.settings.secondMs = 10;
		const phone = network.addPhone({ number: NUMBER });
		const client = await start();
		const { qr } = await client.next(({ qr }) => qr !== undefined);
		await client.closedWith(428);
		await expect(phone.scan(qr ?? '')).rejects.toThrow('expired');
	});

	it('logs in again with the same keys and routing information', async () => {
		const phone = network.addPhone({ number: NUMBER });
		const client = await TestClient.linked(network, phone);
		clients.push(client);
		expect(client.socket.authState.creds.routingInfo).toHaveLength(12);
		await client.close();
		client.updates.length = 0;
		client.connect();
		await client.opened();
	});

	it('links each client by its own code', async () => {
		const phone = network.addPhone({ number: NUMBER });
		const [first, second] = [await start(), await start()];
		const codes = [];
		for (const client of [first, second]) {
			codes.push((await client.next(({ qr }) => qr !== undefined)).qr ?? '');
		}
		await phone.scan(codes[1] ?? '');
		await second.restarted();
		await phone.scan(codes[0] ?? '');
		await first.restarted();
		expect(network.clientsOf(phone).map(({ id }) => id)).toEqual([1, 2]);
		await expect(phone.scan(codes[0] ?? '')).rejects.toThrow('No client');
	});

	it('refuses a client that is not linked and logs in, and counts it', async () => {
		network.addPhone({ number: NUMBER });
		const client = await start();
		await client.next(({ qr }) => qr !== undefined);
		await client.socket.requestPairingCode(NUMBER);
		await client.close();
		client.updates.length = 0;
		// Baileys takes a number that asked for a code for a registered one.
		client.connect();
		await client.closedWith(401);
		expect(network.takeFaults().map(({ kind }) => kind)).toEqual(['login']);
	});

	it('keeps two networks apart', async () => {
		const other = await startNetwork();
		expect(other.url).not.toBe(network.url);
		expect(other.rootKey).toBe(network.rootKey);
		const [here, there] = [network, other].map((one) => one.addPhone({ number: NUMBER }));
		if (!here || !there) throw new Error('no phones');
		clients.push(await TestClient.linked(network, here), await TestClient.linked(other, there));
		expect(other.takeFaults()).toEqual([]);
		await clients.pop()?.close();
		await other.close();
	});
});
