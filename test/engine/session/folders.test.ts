import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeLeftovers, setAside, writeAtomically } from '../../../engine/session/atomicFile';
import { dataFolder, makeSessionFolder, sessionFolder } from '../../../engine/session/folders';
import { requireSessionName } from '../../../engine/session/sessionNames';

let place: string;
beforeEach(async () => {
	place = await mkdtemp(join(tmpdir(), 'session-folders-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

async function modeOf(path: string): Promise<number> {
	return (await stat(path)).mode & 0o777;
}

async function underUmask<T>(mask: number, work: () => Promise<T>): Promise<T> {
	const before = process.umask(mask);
	try {
		return await work();
	} finally {
		process.umask(before);
	}
}

describe('the data folder', () => {
	it.each([
		[{ WHATSAPP_CALL_DATA: '/data/calls', N8N_USER_FOLDER: '/n8n' }, '/data/calls'],
		[{ WHATSAPP_CALL_DATA: ' ', N8N_USER_FOLDER: '/n8n' }, '/n8n/.n8n/whatsapp-call'],
		[{ N8N_USER_FOLDER: '/n8n' }, '/n8n/.n8n/whatsapp-call'],
		[{}, '/home/node/.n8n/whatsapp-call'],
	])('%j is %s', (environment, expected) => {
		expect(dataFolder(environment, '/home/node')).toBe(expected);
	});
});

describe('a session name', () => {
	it.each(['main', 'A-1_b', '0', '-', 'x'.repeat(64)])('may be %s', (name) => {
		expect(requireSessionName(name)).toBe(name);
	});

	it.each([
		'',
		'.',
		'..',
		'../main',
		'a/b',
		'a\\b',
		'a b',
		'é',
		'main\n',
		'a\0',
		'x'.repeat(65),
		7,
		null,
	])('may not be %j', (name) => {
		expect(() => requireSessionName(name)).toThrow(
			expect.objectContaining({ code: 'INVALID_OPTION' }),
		);
		expect(() => sessionFolder('/data', name as string)).toThrow();
	});
});

describe('the folder of a session', () => {
	it.each([0o000, 0o022, 0o077, 0o777])(
		'is 0700 and its files are 0600 under umask %i',
		async (mask) => {
			const data = join(place, 'a', 'data');
			if (mask === 0o777) {
				// Folders above the data folder are the user's and follow their umask.
				await mkdir(join(place, 'a'));
			}
			const folder = await underUmask(mask, async () => {
				const made = await makeSessionFolder(data, 'main');
				await writeAtomically(join(made, 'creds.json'), 'x');
				return made;
			});
			expect(folder).toBe(join(data, 'main'));
			expect(await modeOf(data)).toBe(0o700);
			expect(await modeOf(folder)).toBe(0o700);
			expect(await modeOf(join(folder, 'creds.json'))).toBe(0o600);
		},
	);

	it('is closed to others when it was open, and the data folder is left alone', async () => {
		await mkdir(join(place, 'main'));
		await chmod(place, 0o755);
		await chmod(join(place, 'main'), 0o777);
		await makeSessionFolder(place, 'main');
		expect(await modeOf(join(place, 'main'))).toBe(0o700);
		expect(await modeOf(place)).toBe(0o755);
	});

	it('is not a link to somewhere else, nor a file', async () => {
		await mkdir(join(place, 'elsewhere'));
		await mkdir(join(place, 'data'));
		await symlink(join(place, 'elsewhere'), join(place, 'data', 'main'));
		await writeFile(join(place, 'data', 'file'), '');
		for (const name of ['main', 'file']) {
			await expect(makeSessionFolder(join(place, 'data'), name)).rejects.toMatchObject({
				code: 'SESSION_UNREADABLE',
				message: expect.stringContaining('is not a folder') as string,
			});
		}
	});

	it('that cannot be made says where and why', async () => {
		await writeFile(join(place, 'file'), '');
		await expect(makeSessionFolder(join(place, 'file', 'data'), 'main')).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			message: expect.stringMatching(/data.main cannot be used \(ENOTDIR\)/) as string,
		});
	});
});

describe('a file', () => {
	it('is replaced whole, and nothing is left when that fails', async () => {
		const path = join(place, 'creds.json');
		await writeAtomically(path, 'one');
		await writeAtomically(path, 'two');
		expect(await readFile(path, 'utf8')).toBe('two');
		await mkdir(join(place, 'taken', 'x'), { recursive: true });
		await expect(writeAtomically(join(place, 'taken'), 'x')).rejects.toThrow();
		await writeFile(join(place, '.creds.json.0123456789ab.tmp'), 'left by a killed process');
		await removeLeftovers(place);
		await expect(stat(join(place, '.creds.json.0123456789ab.tmp'))).rejects.toThrow();
		expect(await readFile(path, 'utf8')).toBe('two');
	});

	it('is set aside with the time in its name', async () => {
		await writeAtomically(join(place, 'creds.json'), 'broken');
		const name = await setAside(join(place, 'creds.json'), Date.UTC(2026, 0, 2, 3, 4, 5));
		expect(name).toBe('creds.json.corrupt-2026-01-02T03-04-05-000Z');
		expect(await readFile(join(place, name), 'utf8')).toBe('broken');
	});
});
