import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A test file of `npm run test`, run for longer. */
interface LongTest {
	/** Path below test/, without its ending. */
	test: string;
	/** How often, which the test reads as SOAK. */
	times: number;
}

/** A program beside this one, which has its own length. */
interface LongProgram {
	program: string;
}

type LongRun = LongProgram | LongTest;

const RUNS: Readonly<Record<string, LongRun>> = {
	killed: { test: 'engine/session/killed', times: 200 },
	calls: { test: 'engine/audioCall/lasting', times: 500 },
	fuzz: { test: 'engine/audio/decode/fuzz', times: 2_000 },
	server: { program: 'server.js' },
};
const ROOT = join(__dirname, '../../..');

/** `npm run soak`: every long run, one after the other; `npm run soak <name>`: that one. */
async function main(name: string | undefined): Promise<void> {
	const chosen = Object.entries(RUNS).filter(([known]) => name === undefined || known === name);
	if (chosen.length === 0) {
		console.error(`npm run soak [${Object.keys(RUNS).join('|')}]`);
		process.exitCode = 2;
	}
	for (const [known, run] of chosen) {
		if (!(await passes(run))) {
			console.error(`${known} failed`);
			process.exitCode = 1;
		}
	}
}

async function passes(run: LongRun): Promise<boolean> {
	const [parameters, environment] =
		'program' in run
			? [[join(__dirname, run.program)], {}]
			: [
					[
						'--experimental-vm-modules',
						require.resolve('jest/bin/jest'),
						'--runInBand',
						`test/${run.test}.`,
					],
					{ SOAK: String(run.times) },
				];
	const child = spawn(process.execPath, parameters, {
		cwd: ROOT,
		env: { ...process.env, ...environment },
		stdio: 'inherit',
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	return code === 0;
}

void main(process.argv[2]).catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
