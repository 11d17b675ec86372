import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './paths';
import { waitUntil } from './waitUntil';

const COMMAND = join(REPOSITORY, 'build/demo/main.js');
const START_TIMEOUT_MS = 15_000;

/** The demo, as `npm run demo` starts it behind the build. */
export class DemoProcess {
	private output = '';

	private constructor(private readonly process: ChildProcess) {
		for (const stream of [process.stdout, process.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		}
	}

	static start(...args: string[]): DemoProcess {
		if (!existsSync(COMMAND)) throw new Error('Run these tests by `npm run e2e`, which builds it');
		const child = spawn(process.execPath, [COMMAND, ...args], {
			cwd: REPOSITORY,
			env: { ...process.env, CI: '1' },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		return new DemoProcess(child);
	}

	/** Everything that it has printed. */
	get printed(): string {
		return this.output;
	}

	/** The first group of what it prints, sooner or later. */
	async says(pattern: RegExp, timeoutMs = START_TIMEOUT_MS): Promise<string> {
		return await waitUntil(
			`"${pattern.source}" in\n${this.output}`,
			() => {
				const text = pattern.exec(this.output)?.[1];
				if (text === undefined && this.process.exitCode !== null) {
					throw new Error(`The demo ended:\n${this.output}`);
				}
				return text;
			},
			timeoutMs,
		);
	}

	/** The objects that it has printed: the reports. */
	get reports(): Array<Record<string, unknown>> {
		return [...this.output.matchAll(/^ {2}\{$[^]*?^ {2}\}$/gm)].map(
			([text]) => JSON.parse(text) as Record<string, unknown>,
		);
	}

	/** Ends it as Ctrl-C does, or waits until it has ended by itself. Gives its exit code. */
	async end(signal?: 'SIGINT'): Promise<number | null> {
		if (this.process.exitCode === null) {
			const exit = once(this.process, 'exit');
			if (signal) this.process.kill(signal);
			await exit;
		}
		return this.process.exitCode;
	}
}
