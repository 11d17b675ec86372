import { startContractServer, type ContractServer } from './index';
import { listen, refused, send } from './testClient';

/** What tests can do with the instances of this server; what any server does is in ../contract. */

let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer({
		instances: [
			{ name: 'main', token: 'instance-token' },
			{ name: 'other', token: 'other-token', state: 'disconnected' },
		],
	});
});

afterEach(() => server.reset());

afterAll(() => server.close());

const account = (path: string, method?: string, body?: unknown) =>
	send(server, path, { method, body, token: 'account-token' });

it('lists exactly what was asked for', async () => {
	expect((await account('/api/instance/list')).body).toEqual({
		success: true,
		message: '2 Instances found',
		instances: [
			{
				name: 'main',
				connection: { state: 'connected', numberJid: '5511988880000@s.whatsapp.net' },
				profile: { name: 'Profile of main' },
			},
			{
				name: 'other',
				connection: { state: 'disconnected', numberJid: null },
				profile: { name: null },
			},
		],
	});
});

it('shows the state a test sets', async () => {
	server.setInstanceState('main', 'connecting');
	expect((await account('/api/instance/list?instanceName=main')).body).toMatchObject({
		instances: [{ connection: { state: 'connecting' } }],
	});
	expect(() => server.setInstanceState('absent', 'connected')).toThrow('no instance "absent"');
});

it('has room for ten', async () => {
	const create = (name: string) => account('/api/instance/new', 'POST', { name });
	for (let count = 3; count <= 10; count += 1) {
		expect((await create(`number ${count}`)).status).toBe(200);
	}
	expect(await create('number 11')).toMatchObject(refused(403, 'Account instance quota exceeded'));
});

it('cuts the listeners of one that is deleted', async () => {
	server.configureWebSocket('main', { enabled: true });
	const { webSocket } = await listen(server);
	const closed = new Promise((resolve) => webSocket.on('close', resolve));
	expect((await account('/api/instance/main', 'DELETE')).status).toBe(200);
	await closed;
	expect((await send(server, '/api/instance/list')).status).toBe(401);
});

it('has them back after reset', async () => {
	await account('/api/instance/main', 'DELETE');
	server.reset();

	expect((await send(server, '/api/instance/list')).body).toMatchObject({
		instances: [{ name: 'main', connection: { state: 'connected' } }],
	});
});
