import { execFile } from 'node:child_process';

/** How a command ended. `code` is null when it was ended by a signal, also by its time limit. */
export interface CommandResult {
	code: number | null;
	stdout: string;
	stderr: string;
}

export interface CommandOptions {
	cwd: string;
	/** The whole environment: nothing else is inherited. */
	env: NodeJS.ProcessEnv;
	/** After this many milliseconds the process is killed. */
	timeoutMs: number;
}

const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024;

/** Runs a program to its end, without a shell, whatever its exit code. */
export async function runCommand(
	program: string,
	args: string[],
	{ cwd, env, timeoutMs }: CommandOptions,
): Promise<CommandResult> {
	return await new Promise((resolve, reject) => {
		const child = execFile(
			program,
			args,
			{ cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT_BYTES },
			(error, stdout, stderr) => {
				// A number is an exit code; a string such as ENOENT means that it never ran.
				if (error && typeof error.code === 'string') reject(error);
				else resolve({ code: child.exitCode, stdout, stderr });
			},
		);
	});
}

/** Runs a program that has to succeed; its output is part of the error when it does not. */
export async function runCommandOrThrow(
	program: string,
	args: string[],
	options: CommandOptions,
): Promise<CommandResult> {
	const result = await runCommand(program, args, options);
	if (result.code === 0) return result;
	const how = result.code === null ? 'was killed' : `ended with code ${result.code}`;
	throw new Error(
		`${program} ${args.join(' ')} ${how}\n${tail(result.stdout)}\n${tail(result.stderr)}`,
	);
}

/** The last lines of an output, enough to see why a program gave up. */
export function tail(output: string, lines = 40): string {
	return output.trimEnd().split('\n').slice(-lines).join('\n');
}
