import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { REPOSITORY } from './paths';
import { runCommandOrThrow } from './runCommand';
import type { CommandResult } from './runCommand';

const MINUTE_MS = 60_000;

export interface NpmOptions {
	cwd: string;
	/** The Node.js that npm runs on, and for which native modules are built. */
	nodeBinary: string;
	/** Further environment variables. */
	env?: NodeJS.ProcessEnv;
	/** Milliseconds; default 20 minutes. */
	timeoutMs?: number;
}

/** Runs npm as the user would in a shell of their own, and not as this repository's `.npmrc` says. */
export async function npm(
	args: string[],
	{ cwd, nodeBinary, env = {}, timeoutMs = 20 * MINUTE_MS }: NpmOptions,
): Promise<CommandResult> {
	return await runCommandOrThrow('npm', args, {
		cwd,
		env: { ...userEnvironment(), ...withNodeFirst(nodeBinary), ...env },
		timeoutMs,
	});
}

/** PATH with the folder of a Node.js binary in front. */
export function withNodeFirst(nodeBinary: string): { PATH: string } {
	return { PATH: [dirname(nodeBinary), process.env.PATH ?? ''].join(delimiter) };
}

/**
 * This process's environment without what `npm run` and jest have added to it: `npm run` hands
 * the settings of the repository's `.npmrc` down as `npm_config_...`.
 */
function userEnvironment(): NodeJS.ProcessEnv {
	const ours = new Set(['NODE_ENV', 'NODE_OPTIONS', 'JEST_WORKER_ID', ...settingsOfRepository()]);
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.has(name)));
}

function settingsOfRepository(): string[] {
	return readFileSync(join(REPOSITORY, '.npmrc'), 'utf8')
		.split('\n')
		.map((line) => /^\s*([a-z-]+)\s*=/.exec(line)?.[1])
		.filter((key) => key !== undefined)
		.map((key) => `npm_config_${key.replaceAll('-', '_')}`);
}
