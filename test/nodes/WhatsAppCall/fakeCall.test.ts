import { startContractServer, type ContractServer } from '../../support/contractServer';
import { fake, NUMBER, thrown } from './support';

describe('Call > Fake over RyzeAPI', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	test("rings the number and gives the server's own fields unchanged, with what is known", async () => {
		const { items, error } = await fake(server, { ringDurationSeconds: 12 });
		expect(error).toBeUndefined();
		const [call] = server.calls;
		expect(call).toMatchObject({ kind: 'fake', instance: 'main', number: NUMBER, duration: 12 });
		expect(items).toEqual([
			{
				json: {
					success: true,
					message: 'Call placed successfully',
					callId: call?.callId,
					number: NUMBER,
					duration: 12,
					outcome: 'placed',
					placedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
					connection: 'ryzeApi',
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	test('sends one request with the token in its header and the two fields of the contract', async () => {
		await fake(server, { ringDurationSeconds: 5 });
		expect(server.requests).toHaveLength(1);
		const [request] = server.requests;
		expect(request).toMatchObject({ method: 'POST', path: '/api/call/fake/main', query: {} });
		expect(request?.headers).toMatchObject({
			token: 'instance-token',
			'content-type': expect.stringContaining('application/json'),
		});
		expect(request?.body).toEqual({ number: NUMBER, duration: 5 });
	});

	test.each([
		[0, 8],
		['', 8],
		[1, 1],
		[60, 60],
		['15', 15],
	])('a ring duration of %p rings %i seconds', async (given, rung) => {
		await fake(server, { ringDurationSeconds: given });
		expect(server.calls[0]?.duration).toBe(rung);
	});

	test('rings 8 seconds when nothing is said', async () => {
		await fake(server);
		expect(server.calls[0]?.duration).toBe(8);
	});

	test.each([61, -1, 1.5, 'ten', Number.NaN, true])(
		'a ring duration of %p is refused before any request',
		async (given) => {
			const error = thrown(await fake(server, { ringDurationSeconds: given }));
			expect(error.code).toBe('INVALID_DURATION');
			expect(error.message).toContain(String(given));
			expect(error.hint).toContain('1 to 60');
			expect(server.requests).toHaveLength(0);
		},
	);

	test.each([
		['+55 11 99999-9999', NUMBER],
		['5511999999999@s.whatsapp.net', NUMBER],
		['5511999999999:12@c.us', NUMBER],
	])('reaches %s', async (to, number) => {
		await fake(server, { to });
		expect(server.calls[0]?.number).toBe(number);
	});

	test.each([
		['={{ "" }}', 'empty'],
		['={{ $json.number }}', 'empty'],
		['={{ [1] }}', 'a list'],
		['abc', '"abc"'],
		['123', '3 digits are too few'],
		['120363012345678901@g.us', 'group'],
		['120363012345678901@newsletter', 'channel'],
	])('%s is refused before any request', async (to, said) => {
		const error = thrown(await fake(server, { to }));
		expect(error.code).toBe('INVALID_NUMBER');
		expect(error.message).toContain(said);
		expect(error.hint).not.toBe('');
		expect(server.requests).toHaveLength(0);
	});

	test('a hidden id is refused, since the contract calls numbers only', async () => {
		const error = thrown(await fake(server, { to: '123456789@lid' }));
		expect(error.code).toBe('NOT_SUPPORTED');
		expect(server.requests).toHaveLength(0);
	});

	test('the Voice API cannot call, and the error names the connection that can', async () => {
		const error = thrown(await fake(server, { connection: 'voiceApi' }));
		expect(error.code).toBe('NOT_SUPPORTED');
		expect(error.message).toContain('Voice API');
		expect(error.hint).toContain('RyzeAPI Server');
	});

	test('instance names with special characters stay one path segment', async () => {
		const { error } = await fake(
			server,
			{},
			{ credentials: { ryzeApi: { baseUrl: `${server.url}/`, instance: 'a/b ?', token: 'x' } } },
		);
		expect(server.requests[0]?.path).toMatch(/a%2Fb%20%3F$/);
		expect(error).toBeDefined();
	});

	test('white space around a pasted token does no harm', async () => {
		const { error } = await fake(
			server,
			{},
			{
				credentials: {
					ryzeApi: { baseUrl: ` ${server.url} `, instance: ' main', token: 'instance-token\n' },
				},
			},
		);
		expect(error).toBeUndefined();
	});

	test.each([
		[{ baseUrl: 'ftp://x', instance: 'main', token: 't' }, 'NETWORK_UNREACHABLE'],
		[{ baseUrl: 'https://user:pw@x', instance: 'main', token: 't' }, 'NETWORK_UNREACHABLE'],
		[{ baseUrl: '', instance: 'main', token: 't' }, 'NETWORK_UNREACHABLE'],
		[{ baseUrl: 'https://x', instance: '', token: 't' }, 'UNAUTHORIZED'],
		[{ baseUrl: 'https://x', instance: 'main', token: ' ' }, 'UNAUTHORIZED'],
	])('an incomplete credential %p is named before any request', async (ryzeApi, code) => {
		const error = thrown(await fake(server, {}, { credentials: { ryzeApi } }));
		expect(error.code).toBe(code);
		expect(error.message).not.toContain('pw');
	});
});
