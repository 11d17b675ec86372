import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const NUMBER = '5511999999999';
const AUDIO = Buffer.alloc(100_000, 'a recording');
const MEDIA = {
	bytes: AUDIO.length,
	sha256: createHash('sha256').update(AUDIO).digest('hex'),
};

const children: ChildProcess[] = [];
let compiled: string;

beforeAll(() => {
	compiled = mkdtempSync(join(tmpdir(), 'contract-server-'));
	for (const file of readdirSync(__dirname).filter((name) => /^\w+\.ts$/.test(name))) {
		const { outputText } = transpileModule(readFileSync(join(__dirname, file), 'utf8'), {
			compilerOptions: {
				module: ModuleKind.CommonJS,
				target: ScriptTarget.ES2022,
				esModuleInterop: true,
			},
		});
		writeFileSync(join(compiled, file.replace(/ts$/, 'js')), outputText);
	}
});

afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

afterAll(() => rmSync(compiled, { recursive: true }));

async function start(...options: string[]) {
	const child = spawn(process.execPath, [join(compiled, 'main.js'), ...options], {
		env: { ...process.env, NODE_OPTIONS: '', NODE_PATH: resolve('node_modules') },
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	children.push(child);
	const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
	const { url, pid } = JSON.parse(line) as { url: string; pid: number };
	return { child, url, pid };
}

async function post(url: string, body?: unknown): Promise<{ status: number; body: unknown }> {
	const response = await fetch(url, {
		method: 'POST',
		headers: {
			token: 'instance-token',
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	return { status: response.status, body: await response.json() };
}

async function seen(url: string): Promise<unknown> {
	return (await fetch(`${url}/__control/requests`)).json();
}

it('tells where it listens, and who it is', async () => {
	const { child, url, pid } = await start();

	expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
	expect(pid).toBe(child.pid);
});

it('listens on the port it is given', async () => {
	const { child, url } = await start();
	child.kill('SIGTERM');
	await once(child, 'exit');

	expect((await start('--port', new URL(url).port)).url).toBe(url);
});

it.each([[], ['--drop-bodies']])(
	'shows what arrived, with recordings as their digests (%s)',
	async (...options) => {
		const { url } = await start(...options);
		const call = { number: NUMBER, mediaBase64: AUDIO.toString('base64') };
		const note = { number: NUMBER, mediaType: 'audio', mediaUrl: 'https://example.com/a.ogg' };
		await post(`${url}/api/call/audio/main?x=1`, call);
		await post(`${url}/api/call/audio/main`, call);
		await post(`${url}/api/message/media/main`, note);

		const path = '/api/call/audio/main';
		const body = { number: NUMBER, mediaBase64: MEDIA };
		expect(await seen(url)).toEqual({
			requests: [
				{ method: 'POST', path, query: { x: '1' }, status: 400, body },
				{ method: 'POST', path, query: {}, status: 200, body },
				{ method: 'POST', path: '/api/message/media/main', query: {}, status: 200, body: note },
			],
			webSocketUpgrades: [],
			calls: [expect.objectContaining({ kind: 'audio', instance: 'main', ...body })],
			voiceNotes: [expect.objectContaining({ api: 'ryzeApi', parameters: note })],
		});
	},
);

it.each([[], ['--drop-bodies']])(
	'shows a data URI by its digest and prefix (%s)',
	async (...options) => {
		const { url } = await start(...options);
		const mediaUrl = `data:audio/mpeg;base64,${AUDIO.toString('base64')}`;
		await post(`${url}/api/call/audio/main`, { number: NUMBER, mediaUrl });

		expect(await seen(url)).toMatchObject({
			calls: [{ mediaUrl: { ...MEDIA, dataUri: 'data:audio/mpeg;base64' } }],
		});
	},
);

it.each([
	[[], 'no base64!'.repeat(1000)],
	[['--drop-bodies'], '(dropped: not base64)'],
])('shows other long texts only where they are kept (%s)', async (options, shown) => {
	const { url } = await start(...options);
	await post(`${url}/api/call/audio/main`, { mediaBase64: 'no base64!'.repeat(1000) });

	expect(await seen(url)).toMatchObject({ requests: [{ body: { mediaBase64: shown } }] });
});

it('refuses the same with bodies dropped as with bodies kept', async () => {
	const { url } = await start('--drop-bodies');
	const mediaBase64 = `data:audio/mpeg;base64,${AUDIO.toString('base64')}`;

	expect(await post(`${url}/api/call/audio/main`, { number: NUMBER, mediaBase64 })).toMatchObject({
		status: 400,
		body: {
			error: {
				message: 'Invalid request body: mediaBase64 must be base64 without a data URI prefix',
			},
		},
	});
});

it('takes states and forgets everything on demand', async () => {
	const { url } = await start();
	const call = () => post(`${url}/api/call/fake/main`, { number: NUMBER });
	expect(await post(`${url}/__control/state`, { name: 'main', state: 'disconnected' })).toEqual({
		status: 200,
		body: {},
	});
	expect((await call()).status).toBe(500);

	expect(await post(`${url}/__control/reset`)).toEqual({ status: 200, body: {} });
	expect(await seen(url)).toMatchObject({ requests: [] });
	expect((await call()).status).toBe(200);
	expect((await post(`${url}/__control/state`, { name: 'absent', state: 'x' })).status).toBe(404);
	expect((await post(`${url}/__control/state`, { name: 'main' })).status).toBe(400);
});

it('ends on SIGTERM, even with an open connection', async () => {
	const { child, url } = await start();
	await fetch(`${url}/__control/requests`);
	child.kill('SIGTERM');

	expect(await once(child, 'exit')).toEqual([0, null]);
});

it('ends when its stdin is closed', async () => {
	const { child } = await start();
	child.stdin?.end();

	expect(await once(child, 'exit')).toEqual([0, null]);
});
