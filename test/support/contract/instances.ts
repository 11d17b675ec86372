import { refused, send } from '../contractServer/testClient';
import { ACCOUNT_TOKEN, type ContractSubject } from './subject';

/** The instance routes. */
export function instanceContract(subject: () => ContractSubject): void {
	describe('an instance', () => {
		const account = (path: string, method?: string, body?: unknown) =>
			send(subject(), path, { method, body, token: ACCOUNT_TOKEN });
		const create = (body: unknown) => account('/api/instance/new', 'POST', body);
		const list = (query = '', token = ACCOUNT_TOKEN) =>
			send(subject(), `/api/instance/list${query}`, { token });

		it('is listed with its connection', async () => {
			const answer = await list();
			expect(answer).toMatchObject({
				status: 200,
				body: { success: true, message: '2 Instances found' },
			});
			const { instances } = answer.body as { instances: object[] };
			expect(instances).toHaveLength(2);
			expect(instances[0]).toMatchObject({
				name: 'main',
				connection: {
					state: 'connected',
					numberJid: expect.stringMatching(/^\d+@s\.whatsapp\.net$/) as unknown,
				},
			});
			expect(instances[1]).toMatchObject({
				name: 'other',
				connection: { state: 'disconnected', numberJid: null },
				profile: { name: null },
			});
			expect(JSON.stringify(answer.body)).not.toContain('-token');
		});

		it('shows itself to its token, and no other', async () => {
			expect(await list('', 'other-token')).toMatchObject({
				status: 200,
				body: { message: '1 Instance found', instances: [{ name: 'other' }] },
			});
		});

		it.each([
			['?instanceName=other', '1 Instance found', ['other']],
			['?instanceName=main,other', '2 Instances found', ['main', 'other']],
			['?instanceName=main,absent', '1 Instance found', ['main']],
			['?instanceName=absent,missing', '0 Instances found', []],
		])('is found by %s', async (query, message, names) => {
			const instances = names.map((name): unknown => expect.objectContaining({ name }));
			expect((await list(query)).body).toEqual({ success: true, message, instances });
		});

		it.each([
			['absent', ACCOUNT_TOKEN],
			['main', 'other-token'],
		])('of the one name %s by %s is 404', async (name, token) => {
			expect(await list(`?instanceName=${name}`, token)).toMatchObject(
				refused(404, 'instance not found'),
			);
		});

		it('is born disconnected, with a token of its own', async () => {
			const answer = await create({ name: 'fresh' });
			expect(answer).toMatchObject({
				status: 200,
				body: {
					success: true,
					instance: {
						name: 'fresh',
						token: expect.stringMatching(/.{16}/) as unknown,
						connection: { state: 'disconnected', numberJid: null },
					},
				},
			});
			const { token } = (answer.body as { instance: { token: string } }).instance;
			expect(await list('', token)).toMatchObject({ body: { instances: [{ name: 'fresh' }] } });
		});

		it('takes the token it is given, and fields we do not know', async () => {
			expect(await create({ name: 'fresh', token: 'mine', proxy: 'x' })).toMatchObject({
				status: 200,
				body: { instance: { token: 'mine' } },
			});
			expect((await list('', 'mine')).status).toBe(200);
		});

		it('is made by the account alone', async () => {
			expect(await send(subject(), '/api/instance/new', { body: { name: 'fresh' } })).toMatchObject(
				refused(401, 'Invalid token'),
			);
		});

		it.each([
			[{}, 'Instance name is required'],
			[{ name: ' ' }, 'Instance name is required'],
			[{ name: 7 }, 'Invalid request body: name must be a string'],
			[{ name: 'main' }, 'Invalid request body: name is in use'],
			[{ name: 'fresh', token: 'other-token' }, 'Invalid request body: token is in use'],
			[{ name: 'fresh', token: ACCOUNT_TOKEN }, 'Invalid request body: token is in use'],
		])('is refused as %j', async (body, message) => {
			expect(await create(body)).toMatchObject(refused(400, message));
		});

		it('begins to pair with a QR code', async () => {
			await create({ name: 'fresh' });
			const answer = await account('/api/instance/connect/fresh');
			expect(answer.status).toBe(200);
			expect(answer.body).toEqual({
				success: true,
				message: 'QR code generated',
				qrCode: expect.stringMatching(/^.{20,}$/) as unknown,
				qrCodeBase64: expect.stringMatching(/^data:image\/png;base64,iVBORw0KGgo/) as unknown,
				status: 'qr',
			});
			expect((await list('?instanceName=fresh')).body).toMatchObject({
				instances: [{ connection: { state: 'connecting' } }],
			});
		});

		it('begins to pair with a code for a number', async () => {
			await create({ name: 'fresh' });
			const { number } = subject();
			expect((await account(`/api/instance/connect/fresh?number=${number}`)).body).toEqual({
				success: true,
				message: 'Pairing code generated',
				pairingCode: expect.stringMatching(/^[1-9A-HJ-NP-Z]{8}$/) as unknown,
				status: 'pairing',
			});
		});

		it('that is connected has nothing to pair', async () => {
			expect(await account('/api/instance/connect/main')).toMatchObject({
				status: 200,
				body: { success: true, status: 'connected' },
			});
		});

		it('pairs with a number, and nothing else', async () => {
			expect((await account('/api/instance/connect/other?number=%2B55')).status).toBe(400);
			expect((await account('/api/instance/connect/absent')).status).toBe(404);
			expect(await account('/api/instance/connect/')).toMatchObject(
				refused(400, 'Instance name is required'),
			);
		});

		it('that is logged out stays', async () => {
			await create({ name: 'fresh' });
			expect(await account('/api/instance/logout/fresh', 'POST')).toMatchObject({
				status: 200,
				body: { success: true },
			});
			expect((await list('?instanceName=fresh')).body).toMatchObject({
				instances: [{ connection: { state: 'loggedout', numberJid: null } }],
			});
		});

		it('that is deleted goes, with its token', async () => {
			await create({ name: 'fresh', token: 'mine' });
			expect(await account('/api/instance/fresh', 'DELETE')).toMatchObject({
				status: 200,
				body: { success: true },
			});
			expect((await list('?instanceName=fresh')).status).toBe(404);
			expect((await list('', 'mine')).status).toBe(401);
		});

		it.each([
			['POST', '/api/instance/logout/other'],
			['DELETE', '/api/instance/other'],
			['DELETE', '/api/instance/absent'],
		])('is not ended by strangers: %s %s', async (method, path) => {
			expect(await send(subject(), path, { method })).toMatchObject(
				refused(404, 'instance not found'),
			);
		});
	});
}
