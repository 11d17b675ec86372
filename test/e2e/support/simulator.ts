import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PhoneOptions, PhoneScript, PhoneSeen } from '../../../simulator';
import { REPOSITORY } from './paths';

const COMMAND = join(REPOSITORY, 'build/simulator/cli.js');
const REQUEST_TIMEOUT_MS = 10_000;

/** What the control of the simulator says about a phone. */
interface PhoneState {
	lid: string;
	seen: PhoneSeen;
}

/** A simulated WhatsApp network in a process of its own, with its control. */
export class Simulator {
	private constructor(
		/** What points the engine at it. */
		readonly variables: Record<string, string>,
		private readonly process: ChildProcess,
	) {}

	static async start(): Promise<Simulator> {
		if (!existsSync(COMMAND)) throw new Error('Run these tests by `npm run e2e`, which builds it');
		const child = spawn(process.execPath, [COMMAND, '--second-ms', '50'], {
			env: { PATH: process.env.PATH },
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const lines = createInterface({ input: child.stdout });
		const [line] = (await once(lines, 'line')) as [string];
		lines.close();
		return new Simulator(JSON.parse(line) as Record<string, string>, child);
	}

	async addPhone(options: PhoneOptions): Promise<void> {
		await this.request('POST', '/phones', options);
	}

	async phone(number: string): Promise<PhoneState> {
		return (await this.request('GET', `/phones/${number}`)) as PhoneState;
	}

	/** Accepts a device: by the text of a QR code, or by a pairing code. */
	async link(number: string, shown: { qr: string } | { code: string }): Promise<void> {
		await this.request('POST', `/phones/${number}/scan`, shown);
	}

	async script(number: string, script: Partial<PhoneScript>): Promise<void> {
		await this.request('POST', `/phones/${number}/script`, script);
	}

	/** Everything that the network had to object to since the last time. */
	async takeFaults(): Promise<unknown[]> {
		return (await this.request('DELETE', '/faults')) as unknown[];
	}

	async stop(): Promise<void> {
		if (this.process.exitCode !== null) return;
		const exit = once(this.process, 'exit');
		this.process.kill('SIGTERM');
		await exit;
	}

	private async request(method: string, path: string, body?: object): Promise<unknown> {
		const response = await fetch(`${this.variables.WHATSAPP_SIMULATOR_URL}${path}`, {
			method,
			signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
			...(body !== undefined && {
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			}),
		});
		const answer = (await response.json()) as { error?: string };
		if (!response.ok) throw new Error(`${method} ${path}: ${answer.error ?? response.status}`);
		return answer;
	}
}
