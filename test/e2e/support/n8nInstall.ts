import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cached';
import { installNode } from './nodeInstall';
import { npm } from './npm';
import { cacheFolder, lockFolder } from './paths';

export const DEFAULT_N8N_VERSION = '1.123.81';

/** The oldest Node.js major version that runs a major version of n8n. */
const NODE_FOR_N8N: Record<string, number> = { 1: 20, 2: 24 };

/** An n8n that is ready to run. */
export interface N8nInstall {
	version: string;
	/** Path of n8n's command line script. */
	script: string;
	/** Path of the Node.js that runs it. */
	nodeBinary: string;
}

/**
 * Makes sure that an n8n stands in the cache folder, from its lock file under `test/support/n8n`.
 * From nothing this takes minutes and up to 3 GB; afterwards it is a look at a marker file.
 */
export async function installN8n(version: string): Promise<N8nInstall> {
	const nodeMajor = NODE_FOR_N8N[version.split('.')[0] ?? ''];
	if (nodeMajor === undefined) throw new Error(`No Node.js is known for n8n ${version}`);
	const node = await installNode(nodeMajor);

	const folder = await cached(join(cacheFolder(), `n8n-${version}`), async (temporary) => {
		for (const file of ['package.json', 'package-lock.json']) {
			await copyFile(join(lockFolder(version), file), join(temporary, file));
		}
		const env = node.headers ? { npm_config_nodedir: node.headers } : {};
		const options = { cwd: temporary, nodeBinary: node.binary, env };
		await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], options);
		await npm(['rebuild', 'sqlite3', 'isolated-vm'], options);
	});
	return {
		version,
		script: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
		nodeBinary: node.binary,
	};
}

/** The n8n version that this run is about: `N8N_VERSION`, else the default. */
export function requestedN8nVersion(): string {
	return process.env.N8N_VERSION || DEFAULT_N8N_VERSION;
}
