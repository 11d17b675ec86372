import { spawn, type ChildProcess } from 'node:child_process';

const PATIENCE_MS = 15_000;

export interface Ended {
	output: string;
	errors: string;
	code: number | null;
	signal: NodeJS.Signals | null;
}

/** A command line that runs as a process of its own. */
export class Child {
	output = '';
	errors = '';
	private readonly process: ChildProcess;
	private readonly ending: Promise<Ended>;

	constructor(args: string[], environment: Record<string, string>, patienceMs = PATIENCE_MS) {
		this.process = spawn(process.execPath, args, {
			env: { PATH: process.env.PATH, HOME: '/nonexistent', ...environment },
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: patienceMs,
			killSignal: 'SIGKILL',
		});
		this.process.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
		this.process.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
		this.ending = new Promise((resolve) =>
			this.process.once('close', (code, signal) =>
				resolve({ output: this.output, errors: this.errors, code, signal }),
			),
		);
	}

	/** What a pattern finds in the output, as soon as it does. */
	async says(pattern: RegExp): Promise<RegExpExecArray> {
		for (;;) {
			const found = pattern.exec(this.output);
			if (found !== null) {
				return found;
			}
			if (this.process.exitCode !== null || this.process.signalCode !== null) {
				throw new Error(`It ended without saying ${String(pattern)}: ${this.output}${this.errors}`);
			}
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	kill(signal: NodeJS.Signals): void {
		this.process.kill(signal);
	}

	ended(): Promise<Ended> {
		return this.ending;
	}
}
