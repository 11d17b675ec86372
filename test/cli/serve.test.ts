import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNetwork, type Network, type Phone } from '../../simulator';
import { eventually } from '../simulator/support/client';
import { send } from '../support/contractServer/testClient';
import { builtModule } from '../support/built';
import { Child, type Ended } from './support/child';

const CLI = builtModule('cli');
const ACCOUNT_TOKEN = 'a-token-of-the-account-for-the-tests-01234';
const NUMBER = '4915112345678';
const SECOND_MS = 100;

let network: Network;
let own: Phone;
let data: string;
let environment: Record<string, string>;
const children: Child[] = [];

beforeEach(async () => {
	data = await mkdtemp(join(tmpdir(), 'serve-'));
	network = await startNetwork({
		secondMs: SECOND_MS,
		firstQrSeconds: 10_000,
		ringLimitSeconds: 600,
	});
	own = network.addPhone({ number: NUMBER });
	environment = {
		...network.environment,
		WHATSAPP_CALL_DATA: data,
		WHATSAPP_CALL_ACCOUNT_TOKEN: ACCOUNT_TOKEN,
	};
});
afterEach(async () => {
	await Promise.all(
		children.splice(0).map((child) => {
			child.kill('SIGKILL');
			return child.ended();
		}),
	);
	await network.close();
	await rm(data, { recursive: true, force: true });
	expect(network.takeFaults()).toEqual([]);
});

function start(...args: string[]): Child {
	const child = new Child([CLI, 'serve', ...args], environment, 40_000);
	children.push(child);
	return child;
}

interface Serving {
	child: Child;
	url: string;
	send(path: string, sent?: Parameters<typeof send>[2]): ReturnType<typeof send>;
}

async function serve(...args: string[]): Promise<Serving> {
	const child = start('--port', '0', '--pause', '0', ...args);
	const [, url = ''] = await child.says(/Server listening at (http:\/\/[\d.:]+)/);
	return {
		child,
		url,
		send: (path, sent) => send({ url }, path, { token: ACCOUNT_TOKEN, ...sent }),
	};
}

async function link(serving: Serving, name = 'main'): Promise<void> {
	const { send: ask } = serving;
	expect((await ask('/api/instance/new', { body: { name, token: `${name}-token` } })).status).toBe(
		200,
	);
	const { body } = await ask(`/api/instance/connect/${name}`);
	await own.scan((body as { qrCode: string }).qrCode);
	await connected(serving, name);
}

async function connected({ send: ask }: Serving, name = 'main'): Promise<void> {
	await eventually(async () => {
		const { body } = await ask(`/api/instance/list?instanceName=${name}`);
		return JSON.stringify(body).includes('"state":"connected"');
	});
}

function person(script: Parameters<Network['addPhone']>[0]['script'] = {}): Phone {
	const somebody = network.addPhone({ number: '5511900000001', script });
	somebody.trust(NUMBER);
	return somebody;
}

it.each([
	['without a token', undefined, 'The account token is not set'],
	['with a short token', 'short', 'The account token is too short: 5 characters'],
	['with a token that no header carries', 'ä'.repeat(40), 'characters that a header cannot carry'],
])('refuses to start %s, and suggests one', async (_how, token, message) => {
	environment = { ...environment };
	delete environment.WHATSAPP_CALL_ACCOUNT_TOKEN;
	Object.assign(environment, token !== undefined && { WHATSAPP_CALL_ACCOUNT_TOKEN: token });
	const runs = await Promise.all([start().ended(), start().ended()]);
	const suggestions = runs.map(({ code, errors, output }: Ended) => {
		expect(code).toBe(1);
		expect(output).toBe('');
		expect(errors).toContain(message);
		return /^WHATSAPP_CALL_ACCOUNT_TOKEN=([\w-]{32,})$/m.exec(errors)?.[1];
	});
	expect(suggestions[0]).toBeDefined();
	expect(suggestions[1]).not.toBe(suggestions[0]);
	expect(await readdir(data)).toEqual([]);
});

it('serves, keeps its secrets to itself, and ends when it is asked to', async () => {
	const serving = await serve('--log-level', 'debug');
	await link(serving);
	const { version } = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8')) as {
		version: string;
	};
	expect((await serving.send('/healthz', { token: null })).body).toEqual({
		name: 'n8n-nodes-whatsapp-call',
		version,
		status: 'ok',
	});
	expect((await serving.send('/readyz', { token: null })).body).toEqual({
		status: 'ready',
		instances: { total: 1, connected: 1 },
	});
	expect((await serving.send('/docs/', { token: null })).status).toBe(200);
	await serving.send('/api/events/websocket/main?token=main-token', { body: { enabled: true } });
	expect((await stat(join(data, 'instances.json'))).mode & 0o777).toBe(0o600);

	serving.child.kill('SIGTERM');
	const ended = await serving.child.ended();
	expect(ended).toMatchObject({ code: 0, signal: null, errors: '' });
	for (const secret of [ACCOUNT_TOKEN, 'main-token', NUMBER]) {
		expect(ended.output).not.toContain(secret);
	}
	expect(await readdir(join(data, 'main'))).not.toContain('lock');
});

it('hangs up before it ends, and answers who waits', async () => {
	const serving = await serve();
	await link(serving);
	const somebody = person();
	const answer = serving.send('/api/call/fake/main?wait=true', {
		body: { number: somebody.id, duration: 60 },
	});
	await eventually(() => somebody.seen.calls.some(({ state }) => state === 'ringing'));
	serving.child.kill('SIGTERM');
	expect(await answer).toMatchObject({
		status: 200,
		body: { outcome: 'cancelled', endedBy: 'us' },
	});
	expect(await serving.child.ended()).toMatchObject({ code: 0, errors: '' });
	await eventually(() => network.ringing.length === 0);
	expect(somebody.seen.calls).toMatchObject([{ missed: true, endedBy: 'caller' }]);
});

it('that was killed in a call stops the ringing when it is started again, and loses no instance', async () => {
	const killed = await serve();
	await link(killed);
	await killed.send('/api/events/websocket/main', { body: { enabled: true } });
	const somebody = person();
	await killed.send('/api/call/fake/main', { body: { number: somebody.id, duration: 60 } });
	await eventually(() => network.ringing.length === 1);
	killed.child.kill('SIGKILL');
	await killed.child.ended();
	expect(network.ringing).toHaveLength(1);

	const serving = await serve();
	await connected(serving);
	await eventually(() => network.ringing.length === 0);
	expect(somebody.seen.calls).toMatchObject([{ missed: true, endedBy: 'caller' }]);
	const ask = { token: 'main-token' };
	expect((await serving.send('/api/events/getWebsocket/main', ask)).body).toMatchObject({
		websocket: { enabled: true },
	});
	expect(
		(
			await serving.send('/api/call/fake/main?wait=true', {
				...ask,
				body: { number: somebody.id, duration: 1 },
			})
		).body,
	).toMatchObject({ outcome: 'noAnswer', rang: true });
});

it('says what keeps it from starting', async () => {
	const busy = createServer().listen(0, '127.0.0.1');
	await once(busy, 'listening');
	const { port } = busy.address() as { port: number };
	const ended = await start('--port', String(port)).ended();
	busy.close();
	expect(ended).toMatchObject({ code: 1, output: '' });
	expect(ended.errors).toContain(
		`cannot listen on 127.0.0.1:${port}: something else listens there`,
	);
});

it.each([
	['--port', '70000', "Option '--port' must be a whole number from 0 to 65535"],
	['--rate-limit', '-1', '--rate-limit'],
	['--rate-limit', 'many', "Option '--rate-limit' must be a whole number"],
	['--codec', 'mp3', "Option '--codec' must be one of mlow, opus, escape"],
	['--log-level', 'loud', "Option '--log-level' must be one of"],
])('does not take %s %s', async (option, value, message) => {
	const ended = await start(option, value).ended();
	expect(ended).toMatchObject({ code: 2, output: '' });
	expect(ended.errors).toContain(message);
});
