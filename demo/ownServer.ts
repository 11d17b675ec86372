import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/e2e/support/freePort';
import { THEIR_NUMBER } from './phones';

const CLI = join(__dirname, '../../dist/cli.js');
const START_LIMIT_MS = 20_000;
const LINK_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;
const REQUEST_LIMIT_MS = 15_000;
const INSTANCE = 'demo';
/** What is played, a file of the repository: whoever types the commands stands there. */
export const CLIP = 'test/support/clips/short.mp3';

/** The server of this package, as `npx n8n-nodes-whatsapp-call serve` starts it. */
export class OwnServer {
	/** Opens the one instance. Short: people look at the lines that hold it. */
	private readonly token = randomBytes(12).toString('base64url');
	private printed = '';

	private constructor(
		/** Its address. */
		readonly url: string,
		private readonly child: ChildProcess,
		private readonly accountToken: string,
	) {}

	/** @param environment what points it at the simulated WhatsApp, and where it keeps its data */
	static async start(environment: Record<string, string>, signal: AbortSignal): Promise<OwnServer> {
		const port = await freePort();
		const { WHATSAPP_CALL_DATA: data = '', ...variables } = environment;
		const accountToken = randomBytes(32).toString('base64url');
		const args = [CLI, 'serve', '--port', String(port), '--data', data, '--pause', '0'];
		const child = spawn(process.execPath, args, {
			env: {
				PATH: process.env.PATH,
				HOME: process.env.HOME,
				...variables,
				WHATSAPP_CALL_ACCOUNT_TOKEN: accountToken,
			},
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const server = new OwnServer(`http://127.0.0.1:${port}`, child, accountToken);
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (text: string) => (server.printed += text));
		}
		try {
			await server.untilReady(signal);
			return server;
		} catch (error) {
			await server.stop();
			throw error;
		}
	}

	/** Makes the instance and links it. */
	async link(scan: (qr: string) => Promise<void>, signal: AbortSignal): Promise<void> {
		await this.ask('POST', '/api/instance/new', { name: INSTANCE, token: this.token });
		const { qrCode } = await this.ask('GET', `/api/instance/connect/${INSTANCE}`);
		await scan(String(qrCode));
		const deadline = Date.now() + LINK_LIMIT_MS;
		for (;;) {
			signal.throwIfAborted();
			const list = await this.ask('GET', `/api/instance/list?instanceName=${INSTANCE}`);
			const [instance] = list.instances as Array<{ connection: { state: string } }>;
			if (instance?.connection.state === 'connected') return;
			if (Date.now() > deadline) {
				throw new Error(`The server was not linked: its state is ${instance?.connection.state}`);
			}
			await sleep(100);
		}
	}

	/** What n8n's credential for it holds. */
	get credential(): { baseUrl: string; instance: string; token: string } {
		return { baseUrl: this.url, instance: INSTANCE, token: this.token };
	}

	/** Lines for a shell in the folder of the repository. */
	get commands(): string[] {
		const media = `\\"mediaBase64\\":\\"$(base64 < ${CLIP} | tr -d '\\n')\\"`;
		return [
			this.curl('/api/call/fake', `'{"number":"${THEIR_NUMBER}","duration":2}'`),
			this.curl('/api/call/audio', `"{\\"number\\":\\"${THEIR_NUMBER}\\",${media}}"`, '?wait=true'),
			this.curl(
				'/api/message/media',
				`"{\\"number\\":\\"${THEIR_NUMBER}\\",\\"mediaType\\":\\"audio\\",${media}}"`,
			),
		];
	}

	/** Hangs up, closes the connections and ends. */
	async stop(): Promise<void> {
		const { child } = this;
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, 'exit');
		child.kill('SIGTERM');
		const patience = new AbortController();
		const tired = sleep(STOP_LIMIT_MS, undefined, { signal: patience.signal }).catch(() => {});
		await Promise.race([gone, tired]);
		patience.abort();
		if (child.exitCode === null && child.signalCode === null) {
			child.kill('SIGKILL');
			await gone;
		}
	}

	private curl(route: string, body: string, query = ''): string {
		return [
			`curl -X POST '${this.url}${route}/${INSTANCE}${query}'`,
			`-H 'token: ${this.token}'`,
			`-H 'content-type: application/json'`,
			`-d ${body}`,
		].join(' \\\n  ');
	}

	private async untilReady(signal: AbortSignal): Promise<void> {
		const deadline = Date.now() + START_LIMIT_MS;
		for (;;) {
			signal.throwIfAborted();
			if (this.child.exitCode !== null) {
				throw new Error(`The server ended at once:\n${this.printed.trim()}`);
			}
			const response = await fetch(`${this.url}/healthz`).catch(() => undefined);
			await response?.body?.cancel();
			if (response?.ok) return;
			if (Date.now() > deadline) throw new Error(`The server did not start:\n${this.printed}`);
			await sleep(50);
		}
	}

	private async ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
		const response = await fetch(this.url + path, {
			method,
			headers: {
				token: this.accountToken,
				...(body !== undefined && { 'content-type': 'application/json' }),
			},
			signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const answer = (await response.json()) as Record<string, unknown>;
		if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
		return answer;
	}
}
