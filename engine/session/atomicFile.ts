import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCodeOf } from './nodeErrors';

const FILE_MODE = 0o600;
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * Writes a file for its owner only, so that whoever reads it finds the old content or the new one,
 * whenever the process or the machine stops: temporary file, fsync, rename, fsync of the folder.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
	const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
	try {
		const file = await open(temporary, 'wx', FILE_MODE);
		try {
			// open's mode passes through the umask.
			await file.chmod(FILE_MODE);
			await file.writeFile(content);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, { force: true }).catch(() => undefined);
		throw error;
	}
	await syncFolder(dirname(path));
}

/** Makes renames and new files in a folder outlive a power cut; Windows does so by itself. */
export async function syncFolder(folder: string): Promise<void> {
	if (process.platform === 'win32') {
		return;
	}
	const handle = await open(folder, 'r');
	try {
		await handle.sync();
	} catch (error) {
		// Some network file systems cannot sync a folder.
		if (errorCodeOf(error) !== 'EINVAL') {
			throw error;
		}
	} finally {
		await handle.close();
	}
}

/** Removes what killed processes left of `writeAtomically`. Only the holder of the lock may do so. */
export async function removeLeftovers(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		if (TEMPORARY.test(name)) {
			await rm(join(folder, name), { force: true });
		}
	}
}

/**
 * Renames a file that cannot be read, so that nothing is lost and nothing trips over it again.
 *
 * @returns its new name, without the folder
 */
export async function setAside(path: string, now: number): Promise<string> {
	const time = new Date(now).toISOString().replace(/[:.]/g, '-');
	const aside = `${path}.corrupt-${time}`;
	await rename(path, aside);
	await syncFolder(dirname(path));
	return basename(aside);
}
