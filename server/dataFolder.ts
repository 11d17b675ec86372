import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CallError } from '../common/errors';
import { lockSession, type SessionLock } from '../engine';

/** No session can have this name: they have no dot. */
const LOCK_FOLDER = '.server';
const FOLDER_MODE = 0o700;
const LOOK_MS = 500;

/**
 * Takes the data folder for this server, and makes it where it is not there yet. A server that
 * crashed loses it at once; one of another container, whose host name is another, after ten seconds.
 *
 * @param patienceMs how long to wait for it
 * @throws CallError SESSION_IN_USE, SESSION_UNREADABLE
 */
export async function takeDataFolder(
	data: string,
	patienceMs: number,
	onLost: () => void,
): Promise<SessionLock> {
	const folder = join(resolve(data), LOCK_FOLDER);
	try {
		await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
		await chmod(folder, FOLDER_MODE);
	} catch (error) {
		const { code = 'unknown' } = error as NodeJS.ErrnoException;
		throw new CallError('SESSION_UNREADABLE', `The data folder ${data} cannot be used (${code})`, {
			hint: 'The user that the server runs as must be able to write there. --data chooses another place.',
		});
	}
	const deadline = Date.now() + patienceMs;
	for (;;) {
		try {
			return await lockSession(folder, onLost);
		} catch (error) {
			const isInUse = error instanceof CallError && error.code === 'SESSION_IN_USE';
			if (isInUse && Date.now() < deadline) {
				await wait(LOOK_MS);
				continue;
			}
			throw isInUse ? inUse(data, error) : error;
		}
	}
}

function inUse(data: string, error: CallError): CallError {
	const by = /(?<=in use by ).*$/.exec(error.message)?.[0] ?? 'another server';
	return new CallError('SESSION_IN_USE', `The data folder ${data} is in use by ${by}`, {
		hint: 'One server owns a data folder. Stop the other one, or choose another folder with --data.',
	});
}
