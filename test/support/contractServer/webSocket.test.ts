import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { startContractServer, type ContractServer } from './index';
import { eventually, listen, refused, refusedUpgrade, send } from './testClient';

const CONFIGURE = '/api/events/websocket/main';
const READ = '/api/events/getWebsocket/main';
const NOT_ENABLED = refused(
	400,
	'WebSocket is not enabled for this instance. Configure it first using POST /api/events/websocket/main',
);

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

describe('the configuration of the channel', () => {
	it('is 404 until it is posted', async () => {
		expect(await send(server, READ)).toMatchObject(
			refused(404, 'WebSocket is not configured for this instance'),
		);
	});

	it('is read as it was posted, with defaults', async () => {
		const posted = await send(server, CONFIGURE, { body: { enabled: true } });
		const read = await send(server, READ);

		const websocket = { enabled: true, events: [], mediaBase64: false };
		expect(posted).toMatchObject({ status: 200 });
		expect(posted.body).toEqual({ success: true, message: 'WebSocket configured', websocket });
		expect(read.status).toBe(200);
		expect(read.body).toMatchObject({ success: true, websocket });
		expect(server.webSocketConfig('main')).toEqual({ enabled: true });
	});

	it('is replaced as a whole', async () => {
		const full = { enabled: false, events: ['call.update'], mediaBase64: true };
		await send(server, CONFIGURE, { body: full });
		expect(server.webSocketConfig('main')).toEqual(full);
		expect((await send(server, READ)).body).toMatchObject({ websocket: full });

		await send(server, CONFIGURE, { body: { enabled: true } });
		expect(server.webSocketConfig('main')).toEqual({ enabled: true });
	});

	it('can be there from before', async () => {
		server.configureWebSocket('main', { enabled: true, events: ['message.exchange'] });

		expect((await send(server, READ)).body).toMatchObject({
			websocket: { enabled: true, events: ['message.exchange'], mediaBase64: false },
		});
		server.configureWebSocket('main', undefined);
		expect((await send(server, READ)).status).toBe(404);
	});

	it.each([
		[{}, 'enabled is required'],
		[{ enabled: 'true' }, 'enabled must be a boolean'],
		[{ enabled: true, events: 'call.update' }, 'events must be a list of strings'],
		[{ enabled: true, events: ['calls'] }, 'unknown event "calls"'],
		[{ enabled: true, url: 'https://example.com' }, 'unknown field "url"'],
	])('is refused as %j', async (body, detail) => {
		expect(await send(server, CONFIGURE, { body })).toMatchObject(
			refused(400, `Invalid request body: ${detail}`),
		);
		expect(server.webSocketConfig('main')).toBeUndefined();
	});

	it.each([
		['POST', '/api/events/websocket/other'],
		['GET', '/api/events/getWebsocket/other'],
		['GET', '/api/events/getWebsocket/absent'],
	])('is not open to a stranger: %s %s', async (method, path) => {
		const body = method === 'POST' ? { enabled: true } : undefined;

		expect(await send(server, path, { method, body })).toMatchObject(
			refused(404, 'instance not found'),
		);
	});
});

describe('the channel', () => {
	it('is refused before the upgrade until it is enabled', async () => {
		expect(await refusedUpgrade(server)).toMatchObject(NOT_ENABLED);
		await send(server, CONFIGURE, { body: { enabled: false } });
		expect(await refusedUpgrade(server)).toMatchObject(NOT_ENABLED);
		await send(server, CONFIGURE, { body: { enabled: true } });
		await listen(server);

		expect(server.openWebSockets).toBe(1);
		expect(server.webSocketUpgrades.map(({ status }) => status)).toEqual([400, 400, 101]);
		expect(server.requests.map(({ path }) => path)).toEqual([CONFIGURE, CONFIGURE]);
	});

	it.each([
		['/ws/main', { token: 'instance-token' }],
		['/ws/main', { token: 'account-token' }],
		['/ws/main', { authorization: 'Bearer instance-token' }],
		['/ws/main?token=instance-token', {}],
	])('opens at %s with %j', async (path, headers) => {
		server.configureWebSocket('main', { enabled: true });
		await listen(server, path, headers as Record<string, string>);

		expect(server.openWebSockets).toBe(1);
		expect(server.webSocketUpgrades).toMatchObject([{ method: 'GET', path: '/ws/main', headers }]);
	});

	it.each([
		[401, 'Invalid token', '/ws/main', {}],
		[401, 'Invalid token', '/ws/main', { token: 'wrong' }],
		[401, 'Invalid token', '/ws/main?token=wrong', {}],
		[404, 'instance not found', '/ws/main', { token: 'other-token' }],
		[404, 'instance not found', '/ws/absent', { token: 'account-token' }],
		[404, 'Not found', '/websocket/main', { token: 'account-token' }],
		[400, 'Unknown query parameter "events"', '/ws/main?events=x', { token: 'instance-token' }],
	])('is refused with %d %s: %s %j', async (status, message, path, headers) => {
		server.configureWebSocket('main', { enabled: true });

		expect(await refusedUpgrade(server, path, headers as Record<string, string>)).toMatchObject(
			refused(status, message),
		);
		expect(server.openWebSockets).toBe(0);
		expect(server.webSocketUpgrades).toMatchObject([{ status }]);
	});

	it('closes the connection of one it refuses', async () => {
		const socket = connect(server.port, '127.0.0.1');
		socket.write('GET /ws/main HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n');
		socket.write('Upgrade: websocket\r\n\r\n');
		const [answer] = (await once(socket, 'data')) as [Buffer];

		expect(answer.toString()).toMatch(/^HTTP\/1.1 401 /);
		await once(socket, 'end');
	});

	it('is no plain page', async () => {
		expect(await send(server, '/ws/main')).toMatchObject(NOT_ENABLED);
		server.configureWebSocket('main', { enabled: true });

		expect(await send(server, '/ws/main')).toMatchObject(
			refused(426, 'WebSocket upgrade required'),
		);
	});

	it('is refused to a faulty handshake', async () => {
		server.configureWebSocket('main', { enabled: true });
		const request = get(`${server.url}/ws/main`, {
			headers: { token: 'instance-token', connection: 'Upgrade', upgrade: 'websocket' },
		});
		const [response] = (await once(request, 'response')) as [{ statusCode: number }];
		request.destroy();

		expect(response.statusCode).toBe(400);
		expect(server.webSocketUpgrades).toMatchObject([{ status: 400 }]);
	});

	it('is closed when it is switched off', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { webSocket } = await listen(server);
		const closed = once(webSocket, 'close');
		await send(server, CONFIGURE, { body: { enabled: false } });

		expect((await closed)[0]).toBe(1000);
		await eventually(() => server.openWebSockets === 0);
	});

	it('is cut without a close frame', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { webSocket } = await listen(server);
		const closed = once(webSocket, 'close');
		server.dropWebSockets();

		expect(server.openWebSockets).toBe(0);
		expect((await closed)[0]).toBe(1006);
	});

	it('counts a listener no more that has left', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { webSocket } = await listen(server);
		webSocket.close();
		await once(webSocket, 'close');

		await eventually(() => server.openWebSockets === 0);
	});

	it('ends with the server', async () => {
		const closing = await startContractServer();
		closing.configureWebSocket('main', { enabled: true });
		const { webSocket } = await listen(closing);
		await Promise.all([once(webSocket, 'close'), closing.close()]);

		expect(webSocket.readyState).toBe(WebSocket.CLOSED);
	});
});

describe('a webhook', () => {
	const configure = (body: object) => send(server, '/api/events/webhook/main', { body });

	it('is configured with all documented fields', async () => {
		const answer = await configure({
			label: 'mine',
			enabled: true,
			url: 'https://example.com/hook',
			authorization: 'Bearer x',
			byEvents: false,
			events: ['call.update'],
			mediaBase64: false,
		});

		expect(answer).toMatchObject({ status: 200, body: { success: true } });
	});

	it('is one of at most three that are enabled', async () => {
		for (const name of ['a', 'b', 'c', 'c']) {
			const answer = await configure({ enabled: true, url: `https://example.com/${name}` });
			expect(answer.status).toBe(200);
		}
		expect((await configure({ enabled: false, url: 'https://example.com/d' })).status).toBe(200);
		expect(await configure({ enabled: true, url: 'https://example.com/d' })).toMatchObject(
			refused(400, 'At most 3 webhooks can be enabled per instance'),
		);
	});

	it.each([
		[{ url: 'https://example.com' }, 'enabled is required'],
		[{ enabled: true }, 'url must be an http(s) URL'],
		[{ enabled: true, url: 'example.com' }, 'url must be an http(s) URL'],
		[{ enabled: true, url: 'https://example.com', name: 'x' }, 'unknown field "name"'],
	])('is refused as %j', async (body, detail) => {
		expect(await configure(body)).toMatchObject(refused(400, `Invalid request body: ${detail}`));
	});
});
