import type { IDataObject } from 'n8n-workflow';
import { callUpdate, startContractServer, type ContractServer } from '../../support/contractServer';
import { FakeClock } from '../../support/fakeClock';
import { audio, fake, thrown } from './support';

const URL_SOURCE = { audioSource: 'url', audioUrl: 'https://example.com/a.mp3' };
const WAIT = { options: { waitForOutcome: true, waitAtMostSeconds: 5 } };

/** A clock whose waits never end by themselves: only events, the channel or a cancellation end them. */
class PatientClock extends FakeClock {
	override async sleep(_milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted !== true) {
			await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
		}
	}

	/** Every look at the clock is a second later. */
	override now(): number {
		this.looks += 1;
		return super.now() + this.looks * 1000;
	}

	private looks = 0;
}

describe('Wait for Outcome', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => {
		expect(server.openWebSockets).toBeLessThanOrEqual(1);
		server.reset();
	});
	afterAll(async () => await server.close());

	/** The call, with these events behind it. */
	async function call(...data: IDataObject[]): Promise<IDataObject> {
		server.eventsOfNextCall((callId) =>
			data.map((fields, index) => ({
				afterMs: index + 1,
				frame: callUpdate('main', { callId, ...fields }),
			})),
		);
		const { items, error, stored } = await fake(server, WAIT, { clock: new PatientClock() });
		expect(error).toBeUndefined();
		expect(stored).not.toContain('instance-token');
		return items[0]?.json ?? {};
	}

	test('answered: the times are those of the events', async () => {
		const json = await call(
			{ type: 'offer' },
			{ type: 'ringing' },
			{ type: 'accepted' },
			{ type: 'terminated' },
		);
		expect(json).toMatchObject({
			success: true,
			message: 'Call placed successfully',
			duration: 8,
			outcome: 'answered',
			rang: true,
			connection: 'ryzeApi',
		});
		expect(json.ringSeconds).toBeGreaterThan(0);
		expect(json.talkSeconds).toBeGreaterThan(0);
		expect(Date.parse(String(json.answeredAt))).toBeLessThan(Date.parse(String(json.endedAt)));
	});

	test('declined', async () => {
		const json = await call({ type: 'offer' }, { type: 'rejected' });
		expect(json).toMatchObject({ outcome: 'declined', endedBy: 'recipient' });
		expect(json).not.toHaveProperty('rang');
	});

	test('nobody answered', async () => {
		const json = await call({ type: 'offer' }, { type: 'terminated', reason: 'timeout' });
		expect(json).toMatchObject({ outcome: 'noAnswer' });
		expect(json).not.toHaveProperty('rang');
		expect(json).not.toHaveProperty('talkSeconds');
	});

	test('an audio call waits too', async () => {
		server.eventsOfNextCall((id) => [
			{ afterMs: 1, frame: callUpdate('main', { call: { id, status: 'accepted' } }) },
			{ afterMs: 2, frame: callUpdate('main', { call: { id, status: 'terminated' } }) },
		]);
		const { items } = await audio(
			server,
			{ ...URL_SOURCE, ...WAIT },
			{ clock: new PatientClock() },
		);
		expect(items[0]?.json.outcome).toBe('answered');
	});

	test('events that come before the answer to the request are not lost', async () => {
		server.eventsOfNextCall((callId) => [
			{ afterMs: -1, frame: callUpdate('main', { callId, type: 'offer' }) },
			{ afterMs: -1, frame: callUpdate('main', { callId, type: 'rejected' }) },
		]);
		const { items } = await fake(server, WAIT, { clock: new PatientClock() });
		expect(items[0]?.json.outcome).toBe('declined');
	});

	test('events of other calls, of unknown shapes and no JSON at all are not taken for ours', async () => {
		server.eventsOfNextCall((callId) => [
			{ afterMs: 1, frame: callUpdate('main', { callId: 'OTHER', type: 'accepted' }) },
			{ afterMs: 2, frame: 'call.update {' },
			{ afterMs: 3, frame: callUpdate('main', { callId, kind: 'accepted' }) },
			{ afterMs: 4, frame: { event: 'message.status', data: { id: callId, status: 'accepted' } } },
			{ afterMs: 5, frame: callUpdate('main', { callId, type: 'offer', status: 'accepted' }) },
			{ afterMs: 6, frame: callUpdate('main', { callId, type: 'terminated' }) },
		]);
		const { items } = await fake(server, WAIT, { clock: new PatientClock() });
		expect(items[0]?.json.outcome).toBe('noAnswer');
	});

	test('after Wait At Most the item tells what is known: placed', async () => {
		const clock = new FakeClock();
		const { items } = await fake(server, WAIT, { clock });
		expect(items[0]?.json.outcome).toBe('placed');
		expect(clock.slept).toEqual([5000]);
	});

	test('a call that still goes on after Wait At Most is answered, without an end', async () => {
		server.eventsOfNextCall((callId) => [
			{ afterMs: -1, frame: callUpdate('main', { callId, type: 'accepted' }) },
		]);
		const { items } = await fake(server, WAIT, { clock: new FakeClock() });
		expect(items[0]?.json).toMatchObject({ outcome: 'answered', answeredAt: expect.any(String) });
		expect(items[0]?.json).not.toHaveProperty('endedAt');
	});

	test('a channel that breaks leaves the call placed, and a hint says why', async () => {
		server.eventsOfNextCall(() => {
			setTimeout(() => server.dropWebSockets(), 20);
			return [];
		});
		const { items, hints } = await fake(server, WAIT, { clock: new PatientClock() });
		expect(items[0]?.json.outcome).toBe('placed');
		expect(hints[0]?.message).toContain('channel of the server broke');
	});

	test('a call without an id is placed, and a hint says why', async () => {
		server.failNext(
			{ kind: 'answer', status: 200, body: { success: true, message: 'ok' } },
			{ path: '/api/call/' },
		);
		const { items, hints } = await fake(server, WAIT, { clock: new PatientClock() });
		expect(items[0]?.json).toMatchObject({ outcome: 'placed', message: 'ok' });
		expect(hints[0]?.message).toContain('did not tell the id');
	});

	test('cancelling while it waits keeps the report of the placed call', async () => {
		let cancel = () => {};
		const run = fake(server, WAIT, {
			clock: new PatientClock(),
			onStart: (cancelExecution) => (cancel = cancelExecution),
		});
		while (server.calls.length === 0) {
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
		cancel();
		expect((await run).error).toBeUndefined();
	});

	describe('the event channel', () => {
		test('is switched on when it never was, listened to before the call, with the token in a header', async () => {
			await call({ type: 'rejected' });
			expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
				'GET /healthz',
				'GET /api/events/getWebsocket/main',
				'POST /api/events/websocket/main',
				...server.requests.slice(3).map(({ method, path }) => `${method} ${path}`),
			]);
			expect(server.requests[2]?.body).toEqual({ enabled: true, events: ['call.update'] });
			expect(server.webSocketUpgrades[0]?.headers.token).toBe('instance-token');
			expect(server.webSocketUpgrades[0]?.query).toEqual({});
		});

		test('is left alone when it carries call events already', async () => {
			server.configureWebSocket('main', {
				enabled: true,
				events: ['call.update', 'message.status'],
			});
			expect(await call({ type: 'rejected' })).toMatchObject({ outcome: 'declined' });
			expect(
				server.requests.filter(({ path }) => path.startsWith('/api/events/websocket')),
			).toEqual([]);
		});

		test('keeps what its owner listens to when call events are added', async () => {
			server.configureWebSocket('main', {
				enabled: true,
				events: ['message.status'],
				mediaBase64: true,
			});
			expect(await call({ type: 'rejected' })).toMatchObject({ outcome: 'declined' });
			expect(server.webSocketConfig('main')).toEqual({
				enabled: true,
				events: ['message.status', 'call.update'],
				mediaBase64: true,
			});
		});

		test('that cannot be opened fails before any phone rings', async () => {
			server.failNext(
				{ kind: 'answer', status: 500, body: { success: false, error: { message: 'no' } } },
				{ path: '/api/events/websocket' },
			);
			expect(thrown(await fake(server, WAIT)).code).toBe('SERVER_ERROR');
			expect(server.calls).toHaveLength(0);
		});

		test('that refuses its upgrade fails before any phone rings, and the hint says what to do', async () => {
			// The server believes that it is on while it was switched off in between.
			server.configureWebSocket('main', undefined);
			server.failNext(
				{ kind: 'answer', status: 200, body: { success: true, websocket: { enabled: true } } },
				{ path: '/api/events/getWebsocket' },
			);
			const error = thrown(await fake(server, WAIT));
			expect(error.code).toBe('NETWORK_UNREACHABLE');
			expect(error.message).toContain('it answered 400');
			expect(error.message).toContain('no call was placed');
			expect(error.hint).toContain('Wait for Outcome');
			expect(server.calls).toHaveLength(0);
		});

		test('a call that is refused closes the channel', async () => {
			server.failNext(
				{ kind: 'answer', status: 500, body: { success: false, error: { message: 'no' } } },
				{ path: '/api/call' },
			);
			expect(thrown(await fake(server, WAIT)).code).toBe('SERVER_ERROR');
			await new Promise((resolve) => setTimeout(resolve, 50));
			expect(server.openWebSockets).toBe(0);
		});
	});
});
