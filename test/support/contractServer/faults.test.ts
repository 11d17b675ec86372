import { once } from 'node:events';
import { connect } from 'node:net';
import { request as httpsRequest } from 'node:https';
import { WebSocket } from 'ws';
import {
	selfSignedCertificate,
	startContractServer,
	type ContractServer,
	type Fault,
} from './index';
import { listen, refused, refusedUpgrade, send } from './testClient';

const PATH = '/api/call/fake/main';
const BODY = { number: '5511999999999' };
const NOW_MS = 1_700_000_000_000;

let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer({ now: () => NOW_MS });
});

afterEach(() => server.reset());

afterAll(() => server.close());

const call = () => send(server, PATH, { body: BODY });

describe('a fault', () => {
	it('answers with JSON of its own', async () => {
		server.failNext({ kind: 'answer', status: 502, body: { wrong: [1] }, headers: { 'X-A': 'b' } });
		const answer = await call();

		expect(answer).toMatchObject({ status: 502, body: { wrong: [1] } });
		expect(answer.headers.get('content-type')).toBe('application/json');
		expect(answer.headers.get('x-a')).toBe('b');
		expect(answer.headers.get('x-ratelimit-limit')).toBeNull();
	});

	it('answers with a text, as HTML', async () => {
		server.failNext({ kind: 'answer', status: 503, body: '<h1>Down</h1>' });
		const answer = await call();

		expect(answer).toMatchObject({ status: 503, body: '<h1>Down</h1>' });
		expect(answer.headers.get('content-type')).toBe('text/html');
	});

	it('answers with a text of another type', async () => {
		server.failNext({
			kind: 'answer',
			status: 200,
			body: '{"success": tru',
			headers: { 'Content-Type': 'application/json' },
		});
		const answer = await call();

		expect(answer).toMatchObject({ status: 200, body: '{"success": tru' });
		expect(answer.headers.get('content-type')).toBe('application/json');
	});

	it('limits the rate', async () => {
		server.failNext({ kind: 'rateLimit', resetInSeconds: 7 });
		const answer = await call();

		expect(answer).toMatchObject(refused(429, 'Rate limit exceeded. Try again later.'));
		expect(answer.headers.get('x-ratelimit-limit')).toBe('100');
		expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
		expect(answer.headers.get('x-ratelimit-reset')).toBe('1700000007');
		expect(server.requests[0]?.status).toBe(429);
	});

	it('hangs until the server closes', async () => {
		const hanging = await startContractServer();
		hanging.failNext({ kind: 'hang' });
		const answer = send(hanging, PATH, { body: BODY });
		const ended = expect(answer).rejects.toThrow('fetch failed');
		await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50))]);

		expect(hanging.requests).toMatchObject([{ body: BODY, status: undefined }]);
		await hanging.close();
		await ended;
	});

	it('resets the connection when the body is read', async () => {
		server.failNext({ kind: 'reset' });

		expect(await cutOf(call())).toBe('ECONNRESET');
		expect(server.requests).toMatchObject([{ body: BODY, status: undefined }]);
	});

	it('resets the connection before the body is read', async () => {
		server.failNext({ kind: 'resetBeforeReading' });
		const socket = connect(server.port, '127.0.0.1');
		socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{`);

		await expect(once(socket, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
		expect(server.requests).toMatchObject([{ path: PATH, status: undefined }]);
		expect(server.requests[0]?.rawBody).toHaveLength(0);
	});

	it('sends the headers and half of a body', async () => {
		server.failNext({ kind: 'truncate' });
		const response = await fetch(server.url + PATH, {
			method: 'POST',
			headers: { token: 'instance-token', 'content-type': 'application/json' },
			body: JSON.stringify(BODY),
		});
		const reader = response.body?.getReader();
		const first = await reader?.read();
		const text = new TextDecoder().decode(first?.value as Uint8Array);

		expect(response.status).toBe(200);
		expect(response.headers.get('content-type')).toBe('application/json');
		expect(Number(response.headers.get('content-length'))).toBeGreaterThan(text.length);
		expect(text).toMatch(/^\{"success":true/);
		expect(() => JSON.parse(text) as unknown).toThrow();
		await expect(reader?.read()).rejects.toThrow('terminated');
		expect(server.requests[0]?.status).toBeUndefined();
	});

	it.each<Fault>([
		{ kind: 'answer', status: 200, body: {} },
		{ kind: 'rateLimit', resetInSeconds: 1 },
		{ kind: 'reset' },
		{ kind: 'resetBeforeReading' },
		{ kind: 'truncate' },
	])('of the kind %j executes nothing and happens once', async (fault) => {
		server.failNext(fault);
		await call().catch(() => undefined);
		expect(server.calls).toEqual([]);
		expect(server.requests).toHaveLength(1);

		expect((await call()).status).toBe(200);
	});

	it('does not use up the rate limit', async () => {
		server.failNext({ kind: 'answer', status: 500, body: '' });
		await call();

		expect((await call()).headers.get('x-ratelimit-remaining')).toBe('99');
	});

	it('waits for its path, and others wait behind it', async () => {
		server.failNext({ kind: 'answer', status: 501, body: '' }, { path: '/api/call/audio' });
		server.failNext({ kind: 'answer', status: 502, body: '' });
		server.failNext({ kind: 'answer', status: 503, body: '' }, { path: '/api/call' });

		expect((await call()).status).toBe(502);
		expect((await call()).status).toBe(503);
		expect((await call()).status).toBe(200);
		expect((await send(server, '/api/call/audio/main', { body: BODY })).status).toBe(501);
	});

	it('meets unknown routes and the Voice API too', async () => {
		server.failNext({ kind: 'answer', status: 502, body: '' });
		expect((await send(server, '/absent')).status).toBe(502);
		server.failNext({ kind: 'answer', status: 503, body: '' }, { path: '/v2/' });
		expect((await send(server, '/v2/send/voice', { body: {} })).status).toBe(503);
	});
});

describe('a fault of a WebSocket', () => {
	beforeEach(() => server.configureWebSocket('main', { enabled: true }));

	it('answers instead of the upgrade', async () => {
		server.failNext({ kind: 'answer', status: 502, body: 'Bad gateway' }, { path: '/ws/' });

		expect(await refusedUpgrade(server)).toMatchObject({ status: 502, body: 'Bad gateway' });
		expect(server.webSocketUpgrades).toMatchObject([{ status: 502 }]);
		await listen(server);
	});

	it.each<Fault>([{ kind: 'reset' }, { kind: 'resetBeforeReading' }])(
		'cuts the connection: %j',
		async (fault) => {
			server.failNext(fault, { path: '/ws/' });

			await expect(listen(server)).rejects.toThrow('ECONNRESET');
			expect(server.webSocketUpgrades).toMatchObject([{ status: undefined }]);
		},
	);

	it('leaves the request without an answer', async () => {
		server.failNext({ kind: 'hang' }, { path: '/ws/' });
		const webSocket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/main`, {
			headers: { token: 'instance-token' },
			handshakeTimeout: 50,
		});

		const [error] = (await once(webSocket, 'error')) as [Error];
		expect(error.message).toBe('Opening handshake has timed out');
		expect(server.webSocketUpgrades).toMatchObject([{ status: undefined }]);
	});
});

describe('over TLS', () => {
	const tls = selfSignedCertificate();
	let secure: ContractServer;

	beforeAll(async () => {
		secure = await startContractServer({ tls });
	});

	afterAll(() => secure.close());

	it('answers to those who trust its certificate', async () => {
		const request = httpsRequest(`${secure.url}/api/instance/list`, {
			ca: tls.cert,
			headers: { token: 'instance-token' },
		}).end();
		const [response] = (await once(request, 'response')) as [{ statusCode: number }];

		expect(secure.url).toMatch(/^https:/);
		expect(response.statusCode).toBe(200);
	});

	it('is refused by those who do not', async () => {
		await expect(fetch(`${secure.url}/api/instance/list`)).rejects.toMatchObject({
			cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
		});
	});

	it('has the WebSocket as well', async () => {
		secure.configureWebSocket('main', { enabled: true });
		const webSocket = new WebSocket(`${secure.url.replace('https', 'wss')}/ws/main`, {
			ca: tls.cert,
			headers: { token: 'instance-token' },
		});
		await once(webSocket, 'open');

		expect(secure.openWebSockets).toBe(1);
		webSocket.terminate();
	});

	it('cuts connections', async () => {
		secure.failNext({ kind: 'reset' });
		const request = httpsRequest(`${secure.url}/api/instance/list`, { ca: tls.cert }).end();

		const [error] = (await once(request, 'error')) as [NodeJS.ErrnoException];
		expect(error.code).toBe('ECONNRESET');
	});
});

/** The code of the network error that ended an exchange. */
async function cutOf(exchange: Promise<unknown>): Promise<string | undefined> {
	const error: unknown = await exchange.then(() => undefined).catch((each: unknown) => each);
	return ((error as Error).cause as NodeJS.ErrnoException).code;
}
