import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cached';
import { npm } from './npm';
import { cacheFolder } from './paths';

/** A Node.js that runs n8n. */
export interface NodeInstall {
	/** Path of the executable. */
	binary: string;
	/** Folder with the header files for building native modules; undefined: npm knows where. */
	headers?: string;
}

/**
 * A Node.js of at least this major version: the one that runs this, else one from npm in the
 * cache folder.
 */
export async function installNode(major: number): Promise<NodeInstall> {
	if (Number(process.versions.node.split('.')[0]) >= major) return { binary: process.execPath };

	const name = `node-${process.platform}-${process.arch}`;
	const folder = await cached(join(cacheFolder(), `node-${major}`), async (temporary) => {
		await writeFile(join(temporary, 'package.json'), JSON.stringify({ private: true }));
		await npm(['install', '--no-audit', '--no-fund', `${name}@${major}`], {
			cwd: temporary,
			nodeBinary: process.execPath,
		});
	});
	const headers = join(folder, 'node_modules', name);
	return { binary: join(headers, 'bin', 'node'), headers };
}
