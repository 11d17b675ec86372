import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { constants, cpus, setPriority } from 'node:os';
import { join } from 'node:path';

interface Request {
	id: number;
	name: string;
	task: unknown;
}

interface Answer {
	id: number;
	result?: unknown;
	error?: string;
}

/** Whether processes can be kept on a core each. */
export const HAS_CORES = cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0;

const HIGHEST = constants.priority.PRIORITY_HIGHEST;

/**
 * A process of a benchmark with a core to itself, as far as the system allows: other work on this
 * machine is not what is measured. What it can do is what it gave to `serve`.
 */
export class MediaProcess {
	private readonly waiting = new Map<number, (answer: Answer) => void>();
	private nextId = 1;

	private constructor(private readonly child: ChildProcess) {
		child.on('message', (answer: Answer) => {
			this.waiting.get(answer.id)?.(answer);
			this.waiting.delete(answer.id);
		});
		child.on('exit', () => {
			for (const [id, settle] of this.waiting) {
				settle({ id, error: 'the process has ended' });
			}
			this.waiting.clear();
		});
	}

	/** @param script of this folder */
	static start(script: string, core: number, flags: readonly string[] = []): MediaProcess {
		const pinned = ['--cpu-list', String(core), process.execPath];
		const child = fork(join(__dirname, script), [], {
			serialization: 'advanced',
			// A session of its own is what Linux shares the processor by.
			detached: true,
			execPath: HAS_CORES ? 'taskset' : process.execPath,
			execArgv: [...(HAS_CORES ? pinned : []), ...flags],
		});
		try {
			setPriority(child.pid ?? 0, HIGHEST);
			writeFileSync(`/proc/${child.pid}/autogroup`, String(HIGHEST));
		} catch {
			// Not everybody may, and not every system has it.
		}
		return new MediaProcess(child);
	}

	async ask<Result>(name: string, task?: unknown): Promise<Result> {
		const id = this.nextId++;
		const answer = await new Promise<Answer>((settle) => {
			this.waiting.set(id, settle);
			const request: Request = { id, name, task };
			this.child.send(request, (error) => {
				if (error !== null) {
					settle({ id, error: error.message });
				}
			});
		});
		if (answer.error !== undefined) {
			throw new Error(`${name}: ${answer.error}`);
		}
		return answer.result as Result;
	}

	async stop(): Promise<void> {
		if (this.child.exitCode === null && this.child.signalCode === null) {
			const gone = once(this.child, 'exit');
			this.child.kill();
			await gone;
		}
	}
}

/** The other end: answers the requests of the process that forked this one, and ends with it. */
export function serve(tasks: Readonly<Record<string, (task: never) => unknown>>): void {
	process.on('disconnect', () => process.exit());
	process.on('message', ({ id, name, task }: Request) => {
		Promise.resolve(task as never)
			.then((given) => tasks[name]?.(given))
			.then((result) => process.send?.({ id, result }))
			.catch((error: unknown) => process.send?.({ id, error: String(error) }));
	});
}

/** Milliseconds of a clock that all processes of a machine share. */
export function sharedNowMs(): number {
	return Number(process.hrtime.bigint()) / 1e6;
}

/** Processor time of this process since a moment, as the share of one core. */
export class Load {
	private cpu = process.cpuUsage();
	private atMs = performance.now();

	reset(): void {
		this.cpu = process.cpuUsage();
		this.atMs = performance.now();
	}

	get share(): number {
		const { user, system } = process.cpuUsage(this.cpu);
		return (user + system) / 1000 / (performance.now() - this.atMs);
	}
}
