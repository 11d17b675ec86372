import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBox, PASSPHRASE_FILE } from '../../../engine/session/secretBox';

const NEW = { mayCreate: true };
const OLD = { mayCreate: false };

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'session-box-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a session with a passphrase', () => {
	it('opens with the same passphrase and with no other', async () => {
		const sealed = (await openBox(folder, 'correct horse', NEW)).seal(Buffer.from('key'), 'a');
		expect(sealed.includes('key')).toBe(false);
		const header = await readFile(join(folder, PASSPHRASE_FILE), 'utf8');

		const again = await openBox(folder, 'correct horse', OLD);
		expect(again.open(sealed, 'a').toString()).toBe('key');
		await expect(openBox(folder, 'wrong horse', OLD)).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			message: 'The passphrase does not fit the session',
		});
		await expect(openBox(folder, undefined, NEW)).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			hint: 'Enter its passphrase in the credential.',
		});
		expect(await readFile(join(folder, PASSPHRASE_FILE), 'utf8')).toBe(header);
	});

	it('takes a passphrase however its letters are composed', async () => {
		const sealed = (await openBox(folder, 'caf\u00e9', NEW)).seal(Buffer.from('key'), 'a');
		const other = await openBox(folder, 'cafe\u0301', OLD);
		expect(other.open(sealed, 'a').toString()).toBe('key');
	});

	it('notices a change, a cut and a text from another place', async () => {
		const box = await openBox(folder, 'x', NEW);
		const sealed = box.seal(Buffer.from('key'), 'a');
		const changed = Buffer.from(sealed);
		changed[13] = (changed[13] ?? 0) ^ 1;
		expect(() => box.open(changed, 'a')).toThrow();
		expect(() => box.open(sealed, 'b')).toThrow();
		expect(() => box.open(sealed.subarray(0, 20), 'a')).toThrow();
		expect(box.seal(Buffer.from('key'), 'a').equals(sealed)).toBe(false);
	});

	it.each([
		'',
		'null',
		'{"version":2}',
		'{"version":1,"salt":"AA==","check":"AA==","N":1048576,"r":1024,"p":1}',
		'{"version":1,"salt":"AA==","check":"AA==","N":16384,"r":8}',
	])('whose header is %j says so and keeps it', async (text) => {
		await writeFile(join(folder, PASSPHRASE_FILE), text);
		await expect(openBox(folder, 'x', NEW)).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			message: expect.stringContaining(PASSPHRASE_FILE) as string,
		});
		expect(await readFile(join(folder, PASSPHRASE_FILE), 'utf8')).toBe(text);
	});
});

describe('a session without a passphrase', () => {
	it('is not encrypted', async () => {
		const box = await openBox(folder, '', OLD);
		expect(box.encrypts).toBe(false);
		expect(box.open(box.seal(Buffer.from('key'), 'a'), 'a').toString()).toBe('key');
		expect(await readdir(folder)).toEqual([]);
	});

	it('does not open with one', async () => {
		await expect(openBox(folder, 'x', OLD)).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			hint: expect.stringContaining('Remove the passphrase') as string,
		});
		expect(await readdir(folder)).toEqual([]);
	});
});
