import { setTimeout as wait } from 'node:timers/promises';
import { ask, type Answer } from '../../bench/serverClient';
import type { ServerProcess } from '../../bench/serverProcess';
import { described, place, type Caller, type Verdict } from './serverFaults';

const REQUESTS_PER_SECOND = 5;
/** Of ten requests: fake calls, audio calls and status reads. */
const MIX = 'FFSFFASFFS';
/** Instances that place the audio calls. */
const AUDIO_INSTANCES = 10;
const SAMPLE_MS = 5_000;
/** Of the samples, what is not counted: the first calls of each instance. */
const WARM_UP = 0.3;
const MOST_GROWTH_MB_PER_MINUTE = 6;
/** For the last calls to end. */
const PATIENCE_MS = 15_000;
const RATE = 16_000;
const RECORDING_SECONDS = 1;

/** Calls of all kinds and status reads at a steady rate, and what memory does meanwhile. */
export async function steadyLoad(
	server: ServerProcess,
	callers: readonly Caller[],
	seconds: number,
	{ say }: Verdict,
): Promise<void> {
	const load = new SteadyLoad(server, callers);
	const warmUpAt = performance.now();
	await load.warmUp();
	const took = ((performance.now() - warmUpAt) / 1_000).toFixed(1);
	say('first call of every instance', `${callers.length} at once, over after ${took} s`);
	await load.run(seconds);
	say('requests', described(load.asked));
	say('answers', described(load.answers));
	say('outcomes', described(load.outcomes), !load.outcomes.has('failed'));
	say('errors', load.errors.slice(0, 3).join('; ') || 'none', load.errors.length === 0);
	for (const [kind, times] of load.times) {
		say(`  time of ${kind}`, `median ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms`);
	}
	const { first, last, slope } = load.growth();
	const memory = `${first.toFixed(1)} MB to ${last.toFixed(1)} MB, slope ${slope.toFixed(2)} MB a minute`;
	// A few samples say nothing.
	const isEnough = load.samples.length >= 8;
	say('memory (RSS after a collection)', memory, !isEnough || slope < MOST_GROWTH_MB_PER_MINUTE);
}

class SteadyLoad {
	readonly asked = new Map<string, number>();
	readonly answers = new Map<number, number>();
	readonly outcomes = new Map<string, number>();
	readonly errors: string[] = [];
	readonly times = new Map<string, number[]>();
	readonly samples: Array<{ minutes: number; megabytes: number }> = [];

	constructor(
		private readonly server: ServerProcess,
		private readonly callers: readonly Caller[],
	) {}

	async warmUp(): Promise<void> {
		await Promise.all(this.callers.map((caller) => this.fakeCall(caller)));
		await Promise.all(this.callers.slice(0, AUDIO_INSTANCES).map((one) => this.audioCall(one)));
		this.asked.clear();
		this.answers.clear();
		this.outcomes.clear();
		this.times.clear();
	}

	async run(seconds: number): Promise<void> {
		const startedAt = performance.now();
		const running = new Set<Promise<void>>();
		const sampling = this.sample(startedAt, seconds);
		for (let count = 0; count < seconds * REQUESTS_PER_SECOND; count += 1) {
			const due = startedAt + (count * 1_000) / REQUESTS_PER_SECOND;
			await wait(Math.max(0, due - performance.now()));
			const request = this.request(count).finally(() => running.delete(request));
			running.add(request);
		}
		const patience = wait(PATIENCE_MS).then(() => 'late' as const);
		if ((await Promise.race([Promise.all(running), patience])) === 'late') {
			this.errors.push(`${running.size} requests are not answered`);
		}
		await sampling;
	}

	/** By least squares, without the warm-up. */
	growth(): { first: number; last: number; slope: number } {
		const counted = this.samples.slice(Math.floor(this.samples.length * WARM_UP));
		const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
		const middle = mean(counted.map(({ minutes }) => minutes));
		const level = mean(counted.map(({ megabytes }) => megabytes));
		let covariance = 0;
		let variance = 0;
		for (const { minutes, megabytes } of counted) {
			covariance += (minutes - middle) * (megabytes - level);
			variance += (minutes - middle) ** 2;
		}
		const first = counted[0]?.megabytes ?? Number.NaN;
		return { first, last: counted.at(-1)?.megabytes ?? Number.NaN, slope: covariance / variance };
	}

	private async request(count: number): Promise<void> {
		const caller = this.caller(count);
		switch (MIX[count % MIX.length]) {
			case 'F':
				return await this.fakeCall(caller);
			case 'A':
				return await this.audioCall(this.caller(Math.floor(count / MIX.length) % AUDIO_INSTANCES));
			default:
				return await this.status(caller);
		}
	}

	private async fakeCall(caller: Caller): Promise<void> {
		await this.timed('fake calls', () => place(this.server, caller, { waits: true }), 'noAnswer');
	}

	private async audioCall({ name, token, answering }: Caller): Promise<void> {
		const body = { number: answering, mediaBase64: RECORDING };
		const path = `/api/call/audio/${name}?wait=true`;
		const call = () => ask(this.server, 'POST', path, token, body);
		await this.timed('audio calls', call, 'answered');
	}

	private async status({ name, token }: Caller): Promise<void> {
		const path = `/api/instance/list?instanceName=${name}`;
		await this.timed('status reads', () => ask(this.server, 'GET', path, token));
	}

	private async timed(
		kind: string,
		request: () => Promise<Answer>,
		expected?: string,
	): Promise<void> {
		increase(this.asked, kind);
		const askedAt = performance.now();
		try {
			const { status, body } = await request();
			const times = this.times.get(kind) ?? [];
			this.times.set(kind, [...times, performance.now() - askedAt]);
			increase(this.answers, status);
			if (typeof body.outcome === 'string') {
				increase(this.outcomes, body.outcome);
			}
			if (status !== 200 || (expected !== undefined && body.outcome !== expected)) {
				this.errors.push(`${kind}: ${status} ${JSON.stringify(body)}`);
			}
		} catch (error) {
			this.errors.push(`${kind}: ${String(error)}`);
		}
	}

	private async sample(startedAt: number, seconds: number): Promise<void> {
		while (performance.now() - startedAt < seconds * 1_000) {
			const megabytes = await this.server.memory();
			this.samples.push({ minutes: (performance.now() - startedAt) / 60_000, megabytes });
			await wait(SAMPLE_MS);
		}
	}

	private caller(count: number): Caller {
		const caller = this.callers[count % this.callers.length];
		if (caller === undefined) {
			throw new Error('Nobody calls');
		}
		return caller;
	}
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
	counts.set(key, (counts.get(key) ?? 0) + 1);
}

function at(times: readonly number[], part: number): string {
	const sorted = [...times].sort((a, b) => a - b);
	return (sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN).toFixed(0);
}

/** A sine, as WAV in base64. */
const RECORDING = ((): string => {
	const samples = RATE * RECORDING_SECONDS;
	const wav = Buffer.alloc(44 + 2 * samples);
	wav.write('RIFF', 0);
	wav.writeUInt32LE(36 + 2 * samples, 4);
	wav.write('WAVEfmt ', 8);
	wav.writeUInt32LE(16, 16);
	wav.writeUInt16LE(1, 20);
	wav.writeUInt16LE(1, 22);
	wav.writeUInt32LE(RATE, 24);
	wav.writeUInt32LE(2 * RATE, 28);
	wav.writeUInt16LE(2, 32);
	wav.writeUInt16LE(16, 34);
	wav.write('data', 36);
	wav.writeUInt32LE(2 * samples, 40);
	for (let index = 0; index < samples; index += 1) {
		const value = Math.sin((2 * Math.PI * 440 * index) / RATE);
		wav.writeInt16LE(Math.round(value * 12_000), 44 + 2 * index);
	}
	return wav.toString('base64');
})();
