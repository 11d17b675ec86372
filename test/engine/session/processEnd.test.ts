import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baileysPort, Session } from '../../../engine/session';
import { startNetwork, type Network } from '../../../simulator';
import { builtModule } from '../../support/built';

let data: string;
let network: Network;

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), 'session-end-'));
	network = await startNetwork();
	const phone = network.addPhone({ number: '5511999999999' });
	const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };
	const noiseRootKey = Buffer.from(network.rootKey, 'hex');
	const port = baileysPort({ webSocketUrl: network.url, noiseRootKey, logger: silent });
	const session = new Session({ data, name: 'main', port });
	const step = await session.link();
	await phone.scan(step.state === 'linking' && step.method === 'qr' ? step.qr : '');
	await session.linked();
	await session.close();
});
afterAll(async () => {
	await network.close();
	await rm(data, { recursive: true, force: true });
});

interface Ended {
	output: string;
	code: number | null;
	signal: NodeJS.Signals | null;
	/** Milliseconds from the use, or from the signal. */
	after: number;
}

function run(mode: 'once' | 'alone' | 'listens', signal?: NodeJS.Signals): Promise<Ended> {
	const user = spawn(process.execPath, [
		join(__dirname, 'support', 'user.js'),
		builtModule('engine/session/index'),
		data,
		network.url,
		network.rootKey,
		mode,
	]);
	let output = '';
	let used = 0;
	const hear = (chunk: Buffer): void => {
		output += chunk.toString();
		if (used === 0) {
			used = Date.now();
			if (signal !== undefined) {
				user.kill(signal);
			}
		}
	};
	user.stdout.on('data', hear);
	user.stderr.on('data', hear);
	return new Promise((resolve) =>
		user.once('close', (code, by) =>
			resolve({ output, code, signal: by, after: Date.now() - used }),
		),
	);
}

it('a process ends by itself after its last use, though the connection is kept warm', async () => {
	const { output, code, after } = await run('once');
	expect(output).toBe('used\n');
	expect(code).toBe(0);
	expect(after).toBeLessThan(1_000);
	expect(await readdir(join(data, 'main'))).toEqual(['creds', 'holder.json', 'keys.log']);
});

it.each([
	['ends by the signal when nobody else listens to it', 'alone', null, 'SIGTERM'],
	['leaves the end to others who listen', 'listens', 0, null],
] as const)('at SIGTERM a process lets the use end, and %s', async (_name, mode, code, signal) => {
	const ended = await run(mode, 'SIGTERM');
	expect(ended).toMatchObject({ output: 'used\nreleased\n', code, signal });
	expect(ended.after).toBeLessThan(2_000);
	expect(await readdir(join(data, 'main'))).toEqual(['creds', 'holder.json', 'keys.log']);
});
