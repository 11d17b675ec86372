import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtModule } from '../support/built';
import { Child, type Ended } from './support/child';

const CLI = builtModule('cli');
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'cli-usage-'));
});
afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): Promise<Ended> {
	return new Child([CLI, ...args], { WHATSAPP_CALL_DATA: folder }).ended();
}

it.each([[[]], [['--help']], [['-h']]])('prints its usage for %j', async (args) => {
	const { code, output, errors } = await run(...args);
	expect(output).toMatch(/^Usage: n8n-nodes-whatsapp-call <command> \[options\]\n/);
	for (const part of [
		'link',
		'status',
		'logout',
		'Exit codes:',
		'3 ',
		'WHATSAPP_CALL_PASSPHRASE',
	]) {
		expect(output).toContain(part);
	}
	expect({ code, errors }).toEqual({ code: 0, errors: '' });
});

it.each([
	['link', ['--session NAME', '--phone NUMBER', '--passphrase-file FILE', '3 minutes']],
	['status', ['--json', '--data DIR', 'Exit code: 0 when linked; 3 when not linked']],
	['logout', ['--session NAME', 'keys are deleted']],
])('prints the options of %s', async (command, parts) => {
	const { code, output } = await run(command, '--help');
	expect(output).toMatch(`Usage: n8n-nodes-whatsapp-call ${command} [options]\n`);
	for (const part of parts) {
		expect(output).toContain(part);
	}
	expect(code).toBe(0);
});

it('prints its version', async () => {
	const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
	const { version } = JSON.parse(manifest) as { version: string };
	expect(await run('--version')).toMatchObject({ output: `${version}\n`, errors: '', code: 0 });
});

it.each([
	[['ring'], "Unknown command 'ring'."],
	[['--json'], "Unknown option '--json'."],
	[['link', '--json'], "Unknown option '--json'."],
	[['status', 'main'], "Unexpected argument 'main'."],
	[['status', '--session'], "Option '--session <value>' argument missing."],
	[['status', '--data', ' '], "Option '--data' has no value."],
	[['link', '--passphrase', 'secret'], 'A passphrase is never an argument'],
	[['link', '--passphrase=secret'], 'A passphrase is never an argument'],
])('refuses %j with its usage and exit code 2', async (args, message) => {
	const { code, output, errors } = await run(...args);
	expect(errors.startsWith(message)).toBe(true);
	expect(errors).toContain('\nUsage: n8n-nodes-whatsapp-call ');
	expect(errors).not.toContain('secret');
	expect({ code, output }).toEqual({ code: 2, output: '' });
});

it.each([
	[['--session', '../main'], '"../main" is not a name for a session [INVALID_OPTION]'],
	[
		['--passphrase-file', '/nonexistent/file'],
		'cannot be read (ENOENT): /nonexistent/file [INVALID',
	],
	[['--passphrase-file', '/dev/null'], 'The passphrase file is empty: /dev/null [INVALID_OPTION]'],
])('says what is wrong with %j, without a stack trace', async (args, message) => {
	const { code, output, errors } = await run('status', ...args);
	expect(errors).toContain(message);
	expect(errors.trimEnd().split('\n')).toHaveLength(2);
	expect({ code, output }).toEqual({ code: 1, output: '' });
});

it('loads neither the engine nor a package for its help', async () => {
	const list = join(folder, 'loaded.json');
	const preload = join(folder, 'preload.js');
	writeFileSync(
		preload,
		`process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(Object.keys(require.cache))));`,
	);
	await new Child(['--require', preload, CLI, '--help'], {}).ended();
	const loaded = JSON.parse(readFileSync(list, 'utf8')) as string[];
	expect(loaded).toContain(CLI);
	expect(loaded.filter((file) => /\/(node_modules|engine)\//.test(file))).toEqual([]);
});
