import { CredentialTestContext } from 'n8n-core';
import type { ICredentialDataDecryptedObject, ICredentialsDecrypted } from 'n8n-workflow';
import { testRyzeApi, testWawpApi } from '../../../nodes/WhatsAppCall/credentialTests';
import { startContractServer, type ContractServer } from '../../support/contractServer';

const credential = (type: string, data: ICredentialDataDecryptedObject): ICredentialsDecrypted => ({
	id: '1',
	name: 'test',
	type,
	data,
});

describe('testing a credential', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer({
			instances: [
				{ name: 'main', token: 'instance-token' },
				{ name: 'off', token: 'off-token', state: 'disconnected' },
			],
		});
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	describe('RyzeAPI Server', () => {
		const ryze = async (data: ICredentialDataDecryptedObject = {}) =>
			await testRyzeApi.call(
				new CredentialTestContext(),
				credential('ryzeApi', {
					baseUrl: server.url,
					instance: 'main',
					token: 'instance-token',
					...data,
				}),
			);

		test('right', async () => {
			expect(await ryze()).toEqual({ status: 'OK', message: 'Connection successful' });
			expect(server.requests).toHaveLength(1);
			expect(server.requests[0]).toMatchObject({
				method: 'GET',
				path: '/api/instance/list',
				query: { instanceName: 'main' },
			});
		});

		test('the token of the account works too', async () => {
			expect((await ryze({ token: 'account-token' })).status).toBe('OK');
		});

		test.each<[string, ICredentialDataDecryptedObject, string[]]>([
			['a wrong token', { token: 'wrong-token' }, ['401: Invalid token.', 'Check the token']],
			[
				'an unknown instance',
				{ token: 'account-token', instance: 'nobody' },
				['no instance "nobody"', 'instance name'],
			],
			[
				'not connected',
				{ token: 'off-token', instance: 'off' },
				['"off" is not connected', '(disconnected)', 'QR code'],
			],
			['an empty instance', { instance: '' }, ['"Instance" of the credential is empty']],
			[
				'an address that is none',
				{ baseUrl: 'ryzeapi.cloud' },
				['"ryzeapi.cloud" is not an http(s) address'],
			],
			['nobody there', { baseUrl: 'http://127.0.0.1:1' }, ['refuses connections']],
		])('%s gets its own sentence', async (_name, data, said) => {
			const { status, message } = await ryze(data);
			expect(status).toBe('Error');
			for (const part of said) {
				expect(message).toContain(part);
			}
			expect(message).not.toContain(String(data.token));
		});

		test('a website is no API', async () => {
			server.failNext({ kind: 'answer', status: 200, body: '<html></html>' });
			expect((await ryze()).message).toContain('web page instead of JSON');
		});

		test('the list may have any name, and a single instance needs no name', async () => {
			server.failNext({
				kind: 'answer',
				status: 200,
				body: { success: true, data: [{ connection: { state: 'connected' } }] },
			});
			expect((await ryze()).status).toBe('OK');
		});

		test('a list without the instance', async () => {
			server.failNext({ kind: 'answer', status: 200, body: { success: true, instances: [] } });
			expect((await ryze()).message).toContain('no instance "main"');
		});
	});

	describe('WhatsApp Voice (Wawp)', () => {
		const wawp = async (data: ICredentialDataDecryptedObject = {}) =>
			await testWawpApi.call(
				new CredentialTestContext(),
				credential('wawpApi', {
					baseUrl: server.url,
					instanceId: 'WAWP1',
					accessToken: 'wawp-token',
					sendParametersAs: 'body',
					...data,
				}),
			);

		test.each(['body', 'query', 'queryAndBody'])(
			'right, parameters as %s: nothing is sent to anybody',
			async (sendParametersAs) => {
				expect(await wawp({ sendParametersAs })).toEqual({
					status: 'OK',
					message: 'Connection successful',
				});
				expect(server.voiceNotes).toHaveLength(0);
				expect(server.requests).toHaveLength(1);
				const [request] = server.requests;
				expect({ ...request?.query, ...(request?.body as object) }).toEqual({
					instance_id: 'WAWP1',
					access_token: 'wawp-token',
				});
			},
		);

		test('a wrong access token', async () => {
			const { status, message } = await wawp({ accessToken: 'wrong-token' });
			expect(status).toBe('Error');
			expect(message).toContain('refuses the access token or the instance (401)');
			expect(message).not.toContain('wrong-token');
		});

		test.each<[string, number, unknown, string]>([
			['a quota', 403, { status: 403, message: 'quota' }, '(403): quota.'],
			['a website', 400, '<html></html>', 'web page instead of JSON'],
			['a success that cannot be', 200, { hello: 1 }, 'not the API that was expected'],
			['a failing server', 500, { message: 'down' }, '500: down. Look at the state'],
			['too many tests', 429, { message: 'slow down' }, '429: slow down. Wait a minute'],
		])('%s', async (_name, status, body, said) => {
			server.failNext({ kind: 'answer', status, body });
			const result = await wawp();
			expect(result.status).toBe('Error');
			expect(result.message).toContain(said);
		});
	});
});
