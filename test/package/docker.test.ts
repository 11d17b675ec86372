import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { COMMANDS } from '../../cli/commands';

const ROOT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const NAME = 'n8n-nodes-whatsapp-call';
const INSTALLED = `/app/node_modules/${NAME}/`;
const QUIET = { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } } as const;

/** Instructions with their arguments; of those that come twice, all. */
const instructions = read('Dockerfile')
	.replace(/^#.*$/gm, '')
	.replace(/\\\n/g, ' ')
	.split('\n')
	.filter((line) => line.trim() !== '')
	.map((line) => {
		const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
		return { name, rest: rest.trim() };
	});

function argumentsOf(name: string): string[] {
	return instructions.filter((one) => one.name === name).map(({ rest }) => rest);
}

function listOf(name: string): string[] {
	const [list = '[]'] = argumentsOf(name);
	return JSON.parse(list.slice(list.indexOf('['))) as string[];
}

/** An image cannot be built here: what the Dockerfile names is looked for where it comes from. */
describe('the Dockerfile', () => {
	let folder: string;
	let server: ChildProcess | undefined;

	beforeAll(() => {
		mkdirSync(join(ROOT, 'build'), { recursive: true });
		folder = mkdtempSync(join(ROOT, 'build', 'docker-test-'));
		const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
		const output = execFileSync('npm', packing, { ...QUIET, stdio: ['ignore', 'pipe', 'ignore'] });
		const [{ filename }] = JSON.parse(output) as [{ filename: string }];
		execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder], QUIET);
	});
	afterAll(async () => {
		if (server?.exitCode === null) {
			const ended = once(server, 'close');
			server.kill('SIGKILL');
			await ended;
		}
		rmSync(folder, { recursive: true, force: true });
	});

	/** Where a path of the image is in the packed package. */
	function unpacked(path: string): string {
		expect(path.startsWith(INSTALLED)).toBe(true);
		return join(folder, 'package', path.slice(INSTALLED.length));
	}

	it('starts a file of the package, as the user node, with a command and options that exist', () => {
		const [node, file = ''] = listOf('ENTRYPOINT');
		expect(node).toBe('node');
		expect(existsSync(unpacked(file))).toBe(true);
		expect((JSON.parse(read('package.json')) as { bin: object }).bin).toEqual({
			[NAME]: file.slice(INSTALLED.length),
		});
		expect(argumentsOf('USER')).toEqual(['node']);
		const [name, ...options] = listOf('CMD');
		const command = COMMANDS.find((one) => one.name === name);
		const known = Object.keys(command?.options ?? {}).map((option) => `--${option}`);
		const given = options.filter((option) => option.startsWith('--'));
		expect(given.filter((option) => !known.includes(option))).toEqual([]);
	});

	it('keeps its data where the engine looks for it, and listens where it is asked', () => {
		expect(argumentsOf('ENV')).toContain('WHATSAPP_CALL_DATA=/data');
		expect(argumentsOf('VOLUME')).toEqual(['/data']);
		const options = listOf('CMD');
		const [port] = argumentsOf('EXPOSE');
		expect(options[options.indexOf('--port') + 1]).toBe(port);
		expect(options[options.indexOf('--host') + 1]).toBe('0.0.0.0');
		expect(listOf('HEALTHCHECK').join(' ')).toContain(`127.0.0.1:${port}/`);
	});

	it('builds with scripts, tools and files that there are, on one version of Node.js', () => {
		const { engines, scripts } = JSON.parse(read('package.json')) as {
			engines: { node: string };
			scripts: Record<string, string>;
		};
		const runs = argumentsOf('RUN').join(' && ');
		const named = [...runs.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script ?? '');
		expect(named).toEqual(['build']);
		expect(named.filter((script) => !(script in scripts))).toEqual([]);
		const packed = /--pack-destination (\S+)/.exec(runs)?.[1];
		expect(argumentsOf('COPY')).toEqual(['. .', `--from=build ${packed} /tmp/pack`]);
		expect(runs).toContain('/tmp/pack/*.tgz');
		expect(runs).toContain(`--prefix ${INSTALLED.split('/node_modules')[0]}`);
		const versions = argumentsOf('FROM').map((from) => /^node:(\d+)-alpine/.exec(from)?.[1]);
		expect(new Set(versions).size).toBe(1);
		expect(Number(versions[0])).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]));
	});

	it('leaves out of the build what must not be in it, and nothing that it needs', () => {
		const ignored = read('.dockerignore').trim().split('\n');
		expect(ignored).toEqual(expect.arrayContaining(['.git', 'dist', 'node_modules']));
		const needed = ['package.json', 'package-lock.json', '.npmrc', 'gulpfile.js', 'tsconfig.json'];
		const { include } = JSON.parse(read('tsconfig.json')) as { include: string[] };
		const rooms = include.map((pattern) => pattern.split('/')[0] ?? '');
		expect([...needed, ...rooms].filter((file) => ignored.includes(file))).toEqual([]);
	});

	it('runs: the command starts the server, and the health check finds it', async () => {
		const port = await freePort();
		const [, file = ''] = listOf('ENTRYPOINT');
		const options = listOf('CMD').map((option) => option.replace(/^3000$/, String(port)));
		const [program = '', ...check] = listOf('HEALTHCHECK').map((part) =>
			part.replace(':3000', `:${port}`),
		);
		expect(() => execFileSync(program, check, { ...QUIET, stdio: 'ignore' })).toThrow();
		server = spawn(process.execPath, [unpacked(file), ...options], {
			env: {
				PATH: process.env.PATH,
				HOME: '/nonexistent',
				WHATSAPP_CALL_DATA: join(folder, 'data'),
				WHATSAPP_CALL_ACCOUNT_TOKEN: 'a-token-of-the-account-in-a-container',
			},
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		let said = '';
		for await (const chunk of server.stdout as AsyncIterable<Buffer>) {
			said += chunk.toString();
			if (said.includes('Server listening')) {
				break;
			}
		}
		expect(said).toContain('Server listening');
		execFileSync(program, check, { ...QUIET, stdio: 'ignore' });
		const page = await fetch(`http://127.0.0.1:${port}/docs/`);
		expect(page.status).toBe(200);
		expect(page.headers.get('content-type')).toContain('text/html');
	});
});

async function freePort(): Promise<number> {
	const holder = createServer().listen(0, '127.0.0.1');
	await once(holder, 'listening');
	const { port } = holder.address() as { port: number };
	holder.close();
	await once(holder, 'close');
	return port;
}

describe('docs/compose.yaml', () => {
	const compose = read('docs/compose.yaml');

	it('has two workers and the server, with the variables and the volume that it reads', () => {
		expect(compose).toMatch(/command: worker\n\s+deploy:\n\s+replicas: 2\n/);
		expect(compose).toContain('EXECUTIONS_MODE: queue');
		expect(compose).toMatch(/whatsapp-call:\n\s+build: \.\.\n/);
		const variables = [...compose.matchAll(/WHATSAPP_CALL_\w+(?=:)/g)].map(([name]) => name);
		expect([...new Set(variables)]).toEqual(['WHATSAPP_CALL_ACCOUNT_TOKEN']);
		expect(compose).toContain(`- whatsapp-call:${argumentsOf('VOLUME')[0]}`);
	});

	it('holds no secret', () => {
		const secrets = compose.match(/^\s+\w*(PASSWORD|TOKEN|KEY): .*$/gm) ?? [];
		expect(secrets.length).toBeGreaterThan(2);
		expect(secrets.filter((line) => !/: \$\{\w+:\?\}$/.test(line))).toEqual([]);
	});
});
