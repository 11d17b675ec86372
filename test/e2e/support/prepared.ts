import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { N8nInstall } from './n8nInstall';

const VARIABLE = 'WHATSAPP_CALL_E2E';

/** What the global setup has made ready for all test files. */
export interface Prepared {
	install: N8nInstall;
	/** A user folder with the package installed and an empty database: to be copied, not used. */
	template: string;
}

/** Hands over to the test files, whose modules are not those of the global setup. */
export function announce(prepared: Prepared): void {
	process.env[VARIABLE] = JSON.stringify(prepared);
}

export function prepared(): Prepared {
	const value = process.env[VARIABLE];
	if (value === undefined) throw new Error('Run these tests by `npm run e2e`');
	return JSON.parse(value) as Prepared;
}

/** A user folder for n8n that nobody else uses. */
export interface UserFolder {
	path: string;
	remove(): Promise<void>;
}

/** An empty folder that nobody else uses. */
export async function emptyUserFolder(): Promise<UserFolder> {
	const path = await mkdtemp(join(tmpdir(), 'whatsapp-call-e2e-'));
	return { path, remove: async () => await rm(path, { recursive: true, force: true }) };
}

/** A fresh copy of the prepared user folder. */
export async function userFolder(): Promise<UserFolder> {
	const folder = await emptyUserFolder();
	await cp(prepared().template, folder.path, { recursive: true, verbatimSymlinks: true });
	return folder;
}
