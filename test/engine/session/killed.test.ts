import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SessionStore } from '../../../engine/session/sessionStore';
import { plainCodec } from './support/codec';
import { builtModule } from '../../support/built';

/** How often a writing process is killed; `npm run soak` takes 200. */
const KILLS = Number(process.env.SOAK ?? 20);
const LONGEST_LIFE_MS = 120;

/** Lets a process write and kills it. Returns the last round that it called written. */
async function writeAndKill(folder: string, passphrase: string, first: number): Promise<number> {
	const writer = spawn(
		process.execPath,
		[
			join(__dirname, 'support', 'writer.js'),
			builtModule('engine/session/sessionStore'),
			folder,
			passphrase,
			String(first),
		],
		{ stdio: ['ignore', 'pipe', 'pipe'] },
	);
	let output = '';
	let errors = '';
	const gone = new Promise((resolve) => writer.once('close', resolve));
	const began = new Promise((resolve) => writer.stdout.once('data', resolve));
	writer.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	writer.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
	await Promise.race([began, gone]);
	await wait(Math.random() * LONGEST_LIFE_MS);
	writer.kill('SIGKILL');
	await gone;
	expect(errors).toBe('');
	expect(output).not.toContain('damage');
	const rounds = output.split('\n').slice(0, -1);
	return Number(rounds.at(-1));
}

describe.each([
	['without a passphrase', ''],
	['with a passphrase', 'secret words'],
])('a session %s', (_name, passphrase) => {
	it(
		`opens with a consistent state after each of ${KILLS / 2} kills`,
		async () => {
			const folder = await mkdtemp(join(tmpdir(), 'session-killed-'));
			let next = 1;
			for (let kill = 0; kill < KILLS / 2; kill += 1) {
				const written = await writeAndKill(folder, passphrase, next);
				expect(written).toBeGreaterThanOrEqual(next);
				const store = await SessionStore.open({
					folder,
					passphrase,
					codec: plainCodec,
					now: Date.now,
					onDamage: (sentence) => {
						throw new Error(sentence);
					},
				});
				const { a } = await store.keys.get('session', ['a']);
				const { b } = await store.keys.get('sender-key', ['b']);
				const counted = store.creds.nextPreKeyId;
				await store.close();
				// Together or not at all; what was called written is there; creds never behind keys.
				expect(b).toEqual(a);
				expect(Number(a)).toBeGreaterThanOrEqual(written);
				expect(Number(a)).toBeLessThanOrEqual(counted);
				expect(counted).toBeLessThanOrEqual(Number(a) + 1);
				expect((await readdir(folder)).filter((file) => file.endsWith('.tmp'))).toEqual([]);
				next = counted + 1;
			}
			await rm(folder, { recursive: true });
		},
		KILLS * 3_000,
	);
});
