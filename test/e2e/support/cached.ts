import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const MARKER = '.installed';

/**
 * Makes sure that a folder holds something that takes long to make, and makes it only once.
 *
 * It is made in a folder beside it and moved into place when it is complete, so that an
 * interrupted or a simultaneous run never leaves half of it under its name.
 *
 * @param folder where it belongs; a file `.installed` in it says that it is complete
 * @param make fills the empty folder that it is given
 * @returns the folder
 */
export async function cached(
	folder: string,
	make: (temporary: string) => Promise<void>,
): Promise<string> {
	const marker = join(folder, MARKER);
	if (existsSync(marker)) return folder;

	await mkdir(dirname(folder), { recursive: true });
	const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
	try {
		await make(temporary);
		await writeFile(join(temporary, MARKER), '');
		if (!existsSync(marker)) {
			await rm(folder, { recursive: true, force: true });
			await rename(temporary, folder);
		}
	} catch (error) {
		// Another run that finished in between has won: its folder is as good as ours.
		if (!existsSync(marker)) throw error;
	} finally {
		await rm(temporary, { recursive: true, force: true });
	}
	return folder;
}
