import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { builtModule } from '../../../support/built';
import type { Home } from './home';

export interface Ended {
	/** Reports and errors of its calls. */
	answers: unknown[];
	/** What it printed. */
	output: string;
}

/** A process that calls numbers, one after the other. */
export class OtherProcess {
	readonly ended: Promise<Ended>;
	private readonly child: ChildProcess;

	constructor(home: Home, ringSeconds: number, numbers: string[]) {
		this.child = fork(
			join(__dirname, 'caller.js'),
			[builtModule('engine/index'), String(ringSeconds), ...numbers],
			{ env: { PATH: process.env.PATH, ...home.environment }, execArgv: [], silent: true },
		);
		const ended: Ended = { answers: [], output: '' };
		const print = (chunk: Buffer): void => {
			ended.output += chunk.toString();
		};
		this.child.stdout?.on('data', print);
		this.child.stderr?.on('data', print);
		this.child.on('message', (answer) => ended.answers.push(answer));
		this.ended = new Promise((resolve) => this.child.once('close', () => resolve(ended)));
	}

	get pid(): number | undefined {
		return this.child.pid;
	}

	/** As the kernel does it: the process is told nothing. */
	async kill(): Promise<Ended> {
		this.child.kill('SIGKILL');
		return this.ended;
	}
}
