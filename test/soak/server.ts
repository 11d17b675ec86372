import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ask, linkInstances, untilConnected } from '../../bench/serverClient';
import { ServerProcess } from '../../bench/serverProcess';
import { SimulatorProcess } from '../../bench/simulatorProcess';
import {
	badBodies,
	callWorks,
	cutOff,
	diskFull,
	mountSmall,
	place,
	slowClients,
	unmount,
	wrongTokens,
	type Caller,
	type Verdict,
} from './serverFaults';
import { steadyLoad } from './serverLoad';

const INSTANCES = 50;
const LISTENERS = 1_000;
const DEFAULT_SECONDS = 120;
/** The phone gives up by itself after 45 s: only what ends before is the server's doing. */
const LONG_CALL_SECONDS = 60;
const MOST_RINGING_MS = 60_000;
const RING_MS = 10_000;
const LOOK_MS = 200;
const SETTLE_MS = 3_000;
const MOST_LEFT_OPEN = 20;
const LIST = '/api/instance/list';
const PARAMETERS = ['--pause', '0', '--calls-per-day', '1000000', '--body-limit', '1'];
const ACCOUNTS = 5_511_900_000_000;
const IGNORING = 5_521_900_000_000;
const ANSWERING = 5_531_900_000_000;

/** What the simulator tells of a call. */
interface CallSeen {
	callId: string;
	state: string;
	endedBy?: string;
}

/** Runs the server for long, then lets go wrong what can; SOAK: seconds of steady load. */
async function main(): Promise<void> {
	const seconds = Number(process.env.SOAK ?? DEFAULT_SECONDS);
	const folder = mkdtempSync(join(tmpdir(), 'soak-server-'));
	const data = join(folder, 'data');
	const isSmall = mountSmall(data);
	const faults: string[] = [];
	const say = (figure: string, text: string, isGood = true): void => {
		console.log(`  ${isGood ? ' ' : '!'} ${figure.padEnd(34)}${text}`);
		if (!isGood) {
			faults.push(figure);
		}
	};
	try {
		const simulator = await SimulatorProcess.start();
		try {
			const soak = new ServerSoak(simulator, data, { say });
			await soak.run(seconds, isSmall);
		} finally {
			await simulator.stop();
		}
	} finally {
		if (isSmall) {
			unmount(data);
		}
		rmSync(folder, { recursive: true });
	}
	console.log(faults.length === 0 ? 'all as it should be' : `not good: ${faults.join(', ')}`);
	process.exitCode = faults.length === 0 ? 0 : 1;
}

class ServerSoak {
	private listeners: WebSocket[] = [];
	private events = 0;

	constructor(
		private readonly simulator: SimulatorProcess,
		private readonly data: string,
		private readonly verdict: Verdict,
	) {}

	async run(seconds: number, isSmall: boolean): Promise<void> {
		const [minute = 0] = loadavg();
		console.log(`${cpus().length} cores, load ${minute.toFixed(1)} before`);
		const { environment } = this.simulator;
		let server = await this.start();
		try {
			const callers = await this.link(server);
			await this.listen(server, callers);
			console.log(`steady load of ${seconds} s`);
			// As many connections as the load has: the client keeps them.
			await Promise.all(callers.map((one) => ask(server, 'GET', LIST, one.token)));
			const open = server.descriptors();
			await steadyLoad(server, callers, seconds, this.verdict);
			await this.settled(server, open);
			const [one, other] = callers as [Caller, Caller];
			console.log('faults');
			await wrongTokens(server, [one, other], this.verdict);
			await badBodies(server, one, this.verdict);
			await slowClients(server, one, this.verdict);
			console.log('WhatsApp is cut off');
			await cutOff(server, one, environment.WHATSAPP_SIMULATOR_URL ?? '', this.verdict);
			this.stillListening();
			console.log('the disk is full');
			if (isSmall) {
				await diskFull(server, one, this.data, this.verdict);
			} else {
				this.verdict.say('skipped', 'this user may not mount a small file system');
			}
			console.log('the server is killed in mid-call');
			server = await this.killed(server, other);
		} finally {
			this.listeners.forEach((listener) => listener.terminate());
			await server.stop();
		}
		const complaints = server.complaints.join('').slice(0, 500);
		this.verdict.say('stderr of the server', complaints || 'nothing', complaints === '');
		const [after = 0] = loadavg();
		console.log(`load ${after.toFixed(1)} after`);
	}

	private async start(accountToken?: string): Promise<ServerProcess> {
		return await ServerProcess.start({
			data: this.data,
			environment: this.simulator.environment,
			parameters: PARAMETERS,
			...(accountToken !== undefined && { accountToken }),
		});
	}

	private async link(server: ServerProcess): Promise<Caller[]> {
		const startedAt = performance.now();
		const numbers = Array.from({ length: INSTANCES }, (_, index) => String(ACCOUNTS + index));
		const linked = await linkInstances(server, this.simulator, numbers);
		const took = ((performance.now() - startedAt) / 1_000).toFixed(1);
		console.log(`${linked.length} instances linked in ${took} s`);
		const callers = linked.map((one, index) => ({
			...one,
			ignoring: String(IGNORING + index),
			answering: String(ANSWERING + index),
		}));
		for (const { answering, ignoring, number } of callers) {
			await this.simulator.addPhone({ number: ignoring });
			await this.simulator.addPhone({
				number: answering,
				script: { onCall: 'answer', afterSeconds: 1 },
			});
			await this.simulator.trust(ignoring, number);
			await this.simulator.trust(answering, number);
		}
		return callers;
	}

	private async listen(server: ServerProcess, callers: readonly Caller[]): Promise<void> {
		await wait(SETTLE_MS);
		const before = await server.memory();
		const configuration = { enabled: true, events: [] };
		for (const { name, token } of callers) {
			const path = `/api/events/websocket/${name}`;
			await ask(server, 'POST', path, token, configuration);
		}
		const url = server.url.replace('http', 'ws');
		const each = Array.from({ length: LISTENERS / callers.length });
		for (const { name, token } of callers) {
			const opening = each.map(async () => {
				const listener = new WebSocket(`${url}/ws/${name}`, { headers: { token } });
				listener.on('message', () => (this.events += 1));
				await new Promise((resolve, reject) =>
					listener.once('open', resolve).once('error', reject),
				);
				listener.on('error', () => undefined);
				this.listeners.push(listener);
			});
			await Promise.all(opening);
		}
		const after = await server.memory();
		const memory = `RSS ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB with them`;
		console.log(`${this.listeners.length} listeners: ${memory}`);
	}

	private stillListening(): void {
		const open = this.listeners.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
		const text = `${open} of ${LISTENERS} open, ${this.events} events`;
		this.verdict.say('listeners', text, open === LISTENERS);
	}

	/** Nothing is left behind, and WhatsApp has nothing to object to. */
	private async settled(server: ServerProcess, before: number): Promise<void> {
		await wait(SETTLE_MS);
		this.stillListening();
		const open = server.descriptors();
		const text = `${before} before, ${open} after`;
		this.verdict.say('open files', text, open - before < MOST_LEFT_OPEN);
		const faults = await this.simulator.faults();
		const said = JSON.stringify(faults.slice(0, 2)).slice(0, 300);
		this.verdict.say('the network objected to', said, faults.length === 0);
	}

	private async killed(server: ServerProcess, caller: Caller): Promise<ServerProcess> {
		const { say } = this.verdict;
		const { body } = await place(server, caller, { duration: LONG_CALL_SECONDS });
		const callId = String(body.callId);
		const isRinging = await this.becomes(caller, callId, 'ringing', RING_MS);
		say('phone', isRinging ? 'rings' : 'does not ring', isRinging);
		await server.kill();
		const again = await this.start(server.accountToken);
		const ready = performance.now() - again.startedAt;
		say('ready again', `after ${(ready / 1_000).toFixed(1)} s`);
		const isOver = await this.becomes(caller, callId, 'ended', MOST_RINGING_MS);
		const over = ((performance.now() - again.startedAt) / 1_000).toFixed(1);
		const endedBy = (await this.seen(caller, callId))?.endedBy;
		const text = isOver ? `stops ringing after ${over} s, ended by ${endedBy}` : 'still rings';
		say('phone', text, isOver && endedBy === 'caller');
		await untilConnected(again);
		const took = ((performance.now() - again.startedAt) / 1_000).toFixed(1);
		say('all connected again', `after ${took} s`);
		await callWorks(again, caller, say);
		return again;
	}

	private async becomes(
		caller: Caller,
		callId: string,
		state: string,
		withinMs: number,
	): Promise<boolean> {
		const deadline = performance.now() + withinMs;
		while (performance.now() < deadline) {
			if ((await this.seen(caller, callId))?.state === state) {
				return true;
			}
			await wait(LOOK_MS);
		}
		return false;
	}

	private async seen({ ignoring }: Caller, callId: string): Promise<CallSeen | undefined> {
		const url = this.simulator.environment.WHATSAPP_SIMULATOR_URL;
		const response = await fetch(`${url}/phones/${ignoring}`);
		const { seen } = (await response.json()) as { seen: { calls: CallSeen[] } };
		return seen.calls.find((call) => call.callId === callId);
	}
}

void main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
