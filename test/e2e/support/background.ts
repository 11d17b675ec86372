import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { tail } from './runCommand';
import { waitUntil } from './waitUntil';

const STOP_TIMEOUT_MS = 20_000;

/** A program that runs beside the tests until it is stopped. */
export class Background {
	private output = '';

	private constructor(private readonly child: ChildProcess) {
		for (const stream of [child.stdout, child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		}
	}

	/**
	 * Starts a program and waits until it is ready.
	 *
	 * @param ready whether it is; undefined until then
	 */
	static async start(
		program: string,
		args: string[],
		options: Pick<SpawnOptions, 'cwd' | 'env'>,
		ready: (background: Background) => Promise<true | undefined> | true | undefined,
		timeoutMs: number,
	): Promise<Background> {
		const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
		const background = new Background(child);
		child.on('error', (error) => (background.output += String(error)));
		try {
			await waitUntil(`The start of ${program}`, () => ready(background), timeoutMs);
		} catch (error) {
			await background.stop();
			const said = tail(background.output);
			throw new Error(`${program} ${args.join(' ')} did not start\n${said}`, { cause: error });
		}
		return background;
	}

	/** Everything that it has printed. */
	get printed(): string {
		return this.output;
	}

	/** Ends it as a service manager would. May be called twice. */
	async stop(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		const exit = once(this.child, 'exit');
		this.child.kill('SIGTERM');
		const giveUp = new AbortController();
		await Promise.race([exit, delay(STOP_TIMEOUT_MS, undefined, { signal: giveUp.signal })]);
		giveUp.abort();
		if (this.child.exitCode === null && this.child.signalCode === null) {
			this.child.kill('SIGKILL');
			await exit;
		}
	}
}
