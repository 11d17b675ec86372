import { CallQueue, type QueueOptions, type Turn } from '../../../engine/call/callQueue';
import { MemoryStore } from './support/fakeTransport';
import { ManualClock, settle } from './support/manualClock';

const HOUR_MS = 3_600_000;

function newQueue(store = new MemoryStore(), clock = new ManualClock()) {
	const queue = new CallQueue(clock, store);
	const log: string[] = [];
	/** A call that lasts so long. */
	const call =
		(name: string, milliseconds: number, placed = true) =>
		async (turn: Turn): Promise<string> => {
			log.push(`${name} after ${turn.waitedMilliseconds}`);
			if (placed) {
				await turn.placed();
			}
			await clock.sleep(milliseconds);
			return name;
		};
	const run = (name: string, milliseconds: number, options?: QueueOptions): Promise<string> => {
		const result = queue.run(call(name, milliseconds), options);
		result.catch(() => undefined);
		return result;
	};
	return { call, clock, log, queue, run, store };
}

describe('calls of one session', () => {
	it('go one after the other, in order, with a pause of three seconds, and know how long they waited', async () => {
		const { clock, log, queue, run } = newQueue();
		const results = [run('first', 10_000), run('second', 5_000), run('third', 1_000)];
		await settle();
		expect(log).toEqual(['first after 0']);
		expect(queue.length).toBe(3);
		await clock.advance(12_999);
		expect(log).toHaveLength(1);
		await clock.advance(60_000);
		expect(log).toEqual(['first after 0', 'second after 13000', 'third after 21000']);
		expect(await Promise.all(results)).toEqual(['first', 'second', 'third']);
		expect(queue.length).toBe(0);
	});

	it('pause as long as the one that waits asks for', async () => {
		const { clock, log, run } = newQueue();
		void run('first', 1_000);
		void run('second', 1_000, { pauseMilliseconds: 0 });
		void run('third', 1_000, { pauseMilliseconds: 9_000 });
		await clock.advance(60_000);
		expect(log).toEqual(['first after 0', 'second after 1000', 'third after 11000']);
	});

	it('give up waiting when they are told to, and the next one still gets its turn', async () => {
		const { clock, log, run } = newQueue();
		void run('first', 10_000);
		const impatient = run('second', 1_000, { waitAtMostMilliseconds: 4_000 });
		const patient = run('third', 1_000, { waitAtMostMilliseconds: 60_000 });
		await clock.advance(4_000);
		await expect(impatient).rejects.toMatchObject({ code: 'SESSION_BUSY' });
		await clock.advance(20_000);
		expect(log).toEqual(['first after 0', 'third after 13000']);
		expect(await patient).toBe('third');
	});

	it('pause between calls that came much apart no more', async () => {
		const { clock, log, run } = newQueue();
		void run('first', 1_000);
		await clock.advance(60_000);
		void run('second', 1_000);
		await settle();
		expect(log[1]).toBe('second after 0');
	});

	it('one that fails lets the next one go', async () => {
		const { clock, log, queue, run } = newQueue();
		const failing = queue.run(async () => {
			throw new Error('no');
		});
		await expect(failing).rejects.toThrow('no');
		void run('second', 0);
		await clock.advance(0);
		expect(log).toEqual(['second after 0']);
	});

	it('one that was never placed needs no pause and does not count', async () => {
		const { call, clock, queue, run, store } = newQueue();
		void queue.run(call('first', 500, false));
		void run('second', 500);
		await clock.advance(500);
		expect(JSON.parse(store.texts.get('placed-calls') ?? '[]')).toEqual([clock.now()]);
	});

	it('one that is cancelled while it waits leaves at once and holds nobody up', async () => {
		const { clock, log, run } = newQueue();
		const controller = new AbortController();
		const first = run('first', 10_000);
		const second = run('second', 1_000, { signal: controller.signal });
		const third = run('third', 1_000);
		await settle();
		controller.abort();
		await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
		await clock.advance(30_000);
		expect(await Promise.all([first, third])).toEqual(['first', 'third']);
		expect(log).toEqual(['first after 0', 'third after 13000']);
	});

	it('one that is cancelled during the pause is not placed', async () => {
		const { clock, log, run } = newQueue();
		const controller = new AbortController();
		void run('first', 1_000);
		const second = run('second', 1_000, { signal: controller.signal });
		await clock.advance(2_000);
		controller.abort();
		await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
		expect(log).toEqual(['first after 0']);
	});
});

describe('the most calls per day', () => {
	it('hold across processes, refuse before anything happens, and say when the next one is possible', async () => {
		const store = new MemoryStore();
		const clock = new ManualClock();
		const limit = { callsPerDay: 2, pauseMilliseconds: 0 };
		for (const name of ['first', 'second']) {
			const { run } = newQueue(store, clock);
			const result = run(name, 0, limit);
			await clock.advance(HOUR_MS);
			await result;
		}
		const { log, run } = newQueue(store, clock);
		await expect(run('third', 0, limit)).rejects.toMatchObject({
			code: 'RATE_LIMITED',
			message: 'This session has placed 2 calls within 24 hours, and 2 are allowed',
			hint: expect.stringContaining('in 1320 minutes') as string,
		});
		expect(log).toEqual([]);
		await clock.advance(22 * HOUR_MS);
		const third = run('third', 0, limit);
		await clock.advance(0);
		expect(await third).toBe('third');
	});

	it.each(['{', '{}', '["x", null]', '[1e300]'])(
		'a file that holds %s counts as none',
		async (text) => {
			const { clock, run, store } = newQueue();
			store.texts.set('placed-calls', text);
			const result = run('first', 0, { callsPerDay: 1 });
			await clock.advance(0);
			expect(await result).toBe('first');
		},
	);
});
