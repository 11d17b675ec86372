import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNetwork, type Network, type Phone } from '../../simulator';
import { builtModule } from '../support/built';
import { Child, type Ended } from './support/child';
import { scanDrawing } from './support/qr';

const CLI = builtModule('cli');
const NUMBER = '5511999999999';
const PASSPHRASE = 'correct horse';

let network: Network;
let phone: Phone;
let data: string;
let environment: Record<string, string>;
const children: Child[] = [];

beforeEach(async () => {
	data = await mkdtemp(join(tmpdir(), 'cli-'));
	network = await startNetwork();
	phone = network.addPhone({ number: NUMBER });
	environment = { ...network.environment, WHATSAPP_CALL_DATA: data };
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
	const child = new Child([CLI, ...args], environment);
	children.push(child);
	return child;
}

function run(...args: string[]): Promise<Ended> {
	return start(...args).ended();
}

async function link(...args: string[]): Promise<Ended & { pairing: string }> {
	const child = start('link', '--phone', '+55 11 99999-9999', ...args);
	const [, left = '', right = ''] = await child.says(/Pairing code: ([0-9A-Z]{4})-([0-9A-Z]{4})\n/);
	await phone.enterPairingCode(left + right);
	return { ...(await child.ended()), pairing: left + right };
}

async function files(session = 'main'): Promise<string[]> {
	return await readdir(join(data, session));
}

it('links by pairing code, tells the status before and after, and logs out', async () => {
	const before = await run('status');
	expect(before).toMatchObject({ code: 3, errors: '' });
	expect(before.output.split('\n')).toEqual([
		'Session:    main',
		'State:      not linked',
		`Folder:     ${join(data, 'main')}`,
		'To link:    n8n-nodes-whatsapp-call link --session main',
		'',
	]);

	const linked = await link();
	expect(linked).toMatchObject({ code: 0, errors: '' });
	expect(linked.output).toContain('Link with phone number instead');
	expect(linked.output).toMatch(/\nLinked: \+5511999999999\n$/);
	expect(await files()).toEqual(['creds', 'holder.json', 'keys.log']);

	const after = await run('status');
	expect(after).toMatchObject({ code: 0, errors: '' });
	expect(after.output.split('\n')).toEqual([
		'Session:    main',
		'State:      linked',
		'Number:     +5511999999999',
		`LID:        ${phone.lid}`,
		`Folder:     ${join(data, 'main')}`,
		'',
	]);
	expect(JSON.parse((await run('status', '--json')).output)).toEqual({
		session: 'main',
		state: 'linked',
		number: NUMBER,
		lid: phone.lid,
		folder: join(data, 'main'),
	});

	const again = await run('link');
	expect(again).toMatchObject({ code: 0, errors: '' });
	expect(again.output).toContain('Already linked: +5511999999999\n');

	const loggedOut = await run('logout');
	expect(loggedOut).toMatchObject({
		output: 'Session main: logged out. WhatsApp was told, and the keys are deleted.\n',
		errors: '',
		code: 0,
	});
	expect(network.linked.size).toBe(0);
	expect(await files()).toEqual(['holder.json']);
	expect((await run('status')).code).toBe(3);
});

it('links by the QR code that it draws', async () => {
	const child = start('link', '--session', 'by_qr', '--verbose');
	const [drawing] = await child.says(/\x1b\[47m[^]+\x1b\[0m$/);
	const text = scanDrawing(drawing) ?? '';
	await phone.scan(text);
	const { code, output, errors } = await child.ended();
	expect(code).toBe(0);
	expect(output).toMatch(/Linked: \+5511999999999\n$/);
	expect(await files('by_qr')).not.toContain('lock');
	expect(errors).toContain('debug: ');
	const secrets = text.split(/[,#@]/).filter((part) => part.length > 8);
	expect(secrets.length).toBeGreaterThan(3);
	expect(secrets.filter((secret) => errors.includes(secret))).toEqual([]);
});

it('takes the passphrase from a file or a variable, and prints neither it nor the code on stderr', async () => {
	const file = join(data, 'words');
	await writeFile(file, `${PASSPHRASE}\n`);
	const { code, errors, pairing } = await link('--passphrase-file', file, '--verbose');
	expect(code).toBe(0);
	expect(errors).toContain('debug: ');
	expect(errors).not.toContain(PASSPHRASE);
	expect(errors).not.toContain(pairing);
	expect(errors).not.toContain(`${pairing.slice(0, 4)}-${pairing.slice(4)}`);
	expect(await readFile(join(data, 'main', 'creds'), 'latin1')).not.toContain(NUMBER);

	const without = await run('status');
	expect(without).toMatchObject({ code: 1, output: '' });
	expect(without.errors).toBe(
		'The session is encrypted [SESSION_UNREADABLE]\nEnter its passphrase in WHATSAPP_CALL_PASSPHRASE or --passphrase-file.\n',
	);
	environment.WHATSAPP_CALL_PASSPHRASE = PASSPHRASE;
	expect(await run('status', '--verbose')).toMatchObject({ code: 0, errors: '' });
	await writeFile(file, 'other words');
	const wrong = await run('status', '--passphrase-file', file);
	expect(wrong.code).toBe(1);
	expect(wrong.errors).toContain('The passphrase does not fit the session [SESSION_UNREADABLE]\n');
});

it('deletes the keys, and says that the phone still lists the device, when WhatsApp is not told', async () => {
	expect((await link('--session', 'locked')).code).toBe(0);
	environment.WHATSAPP_CALL_PASSPHRASE = PASSPHRASE;
	const { code, output } = await run('logout', '--session', 'locked');
	expect(output).toContain('WhatsApp could not be told.\nRemove the device on the phone');
	expect(code).toBe(0);
	expect(await files('locked')).toEqual(['holder.json']);
});

it('has nothing to log out of a session that does not exist, and makes no folder for it', async () => {
	const { code, output } = await run('logout', '--session', 'mistyped');
	expect(output).toBe('Session mistyped: not linked to a phone, so there is nothing to log out.\n');
	expect(code).toBe(0);
	expect(await readdir(data)).toEqual([]);
});

it('keeps sessions in the folder that --data names', async () => {
	const folder = join(data, 'elsewhere');
	expect((await link('--data', folder)).code).toBe(0);
	expect(await readdir(folder)).toEqual(['main']);
	expect((await run('status', '--data', folder)).code).toBe(0);
	expect((await run('status')).code).toBe(3);
});

it.each([
	['SIGINT', 130],
	['SIGTERM', 143],
] as const)(
	'at %s while it links, it lets go of the session: exit code %d',
	async (signal, exit) => {
		const child = start('link', '--phone', NUMBER);
		await child.says(/Pairing code: /);
		expect(await files()).toContain('lock');
		child.kill(signal);
		// As npx does.
		child.kill(signal);
		const ended = await child.ended();
		expect(ended).toMatchObject({ code: exit, signal: null, errors: 'Stopped.\n' });
		expect(ended.output).not.toContain('Linked:');
		expect(await files()).not.toContain('lock');
		expect((await run('status')).code).toBe(3);
	},
);

it('says which process uses the session', async () => {
	const holder = start('link', '--phone', NUMBER);
	await holder.says(/Pairing code: /);
	for (const command of ['link', 'logout']) {
		const { code, output, errors } = await run(command);
		expect(errors).toMatch(
			/^The session is in use by process \d+ on .+ \[SESSION_IN_USE\]\nOnly one process .+\n$/,
		);
		expect(output).not.toContain('code');
		expect(code).toBe(1);
	}
});

it('says that a number is wrong, with its code and what to do', async () => {
	expect(await run('link', '--phone', '12')).toMatchObject({
		code: 1,
		output: '',
		errors: expect.stringMatching(/^"12" is not a complete .+ \[INVALID_NUMBER\]\nWrite .+\n$/),
	});
});
