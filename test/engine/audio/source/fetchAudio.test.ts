import type { RequestListener } from 'node:http';
import net, { createServer, type AddressInfo, type Socket } from 'node:net';
import { readSource, type SourceOptions } from '../../../../engine/audio/source/readSource';
import { startServer, untilNoConnection, type TestServer } from './httpServer';

const AUDIO = Buffer.alloc(300_000, 'audio');
const HOME: SourceOptions = { allowPrivateAddresses: true };

let server: TestServer | undefined;

afterEach(async () => {
	if (server !== undefined) {
		await untilNoConnection(server);
		await server.close();
		server = undefined;
	}
});

async function serve(listener: RequestListener): Promise<string> {
	server = await startServer(listener);
	return server.origin;
}

describe('a file', () => {
	test('arrives whole, with its content type', async () => {
		const origin = await serve((_request, response) => {
			response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(AUDIO);
		});
		const audio = await readSource({ text: `  ${origin}/a.mp3?b=c#d\n` }, HOME);
		expect(audio).toMatchObject({ contentType: 'audio/mpeg', origin: 'url' });
		expect(AUDIO.equals(audio.bytes)).toBe(true);
		expect(audio.bytes.buffer.byteLength).toBe(AUDIO.length);
		expect(server?.requests).toEqual(['/a.mp3?b=c']);
	});

	test('is asked for as it is, under our name, with the credentials of the URL', async () => {
		let headers: Record<string, unknown> = {};
		const origin = await serve((request, response) => {
			headers = request.headers;
			response.end(AUDIO);
		});
		await readSource({ text: origin.replace('//', '//ann:secret@') }, HOME);
		expect(headers).toMatchObject({
			'accept-encoding': 'identity',
			'user-agent': 'n8n-nodes-whatsapp-call',
			authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}`,
		});
	});

	test('that is empty is refused', async () => {
		const origin = await serve((_request, response) => response.writeHead(204).end());
		await expect(readSource({ text: origin }, HOME)).rejects.toMatchObject({
			code: 'AUDIO_SOURCE',
			message: 'The address answers with an empty file',
		});
	});

	test('that comes compressed though it must not is refused', async () => {
		const origin = await serve((_request, response) => {
			response.writeHead(200, { 'content-encoding': 'gzip' }).end(AUDIO);
		});
		await expect(readSource({ text: origin }, HOME)).rejects.toMatchObject({
			code: 'AUDIO_UNREADABLE',
			message: expect.stringMatching(/compressed \(gzip\)/),
		});
	});
});

describe('an answer that is none', () => {
	test.each([401, 404, 500, 304, 300])('status %d', async (status) => {
		const origin = await serve((_request, response) => response.writeHead(status).end('no'));
		const fetching = readSource({ text: `${origin}/secret-path?token=secret` }, HOME);
		await expect(fetching).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			httpStatus: status,
			message: `The audio could not be fetched from 127.0.0.1:${server?.port}: it answered with status ${status}`,
		});
	});

	test('nobody listens', async () => {
		const closed = await startServer(() => undefined);
		await closed.close();
		await expect(readSource({ text: closed.origin }, HOME)).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			message: expect.stringMatching(/nothing answers/),
		});
	});

	test.each([
		['the connection is closed at once', (socket: Socket) => socket.destroy(), /closed/],
		['another protocol', (socket: Socket) => socket.end('220 mail ready\r\n'), /web server/],
	])('%s', async (_name, answer, message) => {
		const other = createServer((socket) => {
			socket.on('error', () => undefined).once('data', () => answer(socket));
		});
		await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
		const { port } = other.address() as AddressInfo;
		await expect(readSource({ text: `http://127.0.0.1:${port}` }, HOME)).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			message: expect.stringMatching(message),
		});
		await new Promise((resolve) => other.close(resolve));
	});

	test('a name that does not exist', async () => {
		const lookup = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
		await expect(readSource({ text: 'http://none.example/' }, { lookup })).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			message: 'The audio could not be fetched from none.example: there is no host of this name',
		});
	});
});

describe('size', () => {
	const LIMIT: SourceOptions = { ...HOME, maximumBytes: 100_000 };

	test('a length that is announced above the limit ends it before the body', async () => {
		const origin = await serve((_request, response) => {
			response.writeHead(200, { 'content-length': 100_001 }).flushHeaders();
		});
		await expect(readSource({ text: origin }, LIMIT)).rejects.toMatchObject({
			code: 'AUDIO_TOO_LARGE',
		});
	});

	test('chunks without a length end at the limit', async () => {
		const origin = await serve((_request, response) => response.end(AUDIO));
		await expect(readSource({ text: origin }, LIMIT)).rejects.toMatchObject({
			code: 'AUDIO_TOO_LARGE',
			message: expect.stringMatching(/97\.6 kB/),
		});
	});

	test('a stream without end stops at the limit', async () => {
		let sent = 0;
		const origin = await serve((_request, response) => {
			const pour = () => {
				while (!response.destroyed && response.write(AUDIO)) {
					sent += AUDIO.length;
				}
			};
			response.on('drain', pour);
			pour();
		});
		await expect(readSource({ text: origin }, LIMIT)).rejects.toMatchObject({
			code: 'AUDIO_TOO_LARGE',
		});
		expect(sent).toBeLessThan(50_000_000);
	});

	test('a length that promises more than comes', async () => {
		const origin = await serve((_request, response) => {
			response.writeHead(200, { 'content-length': 90_000 });
			response.write(AUDIO.subarray(0, 5000), () => response.destroy());
		});
		await expect(readSource({ text: origin }, LIMIT)).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			message: expect.stringMatching(/before the file was complete/),
		});
	});

	test('a length that promises less than comes: the rest is no part of the file', async () => {
		const origin = await serve((_request, response) => {
			response.socket?.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n');
			response.socket?.end(AUDIO);
		});
		const { bytes } = await readSource({ text: origin }, LIMIT);
		expect(AUDIO.subarray(0, 10).equals(bytes)).toBe(true);
	});
});

describe('time', () => {
	const IMPATIENT: SourceOptions = { ...HOME, timeoutMs: 300 };

	test.each<[string, RequestListener]>([
		['no answer at all', () => undefined],
		['headers only', (_request, response) => response.writeHead(200).flushHeaders()],
		[
			'a byte now and then',
			(_request, response) => {
				const drip = setInterval(() => response.write('a'), 20);
				response.on('close', () => clearInterval(drip));
			},
		],
		[
			'redirects one after the other',
			(request, response) => {
				const count = Number(request.url?.slice(1)) + 1;
				setTimeout(() => response.writeHead(302, { location: `/${count}` }).end(), 80);
			},
		],
	])('%s ends at the time limit', async (_name, listener) => {
		const origin = await serve(listener);
		const start = Date.now();
		await expect(readSource({ text: origin }, IMPATIENT)).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			message: expect.stringMatching(/it took longer than 0\.3 s/),
		});
		expect(Date.now() - start).toBeLessThan(10_000);
	});

	test('a connection that is never made is not left behind', async () => {
		const sockets: Socket[] = [];
		const connect = net.connect;
		jest.spyOn(net, 'connect').mockImplementation(((options: net.TcpNetConnectOpts) => {
			// A resolver without an answer stands for a host that drops every packet.
			const socket = connect({ ...options, lookup: () => undefined });
			sockets.push(socket);
			return socket;
		}) as typeof net.connect);
		const lookup = () => Promise.resolve(['127.0.0.1']);
		await expect(
			readSource({ text: 'http://silent.example/' }, { ...IMPATIENT, lookup }),
		).rejects.toMatchObject({ code: 'AUDIO_UNREACHABLE' });
		jest.restoreAllMocks();
		expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
	});

	test('a resolver that never answers', async () => {
		const lookup = () => new Promise<string[]>(() => undefined);
		await expect(
			readSource({ text: 'http://slow.example/' }, { ...IMPATIENT, lookup }),
		).rejects.toMatchObject({ code: 'AUDIO_UNREACHABLE' });
	});
});

describe('an abort', () => {
	test.each<[string, RequestListener]>([
		['before the answer', () => undefined],
		['within the body', (_request, response) => void response.writeHead(200).write('audio')],
	])('%s ends the fetch and its connection', async (_name, listener) => {
		const controller = new AbortController();
		const origin = await serve((request, response) => {
			listener(request, response);
			setTimeout(() => controller.abort(), 50);
		});
		await expect(
			readSource({ text: origin }, { ...HOME, signal: controller.signal }),
		).rejects.toMatchObject({ code: 'CANCELLED' });
	});

	test('while the name is resolved', async () => {
		const controller = new AbortController();
		const lookup = () => new Promise<string[]>(() => setTimeout(() => controller.abort(), 10));
		await expect(
			readSource({ text: 'http://slow.example/' }, { lookup, signal: controller.signal }),
		).rejects.toMatchObject({ code: 'CANCELLED' });
	});

	test('beforehand asks nobody', async () => {
		const origin = await serve((_request, response) => response.end(AUDIO));
		const lookup = jest.fn(() => Promise.resolve(['127.0.0.1']));
		await expect(
			readSource({ text: origin }, { ...HOME, lookup, signal: AbortSignal.abort() }),
		).rejects.toMatchObject({ code: 'CANCELLED' });
		expect(server?.requests).toEqual([]);
		expect(lookup).not.toHaveBeenCalled();
	});
});

describe('redirects', () => {
	/** `/3` leads to the file by way of three redirects. */
	const countdown: RequestListener = (request, response) => {
		const left = Number(request.url?.slice(1));
		if (left === 0) {
			response.end(AUDIO);
		} else {
			response.writeHead([301, 302, 303, 307, 308][left % 5] ?? 302, { location: `/${left - 1}` });
			response.end('moved');
		}
	};

	test('five are followed', async () => {
		const origin = await serve(countdown);
		expect((await readSource({ text: `${origin}/5` }, HOME)).bytes).toHaveLength(AUDIO.length);
		expect(server?.requests).toEqual(['/5', '/4', '/3', '/2', '/1', '/0']);
	});

	test('six are not', async () => {
		const origin = await serve(countdown);
		await expect(readSource({ text: `${origin}/6` }, HOME)).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			message: expect.stringMatching(/redirects more than 5 times/),
		});
		expect(server?.requests).toHaveLength(6);
	});

	test('a circle is noticed', async () => {
		const origin = await serve((request, response) => {
			response.writeHead(302, { location: request.url === '/a' ? '/b' : '/a' }).end();
		});
		await expect(readSource({ text: `${origin}/a` }, HOME)).rejects.toMatchObject({
			code: 'AUDIO_UNREACHABLE',
			message: expect.stringMatching(/in a circle/),
		});
	});

	test('without a target is an answer like any other', async () => {
		const origin = await serve((_request, response) => response.writeHead(302).end());
		await expect(readSource({ text: origin }, HOME)).rejects.toMatchObject({ httpStatus: 302 });
	});

	test('the body of a redirect is not waited for', async () => {
		const origin = await serve((request, response) => {
			if (request.url === '/') {
				response.writeHead(302, { location: '/file' }).write('endless');
			} else {
				response.end(AUDIO);
			}
		});
		expect((await readSource({ text: origin }, HOME)).bytes).toHaveLength(AUDIO.length);
	});
});
