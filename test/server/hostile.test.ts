import * as fc from 'fast-check';
import { once } from 'node:events';
import { Agent, request as startRequest } from 'node:http';
import { connect } from 'node:net';
import { House, INSTANCE_TOKEN } from './support/house';

const MALFORMED_REQUESTS = 10_000;
const AT_ONCE = 50;
const BYTES_PER_KILOBYTE = 1024;

interface Answered {
	status: number;
	body: string;
}

/** What clients can do to a server that they mean harm. */
describe('a server', () => {
	let house: House;
	let agent: Agent;

	beforeAll(async () => {
		house = await House.start({
			instances: { main: INSTANCE_TOKEN, other: 'other-token' },
			bodyLimitBytes: 64 * BYTES_PER_KILOBYTE,
			requestTimeoutMs: 500,
			log: undefined,
		});
		agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
	});
	afterAll(async () => {
		agent.destroy();
		await house.close();
	});

	/** As node sends it: also what `fetch` would not. */
	async function raw(
		method: string,
		path: string,
		headers: Record<string, string>,
		body: Buffer,
	): Promise<Answered> {
		const { port, url } = house.server;
		const sent = startRequest({ agent, host: new URL(url).hostname, port, method, path, headers });
		sent.end(body);
		const [response] = (await once(sent, 'response')) as [
			AsyncIterable<Buffer> & { statusCode: number },
		];
		const chunks: Buffer[] = [];
		for await (const chunk of response) {
			chunks.push(chunk);
		}
		return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
	}

	async function stillServes(): Promise<void> {
		expect(await house.send('/healthz', { token: null })).toMatchObject({
			status: 200,
			body: { status: 'ok' },
		});
		expect((await house.send('/api/instance/list')).status).toBe(200);
	}

	const json = fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text));
	const names = fc.constantFrom(
		'number',
		'duration',
		'mediaUrl',
		'mediaBase64',
		'mediaType',
		'enabled',
		'events',
		'name',
		'token',
		'convert',
		'instance_id',
		'access_token',
		'__proto__',
		'constructor',
	);
	const nearly = fc
		.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 })
		.map((fields) => Buffer.from(JSON.stringify(fields)));
	const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
	const piece = fc.oneof(
		fc.constantFrom('main', 'other', 'absent', '', '%20', '%zz', '..', '%00', 'a'.repeat(600)),
		fc.string({ maxLength: 20 }).map(encodeURIComponent),
	);
	const route = fc.constantFrom(
		'/api/call/fake/',
		'/api/call/audio/',
		'/api/message/media/',
		'/api/events/websocket/',
		'/api/events/getWebsocket/',
		'/api/instance/new',
		'/api/instance/list',
		'/api/call/',
		'/ws/',
		'/v2/send/voice',
		'/',
		'/docs/',
		'/metrics',
	);
	const query = fc.oneof(
		fc.constantFrom('', '?wait=true', '?wait=x', '?token=', '?number=1', '?a[b]=c&a=d', '?%'),
		fc.string({ maxLength: 10 }).map((text) => `?${encodeURIComponent(text)}`),
	);
	const header = fc.dictionary(
		fc.constantFrom('token', 'authorization', 'content-type', 'x-odd', 'accept', 'expect'),
		fc.oneof(
			fc.constantFrom(INSTANCE_TOKEN, 'other-token', 'Bearer x', 'application/json', 'text/xml'),
			fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).map((text) => text.trim()),
		),
		{ maxKeys: 4 },
	);
	const malformed = fc.record({
		method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'QUERY'),
		path: fc
			.tuple(route, piece, query)
			.map(([start, rest, end]) => `${start}${rest}${end}`.replace(/[^\x21-\x7e]/g, '')),
		headers: header.map((fields) => ({ 'content-type': 'application/json', ...fields })),
		body: fc.oneof(json, nearly, bytes, fc.constant(Buffer.alloc(0))),
		known: fc.boolean(),
	});

	it(`answers ${MALFORMED_REQUESTS} malformed requests, places no call and lives on`, async () => {
		const requests = fc.sample(malformed, { numRuns: MALFORMED_REQUESTS, seed: 20_261_121 });
		const statuses = new Map<number, number>();
		let next = 0;
		const ask = async (): Promise<void> => {
			for (let at = next++; at < requests.length; at = next++) {
				const { body, headers, known, method, path } = requests[at] as (typeof requests)[number];
				const all: Record<string, string> = { ...(known && { token: INSTANCE_TOKEN }), ...headers };
				// Node would wait for a 100, or make a body of a GET a request of its own.
				delete all.expect;
				const sent = { ...all, 'content-length': String(body.length) };
				const answer = await raw(method, path, sent, body);
				statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
				const where = `${method} ${path} ${JSON.stringify(all)} ${body.toString('latin1')}`;
				if (![200, 302, 400, 401, 404, 413, 426].includes(answer.status)) {
					// The instances are not linked: only that may go wrong with what is right.
					expect({ where, ...answer }).toMatchObject({
						status: 500,
						body: expect.stringMatching(/not connected|no code within/) as unknown,
					});
				}
				if (method !== 'HEAD' && answer.status >= 400) {
					expect(where && (JSON.parse(answer.body) as object)).toEqual(expect.any(Object));
				}
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, ask));
		expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 404]));
		expect(house.home.network.calls.size).toBe(0);
		await stillServes();
	}, 60_000);

	it.each([
		['no HTTP', 'hello\r\n\r\n', 400],
		['two lengths', 'GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
		['a long header', `GET / HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
		['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
	])('answers %s, and closes the connection', async (_what, text, status) => {
		const answer = await overSocket(text);
		expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		expect(answer).toContain('{"success":false,"error":{"message":');
		await stillServes();
	});

	async function overSocket(text: string): Promise<string> {
		const { port, url } = house.server;
		const socket = connect(port, new URL(url).hostname);
		socket.on('error', () => undefined);
		let answer = '';
		socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
		socket.write(Buffer.from(text, 'latin1'));
		await once(socket, 'close');
		return answer;
	}

	it('does not wait for a client that sends slowly', async () => {
		const head = `POST /api/call/fake/main HTTP/1.1\r\nHost: x\r\ntoken: ${INSTANCE_TOKEN}\r\n`;
		const answer = await overSocket(
			`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
		);
		expect(answer).toMatch(/^HTTP\/1\.1 408 /);
		await stillServes();
	});

	it.each(['content-length', 'transfer-encoding'])(
		'refuses a body that is too large, told by %s',
		async (how) => {
			const body = Buffer.alloc(200 * BYTES_PER_KILOBYTE, ' ');
			const headers: Record<string, string> = {
				token: INSTANCE_TOKEN,
				'content-type': 'application/json',
				[how]: how === 'content-length' ? String(body.length) : 'chunked',
			};
			for (let count = 0; count < 20; count += 1) {
				expect(await raw('POST', '/api/call/audio/main', headers, body)).toMatchObject({
					status: 413,
					body: expect.stringContaining('Invalid request body: larger than') as unknown,
				});
			}
			await stillServes();
		},
	);

	it('counts guesses of tokens by where they come from', async () => {
		const limited = await House.start({
			requestsPerMinute: 5,
			instances: { main: INSTANCE_TOKEN },
		});
		const guess = (token: string) => limited.send('/api/instance/list', { token });
		const statuses: number[] = [];
		for (let count = 0; count < 8; count += 1) {
			statuses.push((await guess(`guess-${count}`)).status);
		}
		expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
		expect((await guess(INSTANCE_TOKEN)).status).toBe(200);
		await limited.close();
	});
});
