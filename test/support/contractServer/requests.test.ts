import { once } from 'node:events';
import { connect } from 'node:net';
import { startContractServer, type ContractServer } from './index';
import { eventually, refused, send } from './testClient';

const NUMBER = '5511999999999';

let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer({
		instances: [
			{ name: 'main', token: 'instance-token' },
			{ name: 'other', token: 'other-token' },
		],
	});
});

afterEach(() => server.reset());

afterAll(() => server.close());

describe('a token', () => {
	const call = (instance: string, headers: { [name: string]: string | undefined }, query = '') =>
		send(server, `/api/call/fake/${instance}${query}`, {
			body: { number: NUMBER },
			token: null,
			headers: headers as Record<string, string>,
		});

	it.each([
		{ token: 'instance-token' },
		{ token: 'account-token' },
		{ authorization: 'Bearer instance-token' },
		{ authorization: 'Bearer account-token' },
	])('opens by %j', async (headers) => {
		expect((await call('main', headers)).status).toBe(200);
	});

	it.each([
		{},
		{ token: '' },
		{ token: 'wrong' },
		{ token: 'wrong', authorization: 'Bearer instance-token' },
		{ authorization: 'instance-token' },
		{ authorization: 'Basic instance-token' },
		{ apikey: 'instance-token' },
	])('is refused as %j', async (headers) => {
		expect(await call('main', headers)).toMatchObject(refused(401, 'Invalid token'));
		expect(server.calls).toEqual([]);
	});

	it('does not open HTTP from the query', async () => {
		expect(await call('main', {}, '?token=instance-token')).toMatchObject(
			refused(401, 'Invalid token'),
		);
	});

	it('of the account opens every instance', async () => {
		expect((await call('main', { token: 'account-token' })).status).toBe(200);
		expect((await call('other', { token: 'account-token' })).status).toBe(200);
	});

	it('of an instance opens only its own', async () => {
		expect((await call('other', { token: 'other-token' })).status).toBe(200);
		expect(await call('main', { token: 'other-token' })).toMatchObject(
			refused(404, 'instance not found'),
		);
	});

	it('finds no instance that does not exist', async () => {
		expect(await call('absent', { token: 'account-token' })).toMatchObject(
			refused(404, 'instance not found'),
		);
	});

	it('is looked at before the body', async () => {
		const answer = await send(server, '/api/call/fake/main', { body: 'nonsense', token: 'wrong' });

		expect(answer).toMatchObject(refused(401, 'Invalid token'));
	});
});

describe('a route', () => {
	it.each([
		['POST', '/api/call/video/main'],
		['GET', '/api/call/fake/main'],
		['PUT', '/api/call/audio/main'],
		['POST', '/api/call/fake/main/'],
		['POST', '/call/fake/main'],
		['GET', '/__control/requests'],
		['HEAD', '/api/instance/list'],
		['GET', '/api/%zz'],
	])('%s %s does not exist', async (method, path) => {
		const answer = await send(server, path, { method });

		expect(answer.status).toBe(404);
		expect(server.requests).toMatchObject([{ method, path, status: 404 }]);
		expect(answer.body).toEqual(
			method === 'HEAD' ? '' : { success: false, error: { message: 'Not found' } },
		);
	});

	it('takes no query that is not documented', async () => {
		expect(
			await send(server, '/api/call/fake/main?duration=3', { body: { number: NUMBER } }),
		).toMatchObject(refused(400, 'Unknown query parameter "duration"'));
	});
});

describe('the record of requests', () => {
	it('has everything that arrived, in order', async () => {
		const body = { number: NUMBER };
		await send(server, '/api/call/fake/main?x=1&y=%5B2%5D&x=3', {
			body,
			headers: { 'X-Mine': '1' },
		});
		await send(server, '/api/instance/list', { token: null });

		expect(server.requests).toHaveLength(2);
		expect(server.requests[0]).toMatchObject({
			method: 'POST',
			path: '/api/call/fake/main',
			query: { x: '3', y: '[2]' },
			headers: { 'x-mine': '1', token: 'instance-token', 'content-type': 'application/json' },
			rawBody: Buffer.from(JSON.stringify(body)),
			body,
			status: 400,
		});
		expect(server.requests[1]).toMatchObject({
			method: 'GET',
			path: '/api/instance/list',
			query: {},
			body: undefined,
			status: 401,
		});
		expect(server.requests[1]?.rawBody).toHaveLength(0);
	});

	it('has no answer to a client that went away within its body', async () => {
		const socket = connect(server.port, '127.0.0.1');
		socket.write('POST /api/call/fake/main HTTP/1.1\r\nHost: x\r\ntoken: instance-token\r\n');
		socket.write('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
		await eventually(() => server.requests.length === 1);
		socket.destroy();
		await once(socket, 'close');
		await send(server, '/api/instance/list');

		expect(server.requests).toMatchObject([
			{ path: '/api/call/fake/main', body: undefined, status: undefined },
			{ path: '/api/instance/list', status: 200 },
		]);
		expect(server.calls).toEqual([]);
	});

	it('is forgotten by reset, with all that changed', async () => {
		const { requests, calls, voiceNotes } = server;
		await send(server, '/api/call/fake/main', { body: { number: NUMBER } });
		server.failNext({ kind: 'answer', status: 503, body: '' });
		server.setInstanceState('main', 'loggedout');
		server.configureWebSocket('main', { enabled: true });
		server.reset();

		expect([requests, calls, voiceNotes]).toEqual([[], [], []]);
		expect(server.webSocketConfig('main')).toBeUndefined();
		const answer = await send(server, '/api/call/fake/main', { body: { number: NUMBER } });
		expect(answer.status).toBe(200);
		expect(requests).toHaveLength(1);
	});

	it('survives closing, and closing twice', async () => {
		const closed = await startContractServer();
		await send(closed, '/api/instance/list');
		await Promise.all([closed.close(), closed.close()]);
		await closed.close();

		expect(closed.requests).toHaveLength(1);
		await expect(send(closed, '/api/instance/list')).rejects.toThrow('fetch failed');
	});
});
