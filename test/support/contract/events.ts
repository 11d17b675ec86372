import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { listen, refused, refusedUpgrade, send } from '../contractServer/testClient';
import { ACCOUNT_TOKEN, type ContractSubject } from './subject';

const CONFIGURE = '/api/events/websocket/fresh';
const READ = '/api/events/getWebsocket/fresh';
const FRESH = { token: 'fresh-token' };
const NOT_ENABLED = refused(
	400,
	'WebSocket is not enabled for this instance. Configure it first using POST /api/events/websocket/fresh',
);

/** The event channel: of an instance that nobody has configured. */
export function eventContract(subject: () => ContractSubject): void {
	describe('the event channel', () => {
		beforeEach(async () => {
			const body = { name: 'fresh', token: 'fresh-token' };
			await send(subject(), '/api/instance/new', { body, token: ACCOUNT_TOKEN });
		});

		const configure = (body: unknown, path = CONFIGURE) =>
			send(subject(), path, { body, ...FRESH });
		const read = () => send(subject(), READ, FRESH);

		it('has no configuration until one is posted', async () => {
			expect(await read()).toMatchObject(
				refused(404, 'WebSocket is not configured for this instance'),
			);
		});

		it('is configured with defaults', async () => {
			const websocket = { enabled: true, events: [], mediaBase64: false };
			const posted = await configure({ enabled: true });

			expect(posted.status).toBe(200);
			expect(posted.body).toEqual({ success: true, message: 'WebSocket configured', websocket });
			expect(await read()).toMatchObject({ status: 200, body: { success: true, websocket } });
		});

		it('has its configuration replaced as a whole', async () => {
			const full = { enabled: false, events: ['call.update'], mediaBase64: true };
			await configure(full);
			expect((await read()).body).toMatchObject({ websocket: full });

			await configure({ enabled: true });
			expect((await read()).body).toMatchObject({
				websocket: { enabled: true, events: [], mediaBase64: false },
			});
		});

		it.each([
			[{}, 'enabled is required'],
			[{ enabled: 'true' }, 'enabled must be a boolean'],
			[{ enabled: true, events: 'call.update' }, 'events must be a list of strings'],
			[{ enabled: true, events: [1] }, 'events must be a list of strings'],
			[{ enabled: true, events: ['calls'] }, 'unknown event "calls"'],
			[{ enabled: true, url: 'https://example.com' }, 'unknown field "url"'],
		])('is not configured as %j', async (body, detail) => {
			expect(await configure(body)).toMatchObject(refused(400, `Invalid request body: ${detail}`));
			expect((await read()).status).toBe(404);
		});

		it.each([
			['POST', '/api/events/websocket/other'],
			['GET', '/api/events/getWebsocket/other'],
			['GET', '/api/events/getWebsocket/absent'],
		])('is not configured by a stranger: %s %s', async (method, path) => {
			const body = method === 'POST' ? { enabled: true } : undefined;
			expect(await send(subject(), path, { method, body, ...FRESH })).toMatchObject(
				refused(404, 'instance not found'),
			);
		});

		it('is refused before the upgrade until it is enabled', async () => {
			expect(await refusedUpgrade(subject(), '/ws/fresh', FRESH)).toMatchObject(NOT_ENABLED);
			await configure({ enabled: false });
			expect(await refusedUpgrade(subject(), '/ws/fresh', FRESH)).toMatchObject(NOT_ENABLED);
		});

		it.each([
			['/ws/fresh', FRESH],
			['/ws/fresh', { token: ACCOUNT_TOKEN }],
			['/ws/fresh', { authorization: 'Bearer fresh-token' }],
			['/ws/fresh?token=fresh-token', {}],
		])('opens at %s with %j', async (path, headers) => {
			await configure({ enabled: true });
			const { webSocket } = await listen(subject(), path, headers as Record<string, string>);
			const closed = once(webSocket, 'close');
			webSocket.close();
			await closed;
		});

		it.each([
			[401, 'Invalid token', '/ws/fresh', {}],
			[401, 'Invalid token', '/ws/fresh', { token: 'wrong' }],
			[401, 'Invalid token', '/ws/fresh?token=wrong', {}],
			[404, 'instance not found', '/ws/fresh', { token: 'other-token' }],
			[404, 'instance not found', '/ws/absent', { token: ACCOUNT_TOKEN }],
			[404, 'Not found', '/websocket/fresh', { token: ACCOUNT_TOKEN }],
			[400, 'Unknown query parameter "events"', '/ws/fresh?events=x', FRESH],
		])('is refused with %d %s: %s %j', async (status, message, path, headers) => {
			await configure({ enabled: true });
			expect(
				await refusedUpgrade(subject(), path, headers as Record<string, string>),
			).toMatchObject(refused(status, message));
		});

		it('closes the connection of one it refuses', async () => {
			const socket = connect(Number(new URL(subject().url).port), new URL(subject().url).hostname);
			socket.write('GET /ws/fresh HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n');
			socket.write('Upgrade: websocket\r\n\r\n');
			const [answer] = (await once(socket, 'data')) as [Buffer];

			expect(answer.toString()).toMatch(/^HTTP\/1.1 401 /);
			await once(socket, 'end');
		});

		it('is no plain page', async () => {
			expect(await send(subject(), '/ws/fresh', FRESH)).toMatchObject(NOT_ENABLED);
			await configure({ enabled: true });
			expect(await send(subject(), '/ws/fresh', FRESH)).toMatchObject(
				refused(426, 'WebSocket upgrade required'),
			);
		});

		it('is refused to a faulty handshake', async () => {
			await configure({ enabled: true });
			const request = get(`${subject().url}/ws/fresh`, {
				headers: { ...FRESH, connection: 'Upgrade', upgrade: 'websocket' },
			});
			const [response] = (await once(request, 'response')) as [{ statusCode: number }];
			request.destroy();

			expect(response.statusCode).toBe(400);
		});

		it('is closed when it is switched off', async () => {
			await configure({ enabled: true });
			const { webSocket } = await listen(subject(), '/ws/fresh', FRESH);
			const closed = once(webSocket, 'close');
			await configure({ enabled: false });

			expect((await closed)[0]).toBe(1000);
		});

		it('is closed when its instance is deleted', async () => {
			await configure({ enabled: true });
			const { webSocket } = await listen(subject(), '/ws/fresh', FRESH);
			const closed = once(webSocket, 'close');
			await send(subject(), '/api/instance/fresh', { method: 'DELETE', ...FRESH });

			expect((await closed)[0]).toBe(1000);
		});
	});
}
