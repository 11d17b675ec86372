import { refused, send } from '../contractServer/testClient';
import { ACCOUNT_TOKEN, type ContractSubject } from './subject';

/** Tokens and routes. */
export function accessContract(subject: () => ContractSubject): void {
	describe('a token', () => {
		const list = (headers: Record<string, string | undefined>, query = '') =>
			send(subject(), `/api/instance/list${query}`, {
				token: null,
				headers: headers as Record<string, string>,
			});
		const call = (instance: string, token: string) =>
			send(subject(), `/api/call/fake/${instance}`, { body: { number: 'nobody' }, token });

		it.each([
			{ token: 'instance-token' },
			{ token: ACCOUNT_TOKEN },
			{ authorization: 'Bearer instance-token' },
			{ authorization: `bearer ${ACCOUNT_TOKEN}` },
		])('opens by %j', async (headers) => {
			expect((await list(headers)).status).toBe(200);
		});

		it.each([
			{},
			{ token: '' },
			{ token: 'wrong' },
			{ token: 'instance-toke' },
			{ token: 'instance-token2' },
			{ token: 'wrong', authorization: 'Bearer instance-token' },
			{ authorization: 'instance-token' },
			{ authorization: 'Basic instance-token' },
			{ apikey: 'instance-token' },
		])('is refused as %j', async (headers) => {
			expect(await list(headers)).toMatchObject(refused(401, 'Invalid token'));
		});

		it('does not open HTTP from the query', async () => {
			expect(await list({}, '?token=instance-token')).toMatchObject(refused(401, 'Invalid token'));
		});

		it('of an instance opens only its own', async () => {
			const body = { body: { number: subject().number } };
			expect(
				await send(subject(), '/api/call/fake/main', { ...body, token: 'other-token' }),
			).toMatchObject(refused(404, 'instance not found'));
			expect((await call('other', 'other-token')).status).toBe(400);
			expect((await call('main', ACCOUNT_TOKEN)).status).toBe(400);
		});

		it('finds no instance that does not exist', async () => {
			expect(
				await send(subject(), '/api/call/fake/absent', {
					body: { number: subject().number },
					token: ACCOUNT_TOKEN,
				}),
			).toMatchObject(refused(404, 'instance not found'));
		});

		it('is looked at before the body', async () => {
			expect(
				await send(subject(), '/api/call/fake/main', { body: 'nonsense', token: 'wrong' }),
			).toMatchObject(refused(401, 'Invalid token'));
		});
	});

	describe('a route', () => {
		it.each([
			['POST', '/api/call/video/main'],
			['GET', '/api/call/fake'],
			['PUT', '/api/call/audio/main'],
			['POST', '/api/call/fake/main/'],
			['POST', '/call/fake/main'],
			['HEAD', '/api/instance/list'],
			['GET', '/api/%zz'],
		])('%s %s does not exist', async (method, path) => {
			const answer = await send(subject(), path, { method });

			expect(answer.status).toBe(404);
			expect(answer.body).toEqual(
				method === 'HEAD' ? '' : { success: false, error: { message: 'Not found' } },
			);
		});

		it('takes no query that is not documented', async () => {
			expect(
				await send(subject(), '/api/call/fake/main?duration=3', {
					body: { number: subject().number },
				}),
			).toMatchObject(refused(400, 'Unknown query parameter "duration"'));
		});
	});
}
