import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The repository's top folder; the demo runs what was compiled to `build` in it. */
export const REPOSITORY = resolve(
	__dirname,
	__filename.endsWith('.ts') ? '../../..' : '../../../..',
);

/** The spoken clips that the tests send; every one holds the same sentence. */
export const CLIPS = join(REPOSITORY, 'test/support/clips');

/** Name of the package under test, as its package.json says it. */
export const PACKAGE_NAME = readPackageName(REPOSITORY);

/** Folder with the package.json and the lock file from which an n8n version is installed. */
export function lockFolder(n8nVersion: string): string {
	return join(REPOSITORY, 'test/support/n8n', `n8n-${n8nVersion}`);
}

/**
 * Folder outside the repository where n8n and a Node.js for it are kept between runs:
 * `N8N_CACHE_DIR`, else `n8n-nodes-whatsapp-call` in the user's cache folder.
 */
export function cacheFolder(): string {
	const { N8N_CACHE_DIR, XDG_CACHE_HOME } = process.env;
	if (N8N_CACHE_DIR) return resolve(N8N_CACHE_DIR);
	return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-whatsapp-call');
}

/** The `name` of the package.json in a folder. */
export function readPackageName(folder: string): string {
	const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
		name: string;
	};
	return name;
}
