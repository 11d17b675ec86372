import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background } from '../e2e/support/background';
import { ryzeApi } from '../e2e/support/credentials';
import { freePort } from '../e2e/support/freePort';
import { N8nCommand } from '../e2e/support/n8nCommand';
import { n8nEnvironment } from '../e2e/support/n8nEnvironment';
import { N8nRest } from '../e2e/support/n8nRest';
import { N8nServer } from '../e2e/support/n8nServer';
import { PACKAGE_NAME } from '../e2e/support/paths';
import { prepared, userFolder, type UserFolder } from '../e2e/support/prepared';
import { Simulator } from '../e2e/support/simulator';
import { waitUntil } from '../e2e/support/waitUntil';
import { webhookTrigger, whatsAppCall, workflow } from '../e2e/support/workflow';

/**
 * n8n in queue mode: one main process, two workers, Redis between them, and our server that owns
 * the linked device. Redis comes from the system (Debian: redis-server).
 */

const OWN = '4915112345678';
const THEIRS = ['5511999999901', '5511999999902', '5511999999903', '5511999999904'];
const ACCOUNT_TOKEN = 'token-of-an-account-that-is-thrown-away';
const START_TIMEOUT_MS = 60_000;
const LINK_TIMEOUT_MS = 30_000;

const undo: Array<() => Promise<unknown>> = [];
let simulator: Simulator;
let serverUrl: string;
let instanceToken: string;
let main: N8nServer;
let workers: Background[];
let rest: N8nRest;

beforeAll(async () => {
	simulator = await Simulator.start();
	undo.push(() => simulator.stop());
	for (const number of [OWN, ...THEIRS]) await simulator.addPhone({ number });
	const folder = await userFolder();
	undo.push(() => folder.remove());
	const redisPort = await startRedis();
	await startCallServer(folder);
	instanceToken = await linkInstance();
	await startN8n(folder, redisPort);
}, 240_000);

afterAll(async () => {
	for (const task of undo.reverse()) await task();
}, 120_000);

async function startRedis(): Promise<number> {
	const port = await freePort();
	const settings = [
		'--port',
		String(port),
		'--bind',
		'127.0.0.1',
		'--save',
		'',
		'--appendonly',
		'no',
	];
	const redis = await Background.start(
		'redis-server',
		settings,
		{ env: { PATH: process.env.PATH } },
		({ printed }) => (printed.includes('Ready to accept connections') ? true : undefined),
		START_TIMEOUT_MS,
	);
	undo.push(() => redis.stop());
	return port;
}

/** The server of the package as n8n installed it, by its command line. */
async function startCallServer({ path }: UserFolder): Promise<void> {
	const data = await mkdtemp(join(tmpdir(), 'queue-server-'));
	undo.push(() => rm(data, { recursive: true, force: true }));
	const port = await freePort();
	serverUrl = `http://127.0.0.1:${port}`;
	const cli = join(path, '.n8n/nodes/node_modules', PACKAGE_NAME, 'dist/cli.js');
	const server = await Background.start(
		prepared().install.nodeBinary,
		[cli, 'serve', '--port', String(port), '--data', data, '--rate-limit', '0'],
		{
			env: {
				PATH: process.env.PATH,
				HOME: data,
				...simulator.variables,
				WHATSAPP_CALL_ACCOUNT_TOKEN: ACCOUNT_TOKEN,
			},
		},
		async () => ((await fetch(`${serverUrl}/readyz`)).ok ? true : undefined),
		START_TIMEOUT_MS,
	);
	undo.push(() => server.stop());
}

/** Makes an instance and links it to the simulated phone. */
async function linkInstance(): Promise<string> {
	const made = await ask('POST', '/api/instance/new', { name: 'main' });
	const { token } = made.instance as { token: string };
	const shown = await ask('GET', '/api/instance/connect/main');
	await simulator.link(OWN, { qr: String(shown.qrCode) });
	await waitUntil(
		'The connection of the instance',
		async () => {
			const list = JSON.stringify(await ask('GET', '/api/instance/list?instanceName=main'));
			return list.includes('"connected"') ? true : undefined;
		},
		LINK_TIMEOUT_MS,
	);
	return token;
}

async function ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
	const response = await fetch(`${serverUrl}${path}`, {
		method,
		headers: {
			token: ACCOUNT_TOKEN,
			...(body !== undefined && { 'content-type': 'application/json' }),
		},
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	const answer = (await response.json()) as Record<string, unknown>;
	if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
	return answer;
}

async function startN8n({ path }: UserFolder, redisPort: number): Promise<void> {
	const { install } = prepared();
	const credential = ryzeApi(serverUrl, { token: instanceToken });
	const ring = workflow('Ring', [
		webhookTrigger('ring'),
		whatsAppCall(
			'Ring',
			{
				connection: 'ryzeApi',
				resource: 'call',
				operation: 'fake',
				to: '={{ $json.body.to }}',
				ringDurationSeconds: 1,
				options: { timeoutSeconds: 120 },
			},
			credential,
		),
	]);
	const n8n = new N8nCommand(install, path);
	await n8n.importCredentials([credential]);
	await n8n.importWorkflows([ring]);
	const queue = {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redisPort),
	};
	main = await N8nServer.start(install, path, queue);
	undo.push(() => main.stop());
	workers = await Promise.all(
		[1, 2].map(async () => {
			const worker = await Background.start(
				install.nodeBinary,
				[install.script, 'worker', '--concurrency=1'],
				{
					cwd: path,
					env: { ...n8nEnvironment(install, path, await freePort()), ...queue },
				},
				({ printed }) => (printed.includes('n8n worker is now ready') ? true : undefined),
				START_TIMEOUT_MS,
			);
			undo.push(() => worker.stop());
			return worker;
		}),
	);
	rest = await N8nRest.logIn(main.url);
	await rest.activate(ring.id);
}

it('rings from both workers through one server that owns the linked device', async () => {
	const answers = await Promise.all(THEIRS.map((to) => rest.callWebhook('ring', { to })));

	for (const [index, answer] of answers.entries()) {
		expect(answer).toMatchObject({
			status: 200,
			body: [{ success: true, number: THEIRS[index], connection: 'ryzeApi' }],
		});
	}
	for (const number of THEIRS) {
		const calls = await waitUntil(
			`The end of the call to ${number}`,
			async () => {
				const { seen } = await simulator.phone(number);
				return seen.calls.every(({ state }) => state === 'ended') ? seen.calls : undefined;
			},
			LINK_TIMEOUT_MS,
		);
		expect(calls).toMatchObject([{ missed: true }]);
	}
	const busy = workers.filter(({ printed }) => /started execution/i.test(printed));
	expect(busy).toHaveLength(2);
	expect(await simulator.takeFaults()).toEqual([]);
}, 120_000);
