import {
	mkdir,
	appendFile,
	mkdtemp,
	open,
	readdir,
	readFile,
	rm,
	stat,
	truncate,
	writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionStore } from '../../../engine/session/sessionStore';
import { LINKED, plainCodec } from './support/codec';

let folder: string;
let damage: string[];
const stores: SessionStore[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'session-store-'));
	damage = [];
});
afterEach(async () => {
	await Promise.all(stores.splice(0).map((store) => store.close()));
	await rm(folder, { recursive: true, force: true });
});

async function openStore(passphrase?: string): Promise<SessionStore> {
	const store = await SessionStore.open({
		folder,
		passphrase,
		codec: plainCodec,
		now: () => Date.UTC(2026, 0, 1),
		onDamage: (sentence) => damage.push(sentence),
	});
	stores.push(store);
	return store;
}

async function linkedStore(passphrase?: string): Promise<SessionStore> {
	const store = await openStore(passphrase);
	Object.assign(store.creds, LINKED);
	await store.saveCreds();
	return store;
}

const keyPair = (text: string) => ({ public: Buffer.from(text), private: Buffer.from(text) });
const logPath = (): string => join(folder, 'keys.log');

async function flip(path: string, offset: number): Promise<void> {
	const file = await open(path, 'r+');
	const byte = Buffer.alloc(1);
	await file.read(byte, 0, 1, offset);
	byte[0] = (byte[0] ?? 0) ^ 0xff;
	await file.write(byte, 0, 1, offset);
	await file.close();
}

describe.each([
	['without a passphrase', undefined],
	['with a passphrase', 'secret words'],
])('a store %s', (_name, passphrase) => {
	it('gives back what it was given, also when it is opened again', async () => {
		const store = await linkedStore(passphrase);
		const odd = 'x'.repeat(3000);
		await store.keys.set({
			'pre-key': { '1': keyPair('one'), '2': keyPair('two') },
			session: { '../../5511:99.0/é': Buffer.from('state'), [odd]: Buffer.from('long') },
			'device-list': { '5511': ['0', '7'] },
		});
		await store.keys.set({ 'pre-key': { '1': null, '3': keyPair('three') } });
		const check = async (read: SessionStore): Promise<void> => {
			expect(await read.keys.get('pre-key', ['1', '2', '3', '4'])).toEqual({
				'2': keyPair('two'),
				'3': keyPair('three'),
			});
			expect(await read.keys.get('session', ['../../5511:99.0/é', odd])).toEqual({
				'../../5511:99.0/é': Buffer.from('state'),
				[odd]: Buffer.from('long'),
			});
			expect(await read.keys.get('device-list', ['5511'])).toEqual({ '5511': ['0', '7'] });
		};
		await check(store);
		await store.close();
		const again = await openStore(passphrase);
		await check(again);
		expect(again.isLinked).toBe(true);
		expect(again.creds).toEqual(
			JSON.parse(
				JSON.stringify(store.creds, plainCodec.BufferJSON.replacer),
				plainCodec.BufferJSON.reviver,
			),
		);
		const own = passphrase === undefined ? [] : ['passphrase.json'];
		expect(await readdir(folder)).toEqual(['creds', 'keys.log', ...own]);
		for (const file of await readdir(folder)) {
			expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
			if (passphrase !== undefined) {
				expect(await readFile(join(folder, file), 'latin1')).not.toMatch(/5511|noiseKey|pre-key/);
			}
		}
	});

	it('takes damage to one entry: the rest is used, older states of conversations are not', async () => {
		const store = await linkedStore(passphrase);
		await store.keys.set({ session: { a: Buffer.from('old'), b: Buffer.from('old') } });
		await store.keys.set({ 'pre-key': { '1': keyPair('one') } });
		const damaged = (await stat(logPath())).size;
		await store.keys.set({ session: { a: Buffer.from('new') } });
		await store.keys.set({ session: { c: Buffer.from('new') } });
		await store.close();
		await flip(logPath(), damaged + 20);

		const again = await openStore(passphrase);
		expect(await again.keys.get('session', ['a', 'b', 'c'])).toEqual({ c: Buffer.from('new') });
		expect(await again.keys.get('pre-key', ['1'])).toEqual({ '1': keyPair('one') });
		expect(damage).toEqual([expect.stringContaining('keys.log.corrupt-2026-01-01')]);
		await again.close();
		expect(await (await openStore(passphrase)).keys.get('session', ['c'])).toEqual({
			c: Buffer.from('new'),
		});
		expect(damage).toHaveLength(1);
	});

	it('takes damage that happens while it is open as an absent key', async () => {
		const store = await linkedStore(passphrase);
		await store.keys.set({ session: { a: Buffer.from('state') } });
		await flip(logPath(), 30);
		expect(await store.keys.get('session', ['a'])).toEqual({});
		expect(damage).toHaveLength(1);
		await store.keys.set({ session: { a: Buffer.from('next') } });
		expect(await store.keys.get('session', ['a'])).toEqual({ a: Buffer.from('next') });
	});

	it('keeps damaged credentials aside, says so, and starts anew', async () => {
		const store = await linkedStore(passphrase);
		await store.keys.set({ session: { a: Buffer.from('state') } });
		await store.close();
		await truncate(join(folder, 'creds'), 40);
		await expect(openStore(passphrase)).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			message: expect.stringContaining('creds.corrupt-2026-01-01T00-00-00-000Z') as string,
		});
		expect((await readdir(folder)).filter((file) => file.includes('corrupt'))).toHaveLength(2);
		const fresh = await openStore(passphrase);
		expect(fresh.isLinked).toBe(false);
		expect(await fresh.keys.get('session', ['a'])).toEqual({});
	});
});

describe('a store', () => {
	it('forgets a batch that was cut off anywhere, and nothing else', async () => {
		const store = await linkedStore();
		await store.keys.set({ session: { a: Buffer.from('first') } });
		const before = (await stat(logPath())).size;
		await store.keys.set({
			session: { a: Buffer.from('second'), b: Buffer.from('second') },
			'pre-key': { '1': keyPair('x') },
		});
		await store.close();
		const whole = await readFile(logPath());
		for (let size = before; size < whole.length; size += 7) {
			await writeFile(logPath(), whole.subarray(0, size));
			const cut = await openStore();
			expect(await cut.keys.get('session', ['a', 'b'])).toEqual({ a: Buffer.from('first') });
			await cut.keys.set({ session: { b: Buffer.from('third') } });
			await cut.close();
			const again = await openStore();
			expect(await again.keys.get('session', ['a', 'b'])).toEqual({
				a: Buffer.from('first'),
				b: Buffer.from('third'),
			});
			await again.close();
		}
		expect(damage).toEqual([]);
	});

	it('takes zeros at the end, which a power cut leaves, as unwritten', async () => {
		const store = await linkedStore();
		await store.keys.set({ session: { a: Buffer.from('state') } });
		await store.close();
		await appendFile(logPath(), Buffer.alloc(4096));
		expect(await (await openStore()).keys.get('session', ['a'])).toEqual({
			a: Buffer.from('state'),
		});
		expect(damage).toEqual([]);
	});

	it('goes on when its log is no log at all', async () => {
		await (await linkedStore()).close();
		await writeFile(logPath(), 'something else');
		expect((await openStore()).isLinked).toBe(true);
		expect(damage).toHaveLength(1);
	});

	it('writes in the order it was asked: the last value wins', async () => {
		const store = await linkedStore();
		const writes = Array.from({ length: 100 }, (_, index) =>
			index % 10 === 0
				? store.saveCreds()
				: store.keys.set({ session: { a: Buffer.from(String(index)) } }),
		);
		await Promise.all(writes);
		expect(await store.keys.get('session', ['a'])).toEqual({ a: Buffer.from('99') });
	});

	it('is written anew when most of it is outdated, while it is read', async () => {
		const store = await linkedStore();
		const state = Buffer.alloc(50_000, 1);
		await store.keys.set({ 'pre-key': { '1': keyPair('kept') } });
		for (let round = 0; round < 60; round += 1) {
			const [read] = await Promise.all([
				store.keys.get('pre-key', ['1']),
				store.keys.set({ session: { a: state, [`b${round % 3}`]: state } }),
			]);
			expect(read).toEqual({ '1': keyPair('kept') });
		}
		expect((await stat(logPath())).size).toBeLessThan(3_000_000);
		await store.close();
		expect(await (await openStore()).keys.get('session', ['a', 'b2'])).toEqual({
			a: state,
			b2: state,
		});
		expect(damage).toEqual([]);
	});

	it('takes 812 prekeys with one write', async () => {
		const store = await linkedStore('secret words');
		const prekeys = Object.fromEntries(
			Array.from({ length: 812 }, (_, index) => [String(index), keyPair(`key ${index}`)]),
		);
		await store.keys.set({ 'pre-key': prekeys });
		expect(await store.keys.get('pre-key', Object.keys(prekeys))).toEqual(prekeys);
	});

	it('says when a write fails, and is whole afterwards', async () => {
		const store = await linkedStore();
		await rm(folder, { recursive: true });
		await expect(store.saveCreds()).rejects.toMatchObject({
			code: 'SESSION_UNREADABLE',
			message: 'The session cannot be written: ENOENT',
		});
		expect(store.writeFault?.message).toBe('The session cannot be written: ENOENT');
		await mkdir(folder);
		await store.saveCreds();
		expect(store.writeFault).toBeUndefined();
	});

	it('drops what comes after it was closed', async () => {
		const store = await linkedStore();
		await Promise.all([store.close(), store.close()]);
		await store.keys.set({ session: { a: Buffer.from('late') } });
		await store.saveCreds();
		expect(await store.keys.get('session', ['a'])).toEqual({});
	});

	it('forgets keys whose credentials are gone', async () => {
		const store = await linkedStore();
		await store.keys.set({ session: { a: Buffer.from('state') } });
		await store.close();
		await rm(join(folder, 'creds'));
		expect(await (await openStore()).keys.get('session', ['a'])).toEqual({});
	});

	it('begins anew on reset', async () => {
		const store = await linkedStore('secret words');
		await store.keys.set({ session: { a: Buffer.from('state') } });
		const { advSecretKey } = store.creds;
		await store.reset();
		expect(store.creds.advSecretKey).not.toBe(advSecretKey);
		expect(await store.keys.get('session', ['a'])).toEqual({});
		await store.keys.set({ session: { a: Buffer.from('new') } });
		await store.saveCreds();
		await store.close();
		expect(await (await openStore('secret words')).keys.get('session', ['a'])).toEqual({
			a: Buffer.from('new'),
		});
	});

	it('takes a new passphrase when there is nothing yet that an old one protects', async () => {
		await (await openStore('old words')).close();
		await (await linkedStore('new words')).close();
		expect((await openStore('new words')).isLinked).toBe(true);
		expect((await readdir(folder)).filter((file) => file.includes('corrupt'))).toHaveLength(1);
	});

	it('wipes its keys, damaged copies too, and leaves what is not its own', async () => {
		const store = await linkedStore('secret words');
		await writeFile(join(folder, 'keys.log.corrupt-x'), '');
		await writeFile(join(folder, 'calls-today.json'), '');
		await store.wipe();
		expect(await readdir(folder)).toEqual(['calls-today.json']);
		expect((await openStore('other words')).isLinked).toBe(false);
	});

	it('touches nothing when the passphrase is wrong, missing or superfluous', async () => {
		await (await linkedStore('secret words')).close();
		const content = async (): Promise<Buffer[]> =>
			Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file))));
		const before = await content();
		for (const wrong of ['other words', undefined]) {
			await expect(openStore(wrong)).rejects.toMatchObject({ code: 'SESSION_UNREADABLE' });
		}
		expect(await content()).toEqual(before);
		await rm(join(folder, 'passphrase.json'));
		for (const wrong of ['secret words', undefined]) {
			await expect(openStore(wrong)).rejects.toMatchObject({
				code: 'SESSION_UNREADABLE',
				message: 'The session is encrypted, but its file passphrase.json is missing',
			});
		}
		expect(await readdir(folder)).toEqual(['creds', 'keys.log']);
	});
});
