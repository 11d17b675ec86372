import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CallError } from '../../common/errors';
import { printable } from '../../common/text';
import { writeAtomically } from './atomicFile';
import { errorCodeOf } from './nodeErrors';

const LOCK_FOLDER = 'lock';
const GUARD_FOLDER = 'lock-guard';
const HOLDER_FILE = 'holder.json';
/** A lock that was not renewed for so long belongs to nobody: milliseconds. Renewed at half of it. */
const STALE_MS = 10_000;
/** The guard is held for some file operations only. */
const GUARD_STALE_MS = 5_000;
const GUARD_RETRIES = { retries: 60, minTimeout: 20, maxTimeout: 200, factor: 1.3 };

export interface Holder {
	pid: number;
	host: string;
	/** When the process started, in the kernel's own unit; absent where it cannot be told. */
	started?: string;
}

export interface SessionLock {
	release(): Promise<void>;
}

/**
 * Takes a session folder for this process.
 *
 * A lock whose process is dead is taken over at once when it ran on this computer, and when it was
 * not renewed for ten seconds otherwise: then its process ran on another computer, or in a container
 * that is gone. Ends with the process.
 *
 * `onLost` is told when the lock was taken away, which happens to a process that slept for longer
 * than that: the session must be closed then.
 *
 * @throws CallError SESSION_IN_USE with the process and the computer that hold it
 */
export async function lockSession(folder: string, onLost: () => void): Promise<SessionLock> {
	// Loaded here: it registers itself for the end of the process.
	const { lock } = await import('proper-lockfile');
	const path = join(folder, LOCK_FOLDER);
	const take = (): Promise<() => Promise<void>> =>
		lock(path, { lockfilePath: path, realpath: false, stale: STALE_MS, onCompromised: onLost });

	// Between looking at a dead holder and removing its lock, somebody else may have taken it: so
	// there is one at a time who looks.
	const guard = join(folder, GUARD_FOLDER);
	const leave = await lock(guard, {
		lockfilePath: guard,
		realpath: false,
		stale: GUARD_STALE_MS,
		retries: GUARD_RETRIES,
		onCompromised: () => undefined,
	});
	try {
		const release = await take().catch(async (error: unknown) => {
			if (errorCodeOf(error) !== 'ELOCKED') {
				throw error;
			}
			const holder = await readHolder(folder);
			if (holder === undefined || !(await isDead(holder))) {
				throw inUse(holder);
			}
			await rm(path, { recursive: true, force: true });
			return take();
		});
		await writeAtomically(join(folder, HOLDER_FILE), JSON.stringify(await thisProcess()));
		return { release: () => release().catch(() => undefined) };
	} finally {
		await leave().catch(() => undefined);
	}
}

async function readHolder(folder: string): Promise<Holder | undefined> {
	try {
		const text = await readFile(join(folder, HOLDER_FILE), 'utf8');
		const { pid, host, started } = JSON.parse(text) as Partial<Holder>;
		if (typeof pid !== 'number' || typeof host !== 'string') {
			return undefined;
		}
		return { pid, host, started };
	} catch {
		return undefined;
	}
}

async function isDead({ pid, host, started }: Holder): Promise<boolean> {
	if (host !== hostname()) {
		return false;
	}
	try {
		process.kill(pid, 0);
	} catch (error) {
		// EPERM: it lives, and belongs to somebody else.
		return errorCodeOf(error) === 'ESRCH';
	}
	// Numbers are used again: a container that starts anew gives its process the same one.
	const now = await startOf(pid);
	return started !== undefined && now !== undefined && now !== started;
}

async function thisProcess(): Promise<Holder> {
	return { pid: process.pid, host: hostname(), started: await startOf(process.pid) };
}

/** Boot and start time of a process on Linux; undefined elsewhere. proc(5): field 22 of stat. */
async function startOf(pid: number): Promise<string | undefined> {
	try {
		const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
		const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1');
		// The name, in brackets, may hold spaces and brackets itself.
		const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
		return ticks === undefined ? undefined : `${boot.trim()} ${ticks}`;
	} catch {
		return undefined;
	}
}

function inUse(holder: Holder | undefined): CallError {
	const who =
		holder === undefined
			? 'another process'
			: `process ${holder.pid} on ${printable(holder.host, 60)}`;
	return new CallError('SESSION_IN_USE', `The session is in use by ${who}`);
}
