import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openPhone } from '../engine';
import type { Placed, Task } from './sessionProbe';
import { SimulatorProcess } from './simulatorProcess';

const SAMPLES = 20;
/** A call to a stranger waits for seconds. */
const STRANGERS = 3;
const MOST_COLD_MS = 600;
const MOST_WARM_MS = 25;
const MOST_MEGABYTES = 40;
/** Of each person: the phone and one computer. */
const DEVICES = 2;

const OPEN = { name: 'open', number: '4915112345678' };
const SEALED = { name: 'sealed', number: '4915112345679', passphrase: 'secret words' };
const FIRST_NUMBER = 5_511_900_000_000;

/** A session, and the number of its account. */
type BenchSession = Task['session'] & { number: string };

interface Times {
	sinceStart: number[];
	sinceAsked: number[];
}

/**
 * Prints how long it takes from a fake call's execution until its offer arrives at the simulator,
 * which is another process on this machine, and how much memory an idle session takes. Every measured
 * process is a fresh one; it enters the engine as the node does.
 */
export async function measure(): Promise<void> {
	const data = mkdtempSync(join(tmpdir(), 'bench-session-'));
	const simulator = await SimulatorProcess.start();
	const bench = new SessionBench(simulator, { ...simulator.environment, WHATSAPP_CALL_DATA: data });
	try {
		await bench.run();
		const faults = await simulator.faults();
		if (faults.length > 0) {
			throw new Error(`The network objected: ${JSON.stringify(faults)}`);
		}
	} finally {
		await simulator.stop();
		rmSync(data, { recursive: true });
	}
}

class SessionBench {
	private people = 0;

	constructor(
		private readonly simulator: SimulatorProcess,
		private readonly environment: Readonly<Record<string, string>>,
	) {}

	async run(): Promise<void> {
		const [known = '', ...others] = await this.addPeople(SAMPLES + 1);
		const strangers = await this.addPeople(STRANGERS);
		for (const session of [OPEN, SEALED]) {
			await this.link(session, [...others, known]);
		}
		console.log(`medians (90th percentiles) of ${SAMPLES}; people with ${DEVICES} devices each`);
		await this.cold(others);
		await this.warm(known, strangers);
		await this.memory(known);
	}

	/** Each call has a process of its own, and goes to somebody who was never called. */
	private async cold(numbers: readonly string[]): Promise<void> {
		const open = await this.eachAlone(OPEN, numbers);
		print('cold call, from execute', open.sinceAsked, 'ms', MOST_COLD_MS);
		print('cold call, from start of process', open.sinceStart, 'ms');
		const sealed = await this.eachAlone(SEALED, numbers);
		print('cold call, with a passphrase', sealed.sinceAsked, 'ms', MOST_COLD_MS);
	}

	private async warm(known: string, strangers: readonly string[]): Promise<void> {
		const again = Array.from({ length: SAMPLES }, () => known);
		const { sinceAsked } = await this.calls(OPEN, [known, ...again, ...strangers]);
		// The first call connected.
		print('warm call', sinceAsked.slice(1, 1 + SAMPLES), 'ms', MOST_WARM_MS);
		print(`warm call, stranger (of ${STRANGERS})`, sinceAsked.slice(1 + SAMPLES), 'ms');
	}

	/** Above the memory of a process that loaded Baileys and did nothing. */
	private async memory(known: string): Promise<void> {
		const empty: number[] = [];
		const idle: number[] = [];
		while (idle.length < SAMPLES) {
			empty.push((await this.probe({ mode: 'empty', session: OPEN, numbers: [] })) as number);
			idle.push((await this.probe({ mode: 'idle', session: OPEN, numbers: [known] })) as number);
		}
		print('memory of Baileys alone', empty, 'MB');
		const growth = idle.map((megabytes) => megabytes - percentile(empty, 0.5));
		print('memory of an idle session', growth, 'MB', MOST_MEGABYTES);
	}

	/** Links the session, gives it the tokens of these people, and calls the last one. */
	private async link({ number, ...session }: BenchSession, people: string[]): Promise<void> {
		await this.simulator.addPhone({ number });
		const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
		const phone = openPhone({ ...session, logger }, this.environment);
		const step = await phone.link();
		if (step.state !== 'linking' || step.method !== 'qr') {
			throw new Error(`Expected a QR code, not ${step.state}`);
		}
		await this.simulator.scan(number, step.qr);
		await phone.linked();
		for (const person of people) {
			await this.simulator.trust(person, number);
		}
		// Tokens are taken in their order: all are there when this call goes out.
		const last = people.at(-1) ?? '';
		const to = { kind: 'phone', number: last, jid: `${last}@s.whatsapp.net` } as const;
		await phone.fakeCall({ to, ringSeconds: 1 });
		await phone.close();
	}

	private async addPeople(count: number): Promise<string[]> {
		const numbers: string[] = [];
		while (numbers.length < count) {
			this.people += 1;
			const number = String(FIRST_NUMBER + this.people);
			await this.simulator.addPhone({ number, devices: DEVICES });
			numbers.push(number);
		}
		return numbers;
	}

	private async eachAlone(session: BenchSession, numbers: readonly string[]): Promise<Times> {
		const all: Times = { sinceStart: [], sinceAsked: [] };
		for (const number of numbers) {
			const { sinceStart, sinceAsked } = await this.calls(session, [number]);
			all.sinceStart.push(...sinceStart);
			all.sinceAsked.push(...sinceAsked);
		}
		return all;
	}

	/** Calls these numbers from one fresh process. */
	private async calls(session: BenchSession, numbers: readonly string[]): Promise<Times> {
		const startedAt = Number(process.hrtime.bigint()) / 1e6;
		const calls = (await this.probe({ mode: 'calls', session, numbers })) as Placed[];
		const times: Times = { sinceStart: [], sinceAsked: [] };
		for (const { askedAt, callId } of calls) {
			const offeredAt = await this.simulator.offeredAt(callId);
			times.sinceStart.push(offeredAt - startedAt);
			times.sinceAsked.push(offeredAt - askedAt);
		}
		return times;
	}

	private async probe({ mode, numbers, session: { name, passphrase } }: Task): Promise<unknown> {
		const task: Task = { mode, numbers, session: { name, passphrase } };
		const { stdout } = await promisify(execFile)(
			process.execPath,
			['--expose-gc', join(__dirname, 'sessionProbe.js'), JSON.stringify(task)],
			{ env: { ...process.env, ...this.environment } },
		);
		return JSON.parse(stdout);
	}
}

function print(figure: string, values: readonly number[], unit: string, most?: number): void {
	const median = percentile(values, 0.5);
	const high = percentile(values, 0.9);
	const measured = `${median.toFixed(1)} ${unit} (${high.toFixed(1)})`;
	const verdict =
		most === undefined ? '' : `under ${most} ${unit}: ${median < most ? 'ok' : 'over'}`;
	console.log(`  ${figure.padEnd(36)}${measured.padEnd(22)}${verdict}`.trimEnd());
}

function percentile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
}
