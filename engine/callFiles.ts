import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallStore } from './call';
import { errorCodeOf, writeAtomically } from './session';

/** What calls remember beside the keys of their session: two small files, written atomically. */
export class CallFiles implements CallStore {
	/** @param folder the folder of the session; only its holder writes */
	constructor(private readonly folder: string) {}

	async read(name: string): Promise<string | undefined> {
		try {
			return await readFile(this.pathOf(name), 'utf8');
		} catch (error) {
			if (errorCodeOf(error) === 'ENOENT') {
				return undefined;
			}
			throw error;
		}
	}

	async write(name: string, text: string): Promise<void> {
		await writeAtomically(this.pathOf(name), text);
	}

	private pathOf(name: string): string {
		return join(this.folder, `${name}.json`);
	}
}
