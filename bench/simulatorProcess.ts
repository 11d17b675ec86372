import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PhoneOptions } from '../simulator';

/** The simulator in a process of its own: its work does not hold up what is measured. */
export class SimulatorProcess {
	private constructor(
		private readonly child: ChildProcess,
		/** What points the engine at it. */
		readonly environment: Readonly<Record<string, string>>,
	) {}

	static async start(): Promise<SimulatorProcess> {
		const command = join(__dirname, '../simulator/cli.js');
		const child = spawn(process.execPath, [command], { stdio: ['ignore', 'pipe', 'inherit'] });
		const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
		return new SimulatorProcess(child, JSON.parse(line) as Record<string, string>);
	}

	async addPhone(options: PhoneOptions): Promise<void> {
		await this.request('POST', '/phones', options);
	}

	/** Scans the QR code of a client with the phone of a number. */
	async scan(number: string, qr: string): Promise<void> {
		await this.request('POST', `/phones/${number}/scan`, { qr });
	}

	/** Lets somebody give their trusted-contact token to an account, as after a conversation. */
	async trust(number: string, to: string): Promise<void> {
		await this.request('POST', `/phones/${number}/trust`, { to });
	}

	/** When the offer of a call arrived, in milliseconds of `process.hrtime`. */
	async offeredAt(callId: string): Promise<number> {
		const call = (await this.request('GET', `/calls/${callId}`)) as { offeredAt: number };
		return call.offeredAt;
	}

	/** What the network had to object to. */
	async faults(): Promise<unknown[]> {
		return (await this.request('GET', '/faults')) as unknown[];
	}

	async stop(): Promise<void> {
		const gone = once(this.child, 'exit');
		this.child.kill();
		await gone;
	}

	private async request(method: string, path: string, body?: object): Promise<unknown> {
		const response = await fetch(`${this.environment.WHATSAPP_SIMULATOR_URL}${path}`, {
			method,
			...(body !== undefined && {
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			}),
		});
		const answer: unknown = await response.json();
		if (!response.ok) {
			throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
		}
		return answer;
	}
}
