import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import {
	selfSignedCertificate,
	startContractServer,
	type ContractServer,
} from '../../support/contractServer';
import { audio, CLIP, fake, itemWithBinary, thrown } from './support';

const ONE_SECOND = { options: { timeoutSeconds: 1 } };

describe('when the network fails', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	const at = (baseUrl: string) => ({ url: baseUrl });

	test('connection refused: nothing was sent', async () => {
		const error = thrown(await fake(at('http://127.0.0.1:1')));
		expect(error.code).toBe('NETWORK_UNREACHABLE');
		expect(error.message).toBe(
			'The server http://127.0.0.1:1 cannot be reached: it refuses connections',
		);
		expect(error.hint).toContain('Base URL');
	});

	test('a name that does not exist', async () => {
		const error = thrown(await fake(at('http://no-such-host.invalid')));
		expect(error.code).toBe('NETWORK_UNREACHABLE');
		expect(error.message).toContain('name');
	});

	test('a certificate that nobody signed', async () => {
		const secure = await startContractServer({ tls: await selfSignedCertificate() });
		try {
			const error = thrown(await fake(secure));
			expect(error.code).toBe('NETWORK_UNREACHABLE');
			expect(error.message).toContain('certificate');
			expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
			expect(secure.requests).toHaveLength(0);
		} finally {
			await secure.close();
		}
	});

	test('https where the server speaks http', async () => {
		const error = thrown(await fake(at(server.url.replace('http:', 'https:'))));
		expect(error.code).toBe('NETWORK_UNREACHABLE');
		expect(error.hint).toContain('http:// and https://');
	});

	test('something that does not speak HTTP', async () => {
		const other = await lineServer('220 mail.example ESMTP\r\n');
		try {
			const { port } = other.address() as AddressInfo;
			const error = thrown(await fake(at(`http://127.0.0.1:${port}`)));
			expect(error.code).toBe('BAD_RESPONSE');
			expect(error.message).toContain('does not speak HTTP');
		} finally {
			other.close();
		}
	});

	describe('after the request may have reached the server', () => {
		afterEach(() => {
			// Never repeated: whatever happened, the server was asked once.
			expect(server.requests).toHaveLength(1);
		});

		test.each([
			['no answer in time', 'hang', 'in time'],
			['a reset', 'reset', 'broke'],
			['a reset while the body was on its way', 'resetBeforeReading', 'broke'],
			['an answer that was cut', 'truncate', 'broke'],
		] as const)('%s says that the call may have been placed', async (_name, kind, said) => {
			server.failNext({ kind });
			const error = thrown(await fake(server, ONE_SECOND));
			expect(error.code).toBe('MAYBE_PLACED');
			expect(error.message).toContain(said);
			expect(error.message).toContain('may have been placed');
			expect(error.hint).toContain('phone');
		});

		test('the same for a streamed file', async () => {
			server.failNext({ kind: 'reset' });
			const error = thrown(await audio(server, {}, { items: [itemWithBinary(CLIP)] }));
			expect(error.code).toBe('MAYBE_PLACED');
		});

		test('stopping the execution in the middle says so', async () => {
			server.failNext({ kind: 'hang' });
			const result = await fake(
				server,
				{},
				{ onStart: (cancel) => void waitForRequest(server).then(cancel) },
			);
			expect(thrown(result)).toMatchObject({
				code: 'CANCELLED',
				hint: expect.stringContaining('may still have been carried out'),
			});
		});
	});
});

async function waitForRequest(server: ContractServer): Promise<void> {
	while (server.requests.length === 0) {
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

async function lineServer(line: string): Promise<Server> {
	const server = createServer((socket) => {
		socket.on('error', () => undefined);
		socket.end(line);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}
