import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { ask, linkInstances, untilConnected, type Linked } from './serverClient';
import { load, percentile, type Load, type Request } from './serverLoad';
import { processorMs, ServerProcess } from './serverProcess';
import { SimulatorProcess } from './simulatorProcess';

const CONNECTIONS = 20;
const INSTANCES = 20;
const MEASURE_MS = Number(process.env.BENCH_SECONDS ?? 5) * 1_000;
const WARM_UP_MS = 1_000;
/** Of placing a call on every idle instance at once. */
const ROUNDS = 5;
/** A call of a second, and the end of it. */
const CALL_OVER_MS = 2_000;
/** For what connecting leaves behind. */
const SETTLE_MS = 5_000;
const ACCOUNTS = 5_511_900_000_000;
const CALLEES = 5_521_900_000_000;

/** An instance, and whom it calls. */
type Caller = Linked & { callee: string };

/** A process that is asked. */
interface Target {
	url: string;
	processorMs(): number;
}

/**
 * Prints how many requests the server answers, beside a bare Fastify route of the same machine, how
 * fast it places calls, and how much memory an idle instance takes. Server, bare route and simulator
 * are processes of their own.
 */
export async function measure(): Promise<void> {
	const data = mkdtempSync(join(tmpdir(), 'bench-server-'));
	const simulator = await SimulatorProcess.start();
	try {
		const { environment } = simulator;
		const parameters = ['--pause', '0', '--calls-per-day', '1000000', '--log-level', 'warn'];
		const start = () => ServerProcess.start({ data, environment, parameters });
		const bench = new ServerBench(await start(), simulator, start);
		try {
			await bench.run();
		} finally {
			await bench.stop();
		}
		const faults = await simulator.faults();
		if (faults.length > 0) {
			throw new Error(`The network objected: ${JSON.stringify(faults.slice(0, 3))}`);
		}
	} finally {
		await simulator.stop();
		rmSync(data, { recursive: true });
	}
}

class ServerBench {
	constructor(
		private server: ServerProcess,
		private readonly simulator: SimulatorProcess,
		private readonly start: () => Promise<ServerProcess>,
	) {}

	async stop(): Promise<void> {
		await this.server.stop();
	}

	async run(): Promise<void> {
		const [minute = 0] = loadavg();
		console.log(
			`${CONNECTIONS} connections, ${MEASURE_MS / 1_000} s each; ${INSTANCES} instances; ${cpus().length} cores, load ${minute.toFixed(1)} before`,
		);
		const callers = await this.memory();
		const first = required(callers[0]);
		const callId = await this.aCall(first);
		await this.routes(first, callId);
		await this.idleCalls(callers);
		await this.steadyCalls(callers);
		const [after = 0] = loadavg();
		console.log(`load ${after.toFixed(1)} after`);
	}

	/** The first instance loads the engine: the others are counted. */
	private async memory(): Promise<Caller[]> {
		const numbers = Array.from({ length: INSTANCES + 1 }, (_, index) => ACCOUNTS + index);
		const [first, ...others] = numbers.map(String);
		const empty = await this.server.memory();
		const linked = await linkInstances(this.server, this.simulator, [required(first)]);
		const one = await this.memoryOfFresh();
		linked.push(...(await linkInstances(this.server, this.simulator, others)));
		const all = await this.memoryOfFresh();
		console.log('memory of the server (RSS after a collection)');
		print('without instances', `${empty.toFixed(1)} MB`);
		print('with the first instance connected', `${one.toFixed(1)} MB`);
		print(`with ${others.length} more`, `${all.toFixed(1)} MB`);
		print('per idle instance', `${((all - one) / others.length).toFixed(2)} MB`);
		return await this.withCallees(linked.slice(-INSTANCES));
	}

	/** Of a new process with the same instances: linking leaves memory behind that is none of theirs. */
	private async memoryOfFresh(): Promise<number> {
		await this.server.stop();
		this.server = await this.start();
		await untilConnected(this.server);
		await wait(SETTLE_MS);
		return await this.server.memory();
	}

	/** Everybody calls somebody else, who knows them. */
	private async withCallees(linked: readonly Linked[]): Promise<Caller[]> {
		const callers = linked.map((one, index) => ({ ...one, callee: String(CALLEES + index) }));
		for (const { callee, number } of callers) {
			await this.simulator.addPhone({ number: callee });
			await this.simulator.trust(callee, number);
		}
		return callers;
	}

	private async aCall({ name, token, callee }: Caller): Promise<string> {
		const path = `/api/call/fake/${name}?wait=true`;
		const { status, body } = await ask(this.server, 'POST', path, token, fakeCall(callee));
		if (status !== 200) {
			throw new Error(`The first call was answered with ${status}: ${JSON.stringify(body)}`);
		}
		return String(body.callId);
	}

	private async routes({ name, token, callee }: Caller, callId: string): Promise<void> {
		const { accountToken } = this.server;
		const fake = `/api/call/fake/${name}`;
		const own = { token };
		const all = { token: accountToken };
		console.log('requests per second; latency: median, p99; processor time each');
		const { server } = this;
		const bare = await BareServer.start();
		try {
			const body = fakeCall(callee);
			const list = '/api/instance/list';
			const nobody = { token: 'of nobody' };
			const rounds: Array<[string, Target, Request]> = [
				['bare Fastify, GET', bare, get('/bare')],
				['GET /healthz', server, get('/healthz')],
				['GET list, own instance', server, get(`${list}?instanceName=${name}`, own)],
				[`GET list, all ${INSTANCES + 1} instances`, server, get(list, all)],
				['GET report of a call', server, get(`/api/call/${name}/${callId}`, own)],
				['bare Fastify, GET again', bare, get('/bare')],
				['bare Fastify, POST with a schema', bare, post('/bare', body)],
				['POST fake call, refused: 400', server, post(fake, fakeCall(callee, 61), own)],
				['POST fake call, refused: 401', server, post(fake, body, nobody)],
				['bare Fastify, POST again', bare, post('/bare', body)],
			];
			for (const [figure, target, request] of rounds) {
				await this.route(figure, target, request);
			}
		} finally {
			await bare.stop();
		}
	}

	private async route(figure: string, target: Target, request: Request): Promise<void> {
		const requests = Array.from({ length: CONNECTIONS }, () => request);
		await load(target.url, WARM_UP_MS, requests);
		const before = target.processorMs();
		const measured = await load(target.url, MEASURE_MS, requests);
		const spent = target.processorMs() - before;
		printLoad(figure, measured, spent / measured.latencies.length);
	}

	/** How long it takes until a call is acknowledged when nothing is in its way. */
	private async idleCalls(callers: readonly Caller[]): Promise<void> {
		console.log(`accepted fake calls of 1 s, all ${callers.length} instances idle before`);
		const alone: number[] = [];
		for (const caller of callers) {
			alone.push(await this.place(caller));
		}
		await wait(CALL_OVER_MS);
		print('one after the other', latencies(alone));
		const together: number[] = [];
		for (let round = 0; round < ROUNDS; round += 1) {
			together.push(...(await Promise.all(callers.map((caller) => this.place(caller)))));
			await wait(CALL_OVER_MS);
		}
		print(`all ${callers.length} at once`, latencies(together));
	}

	/** As many as each instance takes: it has one call at a time, the next one waits for its end. */
	private async steadyCalls(callers: readonly Caller[]): Promise<void> {
		const requests = callers.map(({ name, token, callee }) =>
			post(`/api/call/fake/${name}`, fakeCall(callee), { token }),
		);
		const before = this.server.processorMs();
		const measured = await load(this.server.url, 2 * MEASURE_MS, requests);
		await wait(CALL_OVER_MS);
		const spent = this.server.processorMs() - before;
		const count = measured.latencies.length;
		console.log(`accepted fake calls of 1 s without pause, ${callers.length} instances`);
		printLoad('acknowledged', measured, spent / count);
		const perInstance = count / measured.seconds / callers.length;
		print('per instance', `${perInstance.toFixed(2)} a second; a call of 1 s allows 1.00`);
		const busy = spent / 1_000 / (measured.seconds + CALL_OVER_MS / 1_000);
		print('processor of the server', `${(busy * 100).toFixed(0)} % of a core`);
		print(
			'what a whole core would allow',
			`${(1_000 / (spent / count)).toFixed(0)} calls a second`,
		);
	}

	private async place({ name, token, callee }: Caller): Promise<number> {
		const askedAt = performance.now();
		const path = `/api/call/fake/${name}`;
		const { status, body } = await ask(this.server, 'POST', path, token, fakeCall(callee));
		if (status !== 200) {
			throw new Error(`A call was answered with ${status}: ${JSON.stringify(body)}`);
		}
		return performance.now() - askedAt;
	}
}

class BareServer {
	private constructor(
		readonly url: string,
		private readonly child: ChildProcess,
	) {}

	static async start(): Promise<BareServer> {
		const command = join(__dirname, 'serverBare.js');
		const child = spawn(process.execPath, [command], { stdio: ['ignore', 'pipe', 'inherit'] });
		const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
		return new BareServer(`http://127.0.0.1:${port}`, child);
	}

	processorMs(): number {
		return processorMs(this.child.pid);
	}

	async stop(): Promise<void> {
		const gone = once(this.child, 'exit');
		this.child.kill();
		await gone;
	}
}

function get(path: string, headers?: Readonly<Record<string, string>>): Request {
	return { method: 'GET', path, ...(headers !== undefined && { headers }) };
}

function post(path: string, body: object, headers?: Readonly<Record<string, string>>): Request {
	return { method: 'POST', path, body, ...(headers !== undefined && { headers }) };
}

function fakeCall(number: string, duration = 1): object {
	return { number, duration };
}

function printLoad(figure: string, measured: Load, processorEachMs: number): void {
	const { latencies: all, seconds, statuses } = measured;
	const rate = `${(all.length / seconds).toFixed(all.length > 1_000 ? 0 : 1)}/s`;
	const processor = `${processorEachMs.toFixed(3)} ms`;
	const answers = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
	print(figure, `${rate.padEnd(10)}${latencies(all).padEnd(22)}${processor.padEnd(12)}${answers}`);
}

function latencies(all: readonly number[]): string {
	return `${percentile(all, 0.5).toFixed(1)} ms, ${percentile(all, 0.99).toFixed(1)} ms`;
}

function print(figure: string, text: string): void {
	console.log(`  ${figure.padEnd(36)}${text}`.trimEnd());
}

function required<T>(value: T | undefined): T {
	if (value === undefined) {
		throw new Error('Nothing there');
	}
	return value;
}
