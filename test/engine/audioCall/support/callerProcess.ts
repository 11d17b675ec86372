import { fork, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallReport } from '../../../../common/report';
import type { Home } from '../../phone/support/home';

const ENGINE = join(__dirname, '../../../../dist/engine/index.js');

/** What the process had to say after each call. */
export interface CallDone {
	report: CallReport;
	/** Bytes. */
	rss: number;
	heapUsed: number;
	/** Kinds of what keeps the process busy, sorted. */
	handles: string[];
	rejections: number;
}

export interface Ended {
	done: CallDone[];
	/** What it printed. */
	output: string;
	code: number | null;
}

/** A process with the built engine that calls somebody; its session has to be linked already. */
export class CallerProcess {
	readonly ended: Promise<Ended>;
	private readonly child: ChildProcess;

	constructor(home: Home, number: string, wav: Buffer, calls: number) {
		const file = join(home.data, 'recording.wav');
		writeFileSync(file, wav);
		this.child = fork(join(__dirname, 'caller.js'), [ENGINE, file, number, String(calls)], {
			env: { PATH: process.env.PATH, ...home.environment },
			execArgv: ['--expose-gc'],
			silent: true,
		});
		const ended: Ended = { done: [], output: '', code: null };
		const print = (chunk: Buffer): void => {
			ended.output += chunk.toString();
		};
		this.child.stdout?.on('data', print);
		this.child.stderr?.on('data', print);
		this.child.on('message', (done) => ended.done.push(done as CallDone));
		this.ended = new Promise((resolve) => {
			this.child.once('close', (code) => resolve({ ...ended, code }));
		});
	}

	/** Keeps its main thread busy. */
	block(blockMs: number): void {
		this.child.send({ blockMs });
	}

	kill(): void {
		this.child.kill('SIGKILL');
	}
}
