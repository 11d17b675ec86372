import { startContractServer, type ContractServer } from './index';
import { listen, refused, refusedUpgrade, send, type Answer } from './testClient';

const START_MS = 1_700_000_000_500;
const BODY = { number: '5511999999999' };
const EXCEEDED = refused(429, 'Rate limit exceeded. Try again later.');

let server: ContractServer;
let now: number;

beforeEach(async () => {
	now = START_MS;
	server = await startContractServer({ requestsPerMinute: 3, now: () => now });
});

afterEach(() => server.close());

const call = (headers?: Record<string, string>) =>
	send(server, '/api/call/fake/main', { body: BODY, token: headers ? null : undefined, headers });

it('is told by every answer: limit, what remains, and when it ends in Unix seconds', async () => {
	const limits = [limitOf(await call()), limitOf(await call())];

	expect(limits).toEqual([
		['3', '2', '1700000061'],
		['3', '1', '1700000061'],
	]);
});

it('refuses what goes beyond, without executing it', async () => {
	await call();
	await call();
	await call();
	const answer = await call();

	expect(answer).toMatchObject(EXCEEDED);
	expect(limitOf(answer)).toEqual(['3', '0', '1700000061']);
	expect(server.calls).toHaveLength(3);
	expect(server.requests.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
});

it('is lifted a minute after the first request, not before', async () => {
	await call();
	now = START_MS + 30_000;
	await call();
	await call();
	now = START_MS + 59_999;
	expect((await call()).status).toBe(429);
	now = START_MS + 60_000;
	const answer = await call();

	expect(answer.status).toBe(200);
	expect(limitOf(answer)).toEqual(['3', '2', '1700000121']);
});

it('counts each token by itself, whichever header brings it', async () => {
	await call();
	await call();
	await call({ authorization: 'Bearer instance-token' });

	expect((await call()).status).toBe(429);
	expect((await call({ authorization: 'Bearer instance-token' })).status).toBe(429);
	expect((await call({ token: 'account-token' })).status).toBe(200);
});

it.each([
	[400, '/api/call/fake/main', {}, 'instance-token'],
	[401, '/api/call/fake/main', BODY, 'wrong'],
	[401, '/api/call/fake/main', BODY, null],
	[404, '/api/call/fake/absent', BODY, 'instance-token'],
	[404, '/api/absent', BODY, 'instance-token'],
])('is told by a %d too (%s %j by %s)', async (status, path, body, token) => {
	const answer = await send(server, path, { body, token });

	expect(answer.status).toBe(status);
	expect(limitOf(answer)).toEqual(['3', '2', '1700000061']);
});

it('is told by a WebSocket, granted or refused', async () => {
	expect(limitOf(await refusedUpgrade(server))).toEqual(['3', '2', '1700000061']);

	server.configureWebSocket('main', { enabled: true });
	const { webSocket, upgradeHeaders } = await listen(server);
	expect(limitOf({ headers: upgradeHeaders })).toEqual(['3', '1', '1700000061']);
	webSocket.terminate();

	await call();
	expect(await refusedUpgrade(server)).toMatchObject(EXCEEDED);
});

it('is 20 a minute for creating instances, apart from the rest', async () => {
	const create = () =>
		send(server, '/api/instance/new', { body: { name: 'main' }, token: 'account-token' });
	const first = await create();
	for (let count = 2; count <= 20; count += 1) {
		expect((await create()).status).toBe(400);
	}

	expect(limitOf(first)).toEqual(['20', '19', '1700000061']);
	expect(await create()).toMatchObject(EXCEEDED);
	expect((await call({ token: 'account-token' })).status).toBe(200);
});

it('is 100 a minute by default', async () => {
	const ordinary = await startContractServer();
	const answer = await send(ordinary, '/api/instance/list');
	await ordinary.close();

	expect(answer.headers.get('x-ratelimit-limit')).toBe('100');
});

it('starts anew after reset', async () => {
	await call();
	server.reset();

	expect(limitOf(await call())).toEqual(['3', '2', '1700000061']);
});

it('is no concern of the Voice API', async () => {
	const answer = await send(server, '/v2/send/voice', { body: {} });

	expect(limitOf(answer)).toEqual([null, null, null]);
});

function limitOf({ headers }: Pick<Answer, 'headers'>): Array<string | null> {
	return ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`));
}
