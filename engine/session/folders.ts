import { chmod, lstat, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CallError } from '../../common/errors';
import { errorCodeOf } from './nodeErrors';
import { requireSessionName } from './sessionNames';

const FOLDER_MODE = 0o700;

/** The part of `process.env` that says where sessions are kept. */
export type FolderEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Where sessions are kept: `WHATSAPP_CALL_DATA`, else `whatsapp-call` in n8n's own folder, which is
 * `.n8n` in `N8N_USER_FOLDER` or in the home folder.
 */
export function dataFolder(environment: FolderEnvironment, home: string = homedir()): string {
	const own = environment.WHATSAPP_CALL_DATA?.trim();
	if (own !== undefined && own !== '') {
		return resolve(own);
	}
	const parent = environment.N8N_USER_FOLDER?.trim();
	return join(
		resolve(parent === undefined || parent === '' ? home : parent),
		'.n8n',
		'whatsapp-call',
	);
}

/**
 * The path of a session's folder, whether it exists or not.
 *
 * @throws CallError INVALID_OPTION for a name that is none
 */
export function sessionFolder(data: string, name: string): string {
	return join(resolve(data), requireSessionName(name));
}

/**
 * Makes the folder of a session, for its owner only, or checks the one that is there.
 *
 * A link in its place is refused: it could point at a folder of somebody else's.
 *
 * @throws CallError INVALID_OPTION, SESSION_UNREADABLE
 */
export async function makeSessionFolder(data: string, name: string): Promise<string> {
	const folder = sessionFolder(data, name);
	try {
		await makePrivate(resolve(data), { recursive: true });
		await makePrivate(folder, { recursive: false });
		if (!(await lstat(folder)).isDirectory()) {
			throw new CallError('SESSION_UNREADABLE', `${folder} is not a folder`, {
				hint: 'Remove the file or the link of this name, or choose another session name.',
			});
		}
		await chmod(folder, FOLDER_MODE);
	} catch (error) {
		if (error instanceof CallError) {
			throw error;
		}
		throw new CallError(
			'SESSION_UNREADABLE',
			`The folder ${folder} cannot be used (${errorCodeOf(error)})`,
			{
				hint: 'The user that n8n runs as must be able to write there. WHATSAPP_CALL_DATA chooses another place.',
			},
		);
	}
	return folder;
}

/** A folder that exists already is left as it is: it may be a volume that others use too. */
async function makePrivate(folder: string, options: { recursive: boolean }): Promise<void> {
	try {
		const first = await mkdir(folder, { ...options, mode: FOLDER_MODE });
		// mkdir's mode passes through the umask.
		if (first !== undefined || !options.recursive) {
			await chmod(folder, FOLDER_MODE);
		}
	} catch (error) {
		if (errorCodeOf(error) !== 'EEXIST') {
			throw error;
		}
	}
}
