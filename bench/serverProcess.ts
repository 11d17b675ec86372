import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const LOCAL = '127.0.0.1';
const START_MS = 30_000;
const STOP_MS = 20_000;
const LOOK_MS = 25;
/** For the collection that was asked for. */
const COLLECTION_MS = 400;
/** Of Linux: /proc counts time in them, and memory in kilobytes. */
const TICKS_PER_SECOND = 100;
const KILOBYTES_PER_MEGABYTE = 1024;

/** Collects garbage when it is asked to, so that memory is what is in use. */
const COLLECT = `process.on('SIGUSR2', () => { gc(); gc(); })`;

export interface ServerProcessOptions {
	data: string;
	/** What points the engine at the simulator. */
	environment: Readonly<Record<string, string>>;
	/** Of `serve`, beside --port, --data and --rate-limit 0. */
	parameters?: readonly string[];
	/** Made when absent. */
	accountToken?: string;
}

/** `n8n-nodes-whatsapp-call serve` in a process of its own, and what the kernel says of it. */
export class ServerProcess {
	private constructor(
		private readonly child: ChildProcess,
		readonly url: string,
		readonly accountToken: string,
		/** What it wrote to stderr. */
		readonly complaints: readonly string[],
		/** When it was started, in milliseconds of `performance`. */
		readonly startedAt: number,
	) {}

	/** Resolves when it is ready. */
	static async start(options: ServerProcessOptions): Promise<ServerProcess> {
		const { accountToken = randomBytes(32).toString('base64url') } = options;
		const port = await freePort();
		const collector = `data:text/javascript,${encodeURIComponent(COLLECT)}`;
		const startedAt = performance.now();
		const child = spawn(
			process.execPath,
			[
				...['--expose-gc', '--import', collector, join(__dirname, '../cli.js'), 'serve'],
				...['--port', String(port), '--data', options.data, '--rate-limit', '0'],
				...(options.parameters ?? []),
			],
			{
				stdio: ['ignore', 'ignore', 'pipe'],
				env: {
					...process.env,
					...options.environment,
					WHATSAPP_CALL_ACCOUNT_TOKEN: accountToken,
				},
			},
		);
		const complaints: string[] = [];
		child.stderr.on('data', (text) => complaints.push(String(text)));
		const url = `http://${LOCAL}:${port}`;
		const server = new ServerProcess(child, url, accountToken, complaints, startedAt);
		await server.ready();
		return server;
	}

	get isRunning(): boolean {
		return this.child.exitCode === null && this.child.signalCode === null;
	}

	/** Resident memory after a garbage collection, in megabytes. */
	async memory(): Promise<number> {
		this.child.kill('SIGUSR2');
		await wait(COLLECTION_MS);
		const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
		return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / KILOBYTES_PER_MEGABYTE;
	}

	/** Processor time so far, in milliseconds. */
	processorMs(): number {
		return processorMs(this.child.pid);
	}

	/** Open files and sockets. */
	descriptors(): number {
		return readdirSync(`/proc/${this.child.pid}/fd`).length;
	}

	/** As a crash does. */
	async kill(): Promise<void> {
		await this.end('SIGKILL');
	}

	/** As an operator does; one that does not end is killed. */
	async stop(): Promise<void> {
		await this.end('SIGTERM');
	}

	private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
		if (!this.isRunning) {
			return;
		}
		const gone = once(this.child, 'exit');
		this.child.kill(signal);
		const patience = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
		await gone;
		clearTimeout(patience);
	}

	private async ready(): Promise<void> {
		const deadline = Date.now() + START_MS;
		while (this.isRunning && Date.now() < deadline) {
			const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
			if (answer?.status === 200) {
				return;
			}
			await wait(LOOK_MS);
		}
		await this.kill();
		throw new Error(`The server did not start: ${this.complaints.join('')}`);
	}
}

/** Processor time of a process so far, of all its threads, in milliseconds. */
export function processorMs(pid: number | undefined): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// Behind the name, which may have blanks.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const ticks = Number(fields[11]) + Number(fields[12]);
	return (ticks * 1_000) / TICKS_PER_SECOND;
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, LOCAL);
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
