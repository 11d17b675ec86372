import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockSession } from '../../../engine/session/sessionLock';
import { builtModule } from '../../support/built';

let folder: string;
const processes: ChildProcessWithoutNullStreams[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'session-lock-'));
});
afterEach(async () => {
	await Promise.all(processes.splice(0).map((one) => end(one, 'SIGKILL')));
	await rm(folder, { recursive: true, force: true });
});

/** Starts a process that locks the folder; resolves with it and with what it says first. */
async function startHolder(): Promise<[ChildProcessWithoutNullStreams, string]> {
	const holder = spawn(process.execPath, [
		join(__dirname, 'support', 'holder.js'),
		builtModule('engine/session/sessionLock'),
		folder,
	]);
	processes.push(holder);
	const said = await new Promise<string>((resolve) => {
		holder.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
		holder.once('close', () => resolve(''));
	});
	return [holder, said];
}

async function end(holder: ChildProcessWithoutNullStreams, signal?: NodeJS.Signals): Promise<void> {
	if (holder.exitCode !== null || holder.signalCode !== null) {
		return;
	}
	const gone = new Promise((resolve) => holder.once('close', resolve));
	if (signal === undefined) {
		holder.stdin.write('end');
	} else {
		holder.kill(signal);
	}
	await gone;
}

const onLost = (): void => {
	throw new Error('The lock was lost');
};

/** A lock as another process left it. */
async function leaveLock(holder: object, ageMs: number): Promise<void> {
	const time = new Date(Date.now() - ageMs);
	await mkdir(join(folder, 'lock'));
	await utimes(join(folder, 'lock'), time, time);
	await writeFile(join(folder, 'holder.json'), JSON.stringify(holder));
}

describe('the lock of a session', () => {
	it('keeps a second process out and names the first', async () => {
		const [holder, said] = await startHolder();
		expect(said).toBe('locked');
		await expect(lockSession(folder, onLost)).rejects.toMatchObject({
			code: 'SESSION_IN_USE',
			message: `The session is in use by process ${holder.pid} on ${hostname()}`,
			hint: expect.stringContaining('queue mode') as string,
		});
		expect((await startHolder())[1]).toMatch(/^SESSION_IN_USE/);
	});

	it('is taken over at once from a process that was killed', async () => {
		const [holder] = await startHolder();
		await end(holder, 'SIGKILL');
		expect((await stat(join(folder, 'lock'))).isDirectory()).toBe(true);
		const lock = await lockSession(folder, onLost);
		expect(JSON.parse(await readFile(join(folder, 'holder.json'), 'utf8'))).toMatchObject({
			pid: process.pid,
		});
		await lock.release();
	});

	it.each(['SIGTERM', undefined] as const)('is free when its process ends (%s)', async (signal) => {
		const [holder] = await startHolder();
		await end(holder, signal);
		await expect(stat(join(folder, 'lock'))).rejects.toMatchObject({ code: 'ENOENT' });
		expect((await startHolder())[1]).toBe('locked');
	});

	it('goes to one only, of several who find a dead holder', async () => {
		const [holder] = await startHolder();
		await end(holder, 'SIGKILL');
		const answers = await Promise.all(Array.from({ length: 4 }, startHolder));
		expect(answers.map(([, said]) => said.split(' ')[0]).sort()).toEqual([
			'SESSION_IN_USE',
			'SESSION_IN_USE',
			'SESSION_IN_USE',
			'locked',
		]);
	});

	it('is free after it was released, which may be said twice', async () => {
		const lock = await lockSession(folder, onLost);
		await expect(lockSession(folder, onLost)).rejects.toMatchObject({ code: 'SESSION_IN_USE' });
		await lock.release();
		await lock.release();
		await (await lockSession(folder, onLost)).release();
	});

	it('of another computer counts until it was not renewed for ten seconds', async () => {
		await leaveLock({ pid: 1, host: 'other' }, 5_000);
		await expect(lockSession(folder, onLost)).rejects.toMatchObject({
			message: 'The session is in use by process 1 on other',
		});
		await rm(join(folder, 'lock'), { recursive: true });
		await leaveLock({ pid: 1, host: 'other' }, 11_000);
		await (await lockSession(folder, onLost)).release();
	});

	it('of a process whose number another one has now is taken over', async () => {
		await leaveLock({ pid: process.pid, host: hostname(), started: 'boot 1' }, 0);
		const taken = lockSession(folder, onLost);
		if (process.platform === 'linux') {
			await (await taken).release();
		} else {
			await expect(taken).rejects.toMatchObject({ code: 'SESSION_IN_USE' });
		}
	});

	it('without a word about its holder counts as held', async () => {
		await leaveLock([], 0);
		await expect(lockSession(folder, onLost)).rejects.toMatchObject({
			message: 'The session is in use by another process',
		});
	});
});
