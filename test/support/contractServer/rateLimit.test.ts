import { startContractServer, type ContractServer } from './index';
import { send, type Answer } from './testClient';

/** Its clock, its default and its reset; what any server does is in ../contract/rateLimit.ts. */

const START_MS = 1_700_000_000_500;
const BODY = { number: '5511999999999' };

let server: ContractServer;
let now: number;

beforeEach(async () => {
	now = START_MS;
	server = await startContractServer({ requestsPerMinute: 3, now: () => now });
});

afterEach(() => server.close());

const call = () => send(server, '/api/call/fake/main', { body: BODY });

it('tells when it ends by the clock that it was given', async () => {
	const limits = [limitOf(await call()), limitOf(await call())];

	expect(limits).toEqual([
		['3', '2', '1700000061'],
		['3', '1', '1700000061'],
	]);
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
