import net from 'node:net';
import { readSource } from '../../../../engine/audio/source/readSource';
import { startServer, untilNoConnection, type TestServer } from './httpServer';

const PUBLIC = '8.8.8.8';
const BLOCKED = {
	code: 'AUDIO_ADDRESS_BLOCKED',
	hint: expect.stringMatching(/allowPrivateAddresses/),
};

let server: TestServer;

beforeEach(async () => {
	server = await startServer((request, response) => {
		if (request.url?.startsWith('/to?') === true) {
			response.writeHead(302, { location: decodeURIComponent(request.url.slice(4)) }).end();
		} else {
			response.end(`host ${request.headers.host}`);
		}
	});
});

afterEach(async () => {
	jest.restoreAllMocks();
	await untilNoConnection(server);
	await server.close();
});

/** Resolves to each of the answers in turn. */
function answers(...lists: string[][]) {
	let index = 0;
	return jest.fn<Promise<string[]>, [string]>(() => Promise.resolve(lists[index++] ?? []));
}

/**
 * Lets connections to `addresses` end at the test's server, and writes down what the resolver that
 * undici was given says.
 */
function rerouteConnections(): string[][] {
	const connectedTo: string[][] = [];
	const connect = net.connect;
	jest.spyOn(net, 'connect').mockImplementation(((options: net.TcpNetConnectOpts) => {
		options.lookup?.(options.host ?? '', { all: true }, (_error, found) => {
			connectedTo.push(Array.isArray(found) ? found.map(({ address }) => address) : [found]);
		});
		return connect({ host: '127.0.0.1', port: server.port });
	}) as typeof net.connect);
	return connectedTo;
}

describe('an address that is not public', () => {
	test.each([
		'127.0.0.1',
		'127.1',
		'2130706433',
		'0x7f000001',
		'0177.0.0.1',
		'127.0.0.1.',
		'0',
		'[::1]',
		'[::ffff:127.0.0.1]',
		'[64:ff9b::7f00:1]',
		'[2002:7f00:1::]',
		'169.254.169.254',
		'10.0.0.1',
		'100.64.0.1',
		'１２７.０.０.１',
	])('%s is refused before anything is sent', async (host) => {
		const lookup = answers([PUBLIC]);
		await expect(
			readSource({ text: `http://${host}:${server.port}/` }, { lookup }),
		).rejects.toMatchObject(BLOCKED);
		expect(lookup).not.toHaveBeenCalled();
		expect(server.requests).toEqual([]);
	});

	test('a name that resolves to it', async () => {
		const lookup = answers(['127.0.0.1']);
		await expect(
			readSource({ text: `http://audio.example:${server.port}/secret?secret` }, { lookup }),
		).rejects.toMatchObject({
			...BLOCKED,
			message: `The audio is not fetched from audio.example:${server.port}: this is not a public address`,
		});
		expect(lookup.mock.calls).toEqual([['audio.example']]);
		expect(server.requests).toEqual([]);
	});

	test('localhost, by the resolver of the system', async () => {
		await expect(readSource({ text: `http://localhost:${server.port}/` })).rejects.toMatchObject(
			BLOCKED,
		);
	});

	test('one among others refuses the name', async () => {
		const lookup = answers([PUBLIC, '::1']);
		await expect(readSource({ text: 'http://audio.example/' }, { lookup })).rejects.toMatchObject(
			BLOCKED,
		);
	});

	test('what a resolver gives that is no address is not connected to', async () => {
		const lookup = answers(['localhost']);
		await expect(readSource({ text: 'http://audio.example/' }, { lookup })).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
		});
	});

	test('is fetched from when that is allowed', async () => {
		const { bytes } = await readSource(
			{ text: `http://127.0.0.1:${server.port}/` },
			{ allowPrivateAddresses: true },
		);
		expect(Buffer.from(bytes).toString()).toBe(`host 127.0.0.1:${server.port}`);
	});

	test('an IPv6 one is fetched from when that is allowed', async () => {
		const six = await startServer((_request, response) => response.end('six'), '::1');
		const { bytes } = await readSource({ text: six.origin }, { allowPrivateAddresses: true });
		await six.close();
		expect(Buffer.from(bytes).toString()).toBe('six');
	});
});

describe('a redirect', () => {
	test.each([
		['http://127.0.0.1/', []],
		['http://[::ffff:7f00:1]/', []],
		['http://169.254.169.254/latest/meta-data/', []],
		['http://inside.example/', ['192.168.1.1']],
		['//audio.example/again', ['127.0.0.1']],
	])('to %s is refused', async (location, secondAnswer) => {
		const connectedTo = rerouteConnections();
		const lookup = answers([PUBLIC], secondAnswer);
		await expect(
			readSource({ text: `http://audio.example/to?${encodeURIComponent(location)}` }, { lookup }),
		).rejects.toMatchObject(BLOCKED);
		expect(connectedTo).toEqual([[PUBLIC]]);
		expect(server.requests).toHaveLength(1);
	});
});

describe('the connection goes to the address that was checked', () => {
	test('a name that changes its address after the check gains nothing (DNS rebinding)', async () => {
		const connectedTo = rerouteConnections();
		const lookup = answers([PUBLIC, '1.1.1.1'], ['127.0.0.1']);
		const { bytes } = await readSource({ text: 'http://audio.example/' }, { lookup });
		expect(Buffer.from(bytes).toString()).toBe('host audio.example');
		expect(connectedTo).toEqual([[PUBLIC, '1.1.1.1']]);
		expect(lookup).toHaveBeenCalledTimes(1);
	});

	test('the system is not asked for the name again', async () => {
		const lookup = answers(['127.0.0.1'], ['127.0.0.2']);
		const { bytes } = await readSource(
			{ text: `http://not-in-any-dns.example:${server.port}/` },
			{ lookup, allowPrivateAddresses: true },
		);
		expect(Buffer.from(bytes).toString()).toBe(`host not-in-any-dns.example:${server.port}`);
		expect(lookup).toHaveBeenCalledTimes(1);
	});

	test('the second address is tried when the first does not answer', async () => {
		const lookup = answers(['127.0.0.2', '127.0.0.1']);
		const { bytes } = await readSource(
			{ text: `http://audio.example:${server.port}/` },
			{ lookup, allowPrivateAddresses: true },
		);
		expect(bytes.length).toBeGreaterThan(0);
	});
});
