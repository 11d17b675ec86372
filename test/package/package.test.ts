import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Manifest {
	name: string;
	version: string;
	license: string;
	main: string;
	bin: Record<string, string>;
	files: string[];
	keywords: string[];
	engines: { node: string };
	scripts: Record<string, string>;
	dependencies: Record<string, string>;
	devDependencies: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	peerDependencies: Record<string, string>;
	n8n: { n8nNodesApiVersion: number; credentials: string[]; nodes: string[] };
}

const manifest = JSON.parse(read('package.json')) as Manifest;

const MLOW_TABLES = 'dist/engine/audio/mlow/tables.json';

describe('the package', () => {
	test('is one that n8n installs', () => {
		expect(manifest).toMatchObject({
			name: 'n8n-nodes-whatsapp-call',
			license: 'MIT',
			main: 'index.js',
			bin: { 'n8n-nodes-whatsapp-call': 'dist/cli.js' },
			files: ['dist'],
			engines: { node: '>=20.19' },
			peerDependencies: { 'n8n-workflow': '*' },
		});
		expect(manifest.keywords).toContain('n8n-community-node-package');
		expect(manifest.n8n.n8nNodesApiVersion).toBe(1);
	});

	test('names files that the build makes', () => {
		for (const file of [
			...manifest.n8n.nodes,
			...manifest.n8n.credentials,
			...Object.values(manifest.bin),
		]) {
			expect(existsSync(join(ROOT, file))).toBe(true);
		}
	});

	test('has a command line that runs from the build', () => {
		const file = manifest.bin[manifest.name] ?? '';
		expect(read(file)).toMatch(/^#!\/usr\/bin\/env node\n/);
		const output = execFileSync(process.execPath, [join(ROOT, file), '--version'], {
			env: { ...process.env, NODE_OPTIONS: '' },
			encoding: 'utf8',
		});
		expect(output).toBe(`${manifest.version}\n`);
	});

	test('pins every version exactly and runs no install scripts', () => {
		for (const version of Object.values({
			...manifest.dependencies,
			...manifest.devDependencies,
		})) {
			expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
		}
		expect(
			Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$|^prepare/.test(name)),
		).toEqual([]);
	});

	test('has a lock file without registry addresses', () => {
		expect(read('package-lock.json')).not.toMatch(/"resolved":/);
	});

	test('what is packed is the build, its icons, codex and tables, the licence and the README; no tests, no sources', () => {
		const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
			cwd: ROOT,
			encoding: 'utf8',
			env: { ...process.env, NODE_OPTIONS: '' },
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		const [{ files }] = JSON.parse(output) as [{ files: Array<{ path: string }> }];
		const paths = files.map(({ path }) => path);
		expect(paths).toEqual(
			expect.arrayContaining([
				'LICENSE',
				'README.md',
				'index.js',
				'package.json',
				'dist/cli.js',
				'dist/cli/main.js',
				'dist/server/index.js',
				MLOW_TABLES,
				'dist/nodes/WhatsAppCall/WhatsAppCall.node.js',
				'dist/nodes/WhatsAppCall/WhatsAppCall.node.json',
				'dist/nodes/WhatsAppCall/whatsAppCall.svg',
				'dist/nodes/WhatsAppCall/whatsAppCall.dark.svg',
				'dist/credentials/RyzeApi.credentials.js',
				'dist/credentials/WawpApi.credentials.js',
			]),
		);
		const foreign = paths.filter(
			(path) =>
				!/^dist\/(cli|(nodes|credentials|common|engine|server|cli)\/.+)\.(js|d\.ts|js\.map|svg|node\.json)$/.test(
					path,
				) && !['LICENSE', 'README.md', 'index.js', 'package.json', MLOW_TABLES].includes(path),
		);
		expect(foreign).toEqual([]);
	});
});
