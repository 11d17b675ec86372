import { callUpdate, startContractServer, type ContractServer } from './index';
import { eventually, everything, listen, send } from './testClient';

const NUMBER = '5511999999999';

let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer({
		instances: [
			{ name: 'main', token: 'instance-token' },
			{ name: 'other', token: 'other-token' },
		],
	});
});

afterEach(() => server.reset());

afterAll(() => server.close());

describe('an event', () => {
	it('is sent as JSON text to all listeners of its instance', async () => {
		server.configureWebSocket('main', { enabled: true });
		server.configureWebSocket('other', { enabled: true });
		const listeners = [await listen(server), await listen(server)];
		const stranger = await listen(server, '/ws/other', { token: 'other-token' });
		const frame = callUpdate('main', { callId: 'A', status: 'accepted' });
		server.sendEvent('main', frame);

		await eventually(() => listeners.every(({ frames }) => frames.length === 1));
		expect(listeners.map(({ frames }) => JSON.parse(frames[0] ?? '') as unknown)).toEqual([
			frame,
			frame,
		]);
		expect(await everything(stranger)).toEqual([]);
	});

	it('of a call looks as documented, with the secret token', () => {
		expect(callUpdate('main', { callId: 'A' })).toEqual({
			event: 'call.update',
			data: { callId: 'A' },
			instanceData: {
				baseUrl: expect.any(String) as unknown,
				instance: 'main',
				token: 'instance-token',
			},
		});
	});

	it('goes out as it is when it is a string', async () => {
		server.configureWebSocket('main', { enabled: true, events: ['call.update'] });
		const listener = await listen(server);
		server.sendEvent('main', 'not { json');

		expect(await everything(listener)).toEqual(['not { json']);
	});

	it.each([
		[undefined, ['call.update', 'message.status']],
		[[], ['call.update', 'message.status']],
		[['call.update'], ['call.update']],
		[['instance.state'], []],
	])('passes a channel with the types %j as %j', async (events, passed) => {
		server.configureWebSocket('main', { enabled: true, ...(events && { events }) });
		const listener = await listen(server);
		server.sendEvent('main', { event: 'call.update' });
		server.sendEvent('main', JSON.stringify({ event: 'message.status' }));

		expect(await everything(listener)).toEqual(passed.map((event) => JSON.stringify({ event })));
	});
});

describe('the events of a call', () => {
	const call = () => send(server, '/api/call/fake/main', { body: { number: NUMBER } });

	it('do not come by themselves', async () => {
		server.configureWebSocket('main', { enabled: true });
		const listener = await listen(server);
		await call();

		expect(await everything(listener)).toEqual([]);
	});

	it('come in their time, with the id of the call', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { frames } = await listen(server);
		server.eventsOfNextCall((callId) => [
			{ afterMs: 60, frame: { callId, at: 60 } },
			{ afterMs: 30, frame: { callId, at: 30 } },
		]);
		const startedAt = performance.now();
		await call();

		expect(frames).toEqual([]);
		await eventually(() => frames.length === 2);
		expect(performance.now() - startedAt).toBeGreaterThan(55);
		const callId = server.calls[0]?.callId;
		expect(frames.map((frame) => JSON.parse(frame) as unknown)).toEqual([
			{ callId, at: 30 },
			{ callId, at: 60 },
		]);
	});

	it('can be with the listener before HTTP answers', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { frames } = await listen(server);
		server.eventsOfNextCall(() => [
			{ afterMs: -1, frame: 'first' },
			{ afterMs: -1, frame: 'second' },
		]);
		await call();

		expect(frames).toEqual(['first', 'second']);
	});

	it('hold up the answer until the listener has read them', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { webSocket, frames } = await listen(server);
		server.eventsOfNextCall(() => [{ afterMs: -1, frame: 'first' }]);
		let answered = false;
		webSocket.pause();
		const answer = call().then(() => (answered = true));
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect([answered, frames]).toEqual([false, []]);
		webSocket.resume();
		await answer;

		expect(frames).toEqual(['first']);
	});

	it('do not hold up the answer when nobody listens', async () => {
		server.eventsOfNextCall(() => [{ afterMs: -1, frame: 'first' }]);

		expect((await call()).status).toBe(200);
	});

	it('belong to one executed call, in the order they were given', async () => {
		server.configureWebSocket('main', { enabled: true });
		const { frames } = await listen(server);
		server.eventsOfNextCall(() => [{ afterMs: -1, frame: 'of the first' }]);
		server.eventsOfNextCall(() => [{ afterMs: -1, frame: 'of the second' }]);
		await send(server, '/api/call/fake/main', { body: {} });
		expect(frames).toEqual([]);
		await call();
		expect(frames).toEqual(['of the first']);
		await call();
		await call();
		expect(frames).toEqual(['of the first', 'of the second']);
	});

	it('are forgotten by reset', async () => {
		server.configureWebSocket('main', { enabled: true });
		server.eventsOfNextCall(() => [{ afterMs: 20, frame: 'late' }]);
		server.eventsOfNextCall(() => [{ afterMs: -1, frame: 'queued' }]);
		await call();
		server.reset();
		server.configureWebSocket('main', { enabled: true });
		const { frames } = await listen(server);
		await call();
		await new Promise((resolve) => setTimeout(resolve, 40));

		expect(frames).toEqual([]);
	});
});
