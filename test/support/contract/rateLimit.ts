import { listen, refused, refusedUpgrade, send, type Answer } from '../contractServer/testClient';
import { ACCOUNT_TOKEN, type ContractSubject, type StartSubject } from './subject';

const EXCEEDED = refused(429, 'Rate limit exceeded. Try again later.');
const WINDOW_SECONDS = 60;

/** The limit of requests, and its headers. Each test has a server of its own. */
export function rateLimitContract(start: StartSubject): void {
	describe('the rate limit', () => {
		let subject: ContractSubject;
		beforeEach(async () => {
			subject = await start({ requestsPerMinute: 3 });
		});
		afterEach(() => subject.close());

		const list = (headers?: Record<string, string>) =>
			send(subject, '/api/instance/list', { token: headers ? null : undefined, headers });

		it('is told by every answer: limit, what remains, and when it ends in Unix seconds', async () => {
			const answers = [await list(), await list()];

			expect(answers.map(limitOf)).toEqual([
				['3', '2'],
				['3', '1'],
			]);
			for (const { headers } of answers) {
				const reset = Number(headers.get('x-ratelimit-reset'));
				const inSeconds = reset - Date.now() / 1_000;
				expect(inSeconds).toBeGreaterThan(0);
				expect(inSeconds).toBeLessThanOrEqual(WINDOW_SECONDS + 1);
			}
		});

		it('refuses what goes beyond, without executing it', async () => {
			await list();
			await list();
			await list();
			const before = subject.callsPlaced();
			const answer = await send(subject, '/api/call/fake/main', {
				body: { number: subject.number },
			});

			expect(answer).toMatchObject(EXCEEDED);
			expect(limitOf(answer)).toEqual(['3', '0']);
			expect(subject.callsPlaced()).toBe(before);
		});

		it('counts each token by itself, whichever header brings it', async () => {
			await list();
			await list();
			await list({ authorization: 'Bearer instance-token' });

			expect((await list()).status).toBe(429);
			expect((await list({ authorization: 'Bearer instance-token' })).status).toBe(429);
			expect((await list({ token: 'other-token' })).status).toBe(200);
		});

		const BODY = { number: '5511999999999' };
		it.each([
			[400, '/api/call/fake/main', {}, 'instance-token'],
			[401, '/api/call/fake/main', BODY, 'wrong'],
			[401, '/api/call/fake/main', BODY, null],
			[404, '/api/call/fake/absent', BODY, 'instance-token'],
			[404, '/api/absent', BODY, 'instance-token'],
		])('is told by a %d too (%s %j by %s)', async (status, path, body, token) => {
			const answer = await send(subject, path, { body, token });

			expect(answer.status).toBe(status);
			expect(limitOf(answer)).toEqual(['3', '2']);
		});

		it('is told by a WebSocket, granted or refused', async () => {
			const body = { enabled: true };
			await send(subject, '/api/events/websocket/main', { body });
			const { webSocket, upgradeHeaders } = await listen(subject);
			expect(limitOf({ headers: upgradeHeaders })).toEqual(['3', '1']);
			webSocket.terminate();

			await list();
			expect(await refusedUpgrade(subject)).toMatchObject(EXCEEDED);
		});

		it('is 20 a minute for creating instances, apart from the rest', async () => {
			const create = () =>
				send(subject, '/api/instance/new', { body: { name: 'main' }, token: ACCOUNT_TOKEN });
			const first = await create();
			for (let count = 2; count <= 20; count += 1) {
				expect((await create()).status).toBe(400);
			}

			expect(limitOf(first)).toEqual(['20', '19']);
			expect(await create()).toMatchObject(EXCEEDED);
			expect((await list({ token: 'other-token' })).status).toBe(200);
		});
	});
}

function limitOf({ headers }: Pick<Answer, 'headers'>): Array<string | null> {
	return ['limit', 'remaining'].map((name) => headers.get(`x-ratelimit-${name}`));
}
