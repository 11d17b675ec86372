import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './freePort';
import { n8nEnvironment } from './n8nEnvironment';
import type { N8nInstall } from './n8nInstall';
import { tail } from './runCommand';
import { waitUntil } from './waitUntil';

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 5_000;

/** A running `n8n start` on loopback. */
export class N8nServer {
	private output = '';

	private constructor(
		/** Address of the editor, of the REST API and of the webhooks, without a slash at its end. */
		readonly url: string,
		private readonly process: ChildProcess,
	) {
		for (const stream of [process.stdout, process.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		}
	}

	/**
	 * Starts n8n over a user folder and waits until its REST API answers.
	 *
	 * @param extra further environment variables
	 */
	static async start(
		install: N8nInstall,
		userFolder: string,
		extra: NodeJS.ProcessEnv = {},
	): Promise<N8nServer> {
		const [port, brokerPort] = [await freePort(), await freePort()];
		const url = `http://127.0.0.1:${port}`;
		const child = spawn(install.nodeBinary, [install.script, 'start'], {
			cwd: userFolder,
			env: {
				...n8nEnvironment(install, userFolder, brokerPort),
				N8N_PORT: String(port),
				N8N_HOST: '127.0.0.1',
				...extra,
			},
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const server = new N8nServer(url, child);
		try {
			await server.waitUntilReady();
		} catch (error) {
			await server.stop();
			throw new Error(`n8n did not start\n${tail(server.output)}`, { cause: error });
		}
		return server;
	}

	/** Everything that n8n has printed. */
	get printed(): string {
		return this.output;
	}

	/** Ends n8n as a service manager would, and waits until it is gone. May be called twice. */
	async stop(): Promise<void> {
		if (this.ended()) return;
		const exit = once(this.process, 'exit');
		this.process.kill('SIGTERM');
		const giveUp = new AbortController();
		await Promise.race([exit, delay(STOP_TIMEOUT_MS, undefined, { signal: giveUp.signal })]);
		giveUp.abort();
		if (!this.ended()) {
			this.process.kill('SIGKILL');
			await exit;
		}
	}

	/** The health routes answer before the REST API is there: only its settings tell. */
	private async waitUntilReady(): Promise<void> {
		await waitUntil(
			'The start of n8n',
			async () => {
				if (this.ended()) return 'ended';
				const response = await fetch(`${this.url}/rest/settings`, {
					signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
				});
				const text = await response.text();
				return response.ok && text.includes('"data"') ? 'ready' : undefined;
			},
			START_TIMEOUT_MS,
		);
		if (this.ended()) throw new Error('The process of n8n has ended');
	}

	private ended(): boolean {
		return this.process.exitCode !== null || this.process.signalCode !== null;
	}
}
