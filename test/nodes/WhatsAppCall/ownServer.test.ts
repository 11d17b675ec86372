import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { IDataObject } from 'n8n-workflow';
import { startContractServer, type ContractServer } from '../../support/contractServer';
import { audio, fake, thrown } from './support';

const SOURCE = { audioSource: 'base64', audioBase64: Buffer.from('RIFF').toString('base64') };

describe('options that only the server of this package knows, against another one', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	const call = async (options: IDataObject) => await audio(server, { ...SOURCE, options });

	test.each([
		[{ repeatTimes: 3 }, 'option Repeat (Times)'],
		[{ ringAtMostSeconds: 20 }, 'option Ring At Most (Seconds)'],
		[{ afterPlaying: 'stay' }, 'options After Playing, Stay on the Line (Seconds)'],
		[{ recordRecipient: true }, 'option Record Recipient'],
	])('%j is refused before anybody is called', async (options, names) => {
		const error = thrown(await call(options));
		expect(error.code).toBe('NOT_SUPPORTED');
		expect(error.message).toBe(`The server ${server.url} does not know the ${names}`);
		expect(error.hint).toContain('Nobody was called');
		expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
	});

	test('left as they are, they ask for nothing', async () => {
		const { error, items } = await call({
			repeatTimes: 1,
			ringAtMostSeconds: 45,
			afterPlaying: 'hangUp',
			stayOnLineSeconds: 30,
			pauseBetweenRepeatsSeconds: 4,
			recordRecipient: false,
		});
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ outcome: 'placed' });
		expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
			'POST /api/call/audio/main',
		]);
	});

	test('a value out of range is refused without a request', async () => {
		expect(thrown(await call({ repeatTimes: 21 })).code).toBe('INVALID_OPTION');
		expect(server.requests).toEqual([]);
	});
});

describe('a server that answers like ours', () => {
	let server: Server;
	let url: string;
	let health: { status: number; body: string };
	let report: IDataObject;
	let recording: { status: number; body: Buffer };
	const paths: string[] = [];

	beforeAll(async () => {
		server = createServer((request, response) => {
			request.resume().on('end', () => {
				paths.push(`${request.method} ${request.url}`);
				if (request.url === '/healthz') {
					response.writeHead(health.status, { 'content-type': 'application/json' });
					return response.end(health.body);
				}
				if (request.url?.endsWith('/recording')) {
					response.writeHead(recording.status, { 'content-type': 'audio/ogg' });
					return response.end(recording.body);
				}
				response.writeHead(200, { 'content-type': 'application/json' });
				return response.end(JSON.stringify(report));
			});
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	beforeEach(() => {
		paths.length = 0;
		health = {
			status: 200,
			body: JSON.stringify({ name: 'n8n-nodes-whatsapp-call', version: '9.9.9', status: 'ok' }),
		};
		report = {
			success: true,
			callId: 'A/../B',
			outcome: 'answered',
			state: 'ended',
			recording: 'https://elsewhere.example/secret',
			recordingSeconds: 1.5,
			placedAt: '2026-01-01T00:00:00.000Z',
		};
		recording = { status: 200, body: Buffer.from('OggS') };
	});
	afterAll(() => server.close());

	const waiting = { options: { waitForOutcome: true, waitAtMostSeconds: 7 } };
	const recorded = { ...SOURCE, options: { recordRecipient: true } };

	test('is asked to answer at the end of the call', async () => {
		const { items } = await fake({ url }, waiting);
		expect(paths).toEqual(['GET /healthz', 'POST /api/call/fake/main?wait=true&waitAtMost=7']);
		expect(items[0]?.json).toMatchObject({
			outcome: 'answered',
			placedAt: '2026-01-01T00:00:00.000Z',
		});
	});

	test('is not asked who it is when nothing depends on it', async () => {
		await fake({ url });
		expect(paths).toEqual(['POST /api/call/fake/main']);
	});

	test('an outcome that nobody knows is not passed on', async () => {
		report.outcome = 'exploded';
		const { items } = await fake({ url }, waiting);
		expect(items[0]?.json).toMatchObject({ outcome: 'placed' });
	});

	test('a recording is fetched from the server of the credential, whatever address it names', async () => {
		const { items } = await audio({ url }, recorded);
		expect(paths.at(-1)).toBe('GET /api/call/main/A%2F..%2FB/recording');
		expect(items[0]?.json).toMatchObject({ recording: 'recording', recordingSeconds: 1.5 });
		expect(items[0]?.binary?.recording?.data).toBe(Buffer.from('OggS').toString('base64'));
	});

	test.each([404, 500])('a recording that fails with %i leaves the report', async (status) => {
		recording = { status, body: Buffer.from('{}') };
		const { error, hints, items } = await audio({ url }, recorded);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ outcome: 'answered' });
		expect(items[0]?.json).not.toHaveProperty('recording');
		expect(items[0]?.binary).toBeUndefined();
		expect(hints.map(({ message }) => message)).toEqual([
			'Item 0: The recording of the recipient could not be fetched from the server.',
		]);
	});

	test('a call that goes on has no recording yet, and says so', async () => {
		Object.assign(report, { state: 'answered' });
		const { hints } = await audio({ url }, recorded);
		expect(paths.at(-1)).toContain('POST');
		expect(hints[0]?.message).toContain('had not ended within "Wait At Most"');
	});

	test.each([
		[200, '{"name":"something-else","version":"1"}'],
		[200, '{"name":"n8n-nodes-whatsapp-call"}'],
		[200, '<html>a web page</html>'],
		[401, '{"success":false,"error":{"message":"Invalid token"}}'],
		[404, 'nothing'],
		[500, ''],
	])('one that is not ours by its health page (%i %s) is not', async (status, body) => {
		health = { status, body };
		expect(thrown(await audio({ url }, recorded)).code).toBe('NOT_SUPPORTED');
		expect(paths).toEqual(['GET /healthz']);
	});
});
