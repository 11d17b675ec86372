import { startContractServer, type ContractServer } from '../../support/contractServer';
import { fake, thrown } from './support';

describe('what the server says, in words the user understands', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer({
			instances: [
				{ name: 'main', token: 'instance-token' },
				{ name: 'off', token: 'off-token-123', state: 'disconnected' },
			],
		});
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	const as = (instance: string, token: string) => ({
		credentials: { ryzeApi: { baseUrl: server.url, instance, token } },
	});

	test('401: the wrong token, which appears nowhere', async () => {
		const result = await fake(server, {}, as('main', 'a-wrong-token'));
		const { code, message, hint } = thrown(result);
		expect(code).toBe('UNAUTHORIZED');
		expect(message).toBe('The server answered 401: Invalid token.');
		expect(hint).toContain('token in the credential');
		expect(result.error?.httpCode).toBe('401');
		expect(result.error?.context.itemIndex).toBe(0);
		expect(result.stored).not.toContain('a-wrong-token');
	});

	test('404: an instance that does not exist', async () => {
		const { code, message } = thrown(await fake(server, {}, as('nobody', 'account-token')));
		expect(code).toBe('INSTANCE_NOT_FOUND');
		expect(message).toBe('The server answered 404: instance not found.');
	});

	test.each<[number, unknown, string, string]>([
		[
			400,
			{ success: false, error: { message: 'Number is required' } },
			'BAD_REQUEST',
			'Number is required',
		],
		[
			403,
			{ success: false, error: { message: 'Account instance quota exceeded' } },
			'FORBIDDEN',
			'quota',
		],
		[404, { success: false, error: { message: 'no such route' } }, 'BAD_RESPONSE', 'no such route'],
		[
			500,
			{ success: false, error: { message: 'number is not on WhatsApp' } },
			'SERVER_ERROR',
			'not on WhatsApp',
		],
		[
			500,
			{ success: false, error: { message: 'instance is not connected' } },
			'INSTANCE_DISCONNECTED',
			'not connected',
		],
		[500, { status: 500, message: 'plain message' }, 'SERVER_ERROR', 'plain message'],
		[503, { error: 'overloaded' }, 'SERVER_ERROR', 'overloaded'],
		[500, {}, 'SERVER_ERROR', 'it gave no reason'],
		[
			200,
			{ success: false, error: { message: 'call was rejected' } },
			'SERVER_ERROR',
			'call was rejected',
		],
		[200, { message: 'hello' }, 'MAYBE_PLACED', 'without saying that it succeeded'],
		[200, '<!doctype html><h1>Welcome</h1>', 'BAD_RESPONSE', 'web page instead of JSON'],
		[404, '<html></html>', 'BAD_RESPONSE', 'web page instead of JSON'],
		[500, 'Internal Server Error', 'SERVER_ERROR', '500: it gave no reason.'],
		[503, '<html>Service Unavailable</html>', 'SERVER_ERROR', '503: it gave no reason.'],
		[413, '<html>Request Entity Too Large</html>', 'AUDIO_TOO_LARGE', 'too large for it'],
		[401, 'nope', 'BAD_RESPONSE', 'not a JSON object'],
		[200, '[1]', 'MAYBE_PLACED', 'not a JSON object'],
		[200, '', 'MAYBE_PLACED', 'with nothing instead of JSON'],
		[502, '<html>Bad Gateway</html>', 'MAYBE_PLACED', 'may have been placed'],
		[504, { message: 'timeout' }, 'MAYBE_PLACED', 'may have been placed'],
	])('%i %p is %s', async (status, body, code, said) => {
		server.failNext({ kind: 'answer', status, body });
		const error = thrown(await fake(server));
		expect(error.code).toBe(code);
		expect(error.message).toContain(said);
		expect(error.hint).toMatch(/^[A-Z].+\.$/);
		expect(server.requests).toHaveLength(1);
	});

	test('a redirect is not followed, so that the token goes nowhere else; the hint names the target', async () => {
		server.failNext({
			kind: 'answer',
			status: 307,
			body: '',
			headers: { location: 'https://elsewhere.example/api?token=1' },
		});
		const { code, hint } = thrown(await fake(server));
		expect(code).toBe('BAD_RESPONSE');
		expect(hint).toContain('(https://elsewhere.example)');
		expect(server.requests).toHaveLength(1);
	});

	test('a server that repeats the token in its message does not get it into the error', async () => {
		server.failNext({
			kind: 'answer',
			status: 500,
			body: { success: false, error: { message: 'failed for instance-token' } },
		});
		const result = await fake(server);
		expect(thrown(result).message).toContain('failed for ***');
		expect(result.stored).not.toContain('instance-token');
	});

	test('a server that repeats the token in its answer does not get it into the output', async () => {
		server.failNext({
			kind: 'answer',
			status: 200,
			body: {
				success: true,
				callId: 'A',
				instance: { token: 'instance-token', list: ['x instance-token y'] },
			},
		});
		const { items, stored } = await fake(server);
		expect(items[0]?.json).toMatchObject({
			callId: 'A',
			instance: { token: '***', list: ['x *** y'] },
		});
		expect(stored).not.toContain('instance-token');
	});

	test('control characters and endless messages are cut', async () => {
		server.failNext({
			kind: 'answer',
			status: 500,
			body: { error: { message: `\u001b[31mred\n${'x'.repeat(5000)}` } },
		});
		const { message } = thrown(await fake(server));
		expect(message).not.toContain('\u001b');
		expect(message.length).toBeLessThan(300);
	});

	test('an answer that never ends to be large is given up', async () => {
		server.failNext({
			kind: 'answer',
			status: 200,
			body: { success: true, filler: 'x'.repeat(3 * 1024 * 1024) },
		});
		expect(thrown(await fake(server)).code).toBe('MAYBE_PLACED');
	});
});
