import { startContractServer, type ContractServer } from './index';
import { listen, refused, send } from './testClient';

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

describe('the list of instances', () => {
	const list = (query = '', token = 'account-token') =>
		send(server, `/api/instance/list${query}`, { token });

	it('shows the account all of them', async () => {
		const answer = await list();

		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({
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

	it('shows a TokenInstance only its own', async () => {
		expect(await list('', 'other-token')).toMatchObject({
			status: 200,
			body: { message: '1 Instance found', instances: [{ name: 'other' }] },
		});
	});

	it.each([
		['?instanceName=other', '1 Instance found', ['other']],
		['?instanceName=main,other', '2 Instances found', ['main', 'other']],
		['?instanceName=main,absent', '1 Instance found', ['main']],
		['?instanceName=absent,missing', '0 Instances found', []],
	])('of %s is "%s"', async (query, message, names) => {
		const instances = names.map((name): unknown => expect.objectContaining({ name }));

		expect((await list(query)).body).toEqual({ success: true, message, instances });
	});

	it.each([
		['absent', 'account-token'],
		['main', 'other-token'],
	])('of the one name %s by %s is 404', async (name, token) => {
		expect(await list(`?instanceName=${name}`, token)).toMatchObject(
			refused(404, 'instance not found'),
		);
	});

	it('shows the state a test sets', async () => {
		server.setInstanceState('main', 'connecting');
		expect((await list('?instanceName=main')).body).toMatchObject({
			instances: [{ connection: { state: 'connecting' } }],
		});
		expect(() => server.setInstanceState('absent', 'connected')).toThrow('no instance "absent"');
	});
});

describe('a new instance', () => {
	const create = (body: unknown) => account('/api/instance/new', 'POST', body);

	it('is born disconnected, with a token of its own', async () => {
		const answer = await create({ name: 'fresh' });

		expect(answer).toMatchObject({
			status: 200,
			body: {
				success: true,
				instance: {
					name: 'fresh',
					token: expect.stringMatching(/.{16}/) as unknown,
					connection: { state: 'disconnected', numberJid: null },
				},
			},
		});
		const { token } = (answer.body as { instance: { token: string } }).instance;
		expect(await send(server, '/api/instance/list', { token })).toMatchObject({
			body: { instances: [{ name: 'fresh' }] },
		});
	});

	it('takes the token it is given, and fields we do not know', async () => {
		expect(await create({ name: 'fresh', token: 'mine', proxy: 'x' })).toMatchObject({
			status: 200,
			body: { instance: { token: 'mine' } },
		});
		expect((await send(server, '/api/instance/list', { token: 'mine' })).status).toBe(200);
	});

	it('is for the account alone', async () => {
		expect(await send(server, '/api/instance/new', { body: { name: 'fresh' } })).toMatchObject(
			refused(401, 'Invalid token'),
		);
	});

	it('is one of ten', async () => {
		for (let count = 3; count <= 10; count += 1) {
			expect((await create({ name: `number ${count}` })).status).toBe(200);
		}
		expect(await create({ name: 'number 11' })).toMatchObject(
			refused(403, 'Account instance quota exceeded'),
		);
	});

	it.each([
		[{}, 'Instance name is required'],
		[{ name: ' ' }, 'Instance name is required'],
		[{ name: 7 }, 'Invalid request body: name must be a string'],
		[{ name: 'main' }, 'Invalid request body: name is in use'],
		[{ name: 'fresh', token: 'other-token' }, 'Invalid request body: token is in use'],
		[{ name: 'fresh', token: 'account-token' }, 'Invalid request body: token is in use'],
	])('is refused as %j', async (body, message) => {
		expect(await create(body)).toMatchObject(refused(400, message));
	});
});

describe('pairing', () => {
	it('begins with a QR code', async () => {
		const answer = await account('/api/instance/connect/other');

		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({
			success: true,
			message: 'QR code generated',
			qrCode: expect.stringMatching(/^.{20,}$/) as unknown,
			qrCodeBase64: expect.stringMatching(/^data:image\/png;base64,iVBORw0KGgo/) as unknown,
			status: 'qr',
		});
		expect((await account('/api/instance/list?instanceName=other')).body).toMatchObject({
			instances: [{ connection: { state: 'connecting' } }],
		});
	});

	it('begins with a code for a number', async () => {
		const answer = await account('/api/instance/connect/other?number=5511999999999');

		expect(answer.body).toEqual({
			success: true,
			message: 'Pairing code generated',
			pairingCode: expect.stringMatching(/^[1-9A-HJ-NP-Z]{8}$/) as unknown,
			status: 'pairing',
		});
	});

	it('is over for one that is connected', async () => {
		expect(await account('/api/instance/connect/main')).toMatchObject({
			status: 200,
			body: { success: true, status: 'connected' },
		});
	});

	it('takes no other number or name', async () => {
		expect((await account('/api/instance/connect/other?number=%2B55')).status).toBe(400);
		expect((await account('/api/instance/connect/absent')).status).toBe(404);
		expect((await account('/api/instance/connect/')).body).toEqual(
			refused(400, 'Instance name is required').body,
		);
	});
});

describe('the end of an instance', () => {
	it('by logging out keeps it', async () => {
		expect(await account('/api/instance/logout/main', 'POST')).toMatchObject({
			status: 200,
			body: { success: true },
		});
		expect((await account('/api/instance/list?instanceName=main')).body).toMatchObject({
			instances: [{ connection: { state: 'loggedout', numberJid: null } }],
		});
	});

	it('by deleting removes it, its token and its listeners', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { webSocket } = await listen(server);
		const closed = new Promise((resolve) => webSocket.on('close', resolve));
		expect(await account('/api/instance/main', 'DELETE')).toMatchObject({
			status: 200,
			body: { success: true },
		});
		await closed;

		expect((await account('/api/instance/list?instanceName=main')).status).toBe(404);
		expect((await send(server, '/api/instance/list')).status).toBe(401);
	});

	it.each([
		['POST', '/api/instance/logout/other'],
		['DELETE', '/api/instance/other'],
		['DELETE', '/api/instance/absent'],
	])('is not for strangers: %s %s', async (method, path) => {
		expect(await send(server, path, { method })).toMatchObject(refused(404, 'instance not found'));
	});

	it('is undone by reset', async () => {
		await account('/api/instance/main', 'DELETE');
		server.reset();

		expect((await send(server, '/api/instance/list')).body).toMatchObject({
			instances: [{ name: 'main', connection: { state: 'connected' } }],
		});
	});
});
