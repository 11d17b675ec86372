import { copyFile, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closePhones } from '../../../engine';
import { call, Home } from './support/home';

const PASSPHRASE = 'the right words';

/** The files that hold keys, by name, as hex. Not what only says who used the folder last. */
async function keyFiles(folder: string): Promise<Record<string, string>> {
	const names = (await readdir(folder)).filter((name) => /^(creds|keys|passphrase)/.test(name));
	const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'hex')]);
	return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

describe('the session of a phone', () => {
	let home: Home;

	beforeEach(async () => {
		home = await Home.start();
	});
	afterEach(async () => home.check());
	afterEach(async () => home.close());

	it('stays as it is under a wrong passphrase, and opens with the right one', async () => {
		const folder = join(home.data, 'main');
		await home.linked({ passphrase: PASSPHRASE });
		// Open already: the words of the other credential are wrong, whatever lies on the disk.
		expect(() => home.open({ passphrase: 'other words' })).toThrow(/passphrase/);
		await closePhones();

		const before = await keyFiles(folder);
		expect(Object.keys(before).sort()).toEqual(['creds', 'keys.log', 'passphrase.json']);
		for (const passphrase of ['other words', `${PASSPHRASE} `, undefined]) {
			const phone = home.open({ passphrase });
			const refused = { code: 'SESSION_UNREADABLE' };
			await expect(call(phone, '5511999999999')).rejects.toMatchObject(refused);
			await expect(phone.link()).rejects.toMatchObject(refused);
			await expect(phone.status()).rejects.toMatchObject(refused);
		}
		expect(await keyFiles(folder)).toEqual(before);

		const phone = home.open({ passphrase: PASSPHRASE });
		expect(await call(phone, home.person())).toMatchObject({ outcome: 'noAnswer', rang: true });
		expect(home.lines.filter((line) => line.includes('words'))).toEqual([]);
	});

	it('is not encrypted afterwards by a passphrase that it was made without', async () => {
		await home.linked();
		await closePhones();
		const before = await keyFiles(join(home.data, 'main'));
		await expect(
			call(home.open({ passphrase: PASSPHRASE }), '5511999999999'),
		).rejects.toMatchObject({ code: 'SESSION_UNREADABLE' });
		expect(await keyFiles(join(home.data, 'main'))).toEqual(before);
		expect(await call(home.open(), home.person())).toMatchObject({ rang: true });
	});

	it('is named and kept aside when its credentials are damaged; another one goes on', async () => {
		const folder = join(home.data, 'main');
		await home.linked();
		await home.linked({ name: 'other' });
		await closePhones();
		const whole = await readFile(join(folder, 'creds'));
		const damaged = whole.subarray(0, whole.length / 2);
		await writeFile(join(folder, 'creds'), damaged);

		const phone = home.open();
		const refused = await call(phone, '5511999999999').catch((error: unknown) => error);
		expect(refused).toMatchObject({ code: 'SESSION_UNREADABLE' });
		const [, aside = ''] = /kept as (\S+)/.exec(String(refused)) ?? [];
		expect(aside).toMatch(/^creds\.corrupt-/);
		expect(await readFile(join(folder, aside))).toEqual(damaged);
		await expect(call(phone, '5511999999999')).rejects.toMatchObject({ code: 'NOT_LINKED' });

		expect(await call(home.open({ name: 'other' }), home.person())).toMatchObject({ rang: true });
	});

	it('works again when the damaged files are put back from a backup', async () => {
		const folder = join(home.data, 'main');
		const backup = join(home.data, 'backup');
		await home.linked();
		await closePhones();
		await cp(folder, backup, { recursive: true });
		await writeFile(join(folder, 'creds'), '{');
		await expect(call(home.open(), '5511999999999')).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
		});
		for (const name of ['creds', 'keys.log']) {
			await copyFile(join(backup, name), join(folder, name));
		}
		expect(await call(home.open(), home.person())).toMatchObject({ rang: true });
	});
});
