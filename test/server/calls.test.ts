import type { CallReport } from '../../common/report';
import { eventually } from '../simulator/support/client';
import { everything, refused } from '../support/contractServer/testClient';
import { eventsOf, House, INSTANCE_TOKEN } from './support/house';

const CALL_ID: unknown = expect.stringMatching(/^[0-9A-F]{20,32}$/);
const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);

/** Fake calls through the server, to simulated phones. */
describe('a call through the server', () => {
	let house: House;

	beforeAll(async () => {
		house = await House.start({ waitInLineMilliseconds: 5_000 });
		await house.linked();
	});
	afterEach(async () => house.home.check());
	afterAll(async () => house.close());

	async function reportOf(callId: unknown): Promise<Record<string, unknown>> {
		const { body } = await house.send(`/api/call/main/${String(callId)}`);
		return body as Record<string, unknown>;
	}

	it('is answered as soon as WhatsApp has acknowledged it, and its report grows', async () => {
		const person = house.home.person();
		const { status, body } = await house.fake(person, { duration: 8 });
		expect(status).toBe(200);
		expect(body).toEqual({
			success: true,
			message: 'Call placed successfully',
			callId: CALL_ID,
			number: person.id,
			duration: 8,
		});
		const { callId } = body as { callId: string };
		expect(await reportOf(callId)).toMatchObject({
			success: true,
			callId,
			number: person.id,
			duration: 8,
			outcome: 'placed',
			kind: 'fake',
			placedAt: TIME,
		});
		await eventually(async () => (await reportOf(callId)).state === 'ringing');
		expect(await reportOf(callId)).toMatchObject({
			outcome: 'placed',
			rang: true,
			ringingAt: TIME,
		});
		await eventually(async () => (await reportOf(callId)).state === 'ended');
		expect(await reportOf(callId)).toMatchObject({
			outcome: 'noAnswer',
			rang: true,
			endedBy: 'us',
			endedAt: TIME,
		});
	});

	it('with ?wait=true is answered when it has ended, with the whole report', async () => {
		const person = house.home.person({ onCall: 'answer', afterSeconds: 2 });
		const { status, body } = await house.fake(person, { duration: 60 }, '?wait=true');
		expect(status).toBe(200);
		const report: Partial<CallReport> = {
			success: true,
			number: person.id,
			duration: 60,
			outcome: 'answered',
			rang: true,
			talkSeconds: 0,
			endedBy: 'us',
		};
		expect(body).toMatchObject({ ...report, callId: CALL_ID, state: 'ended', answeredAt: TIME });
		expect(await reportOf((body as CallReport).callId)).toEqual(body);
	});

	it('with ?waitAtMost is answered earlier, with what is known by then', async () => {
		const person = house.home.person();
		const { body } = await house.fake(person, { duration: 10 }, '?wait=true&waitAtMost=2');
		expect(body).toMatchObject({ outcome: 'placed', rang: true, state: 'ringing' });
		expect(body).not.toHaveProperty('endedAt');
		const { callId } = body as CallReport;
		await eventually(async () => (await reportOf(callId)).state === 'ended');
	});

	it.each(['0', '3601', '1.5', 'soon', '-1'])('refuses ?waitAtMost=%s', async (seconds) => {
		expect(
			await house.fake(house.home.person(), {}, `?wait=true&waitAtMost=${seconds}`),
		).toMatchObject(refused(400, 'waitAtMost must be a whole number from 1 to 3600'));
	});

	it.each([
		['answer', ['offer', 'ringing', 'accepted', 'terminated'], 'answered'],
		['decline', ['offer', 'ringing', 'rejected', 'terminated'], 'declined'],
		['ignore', ['offer', 'ringing', 'terminated'], 'noAnswer'],
	] as const)('tells its listeners what happens: %s', async (onCall, types, outcome) => {
		const listener = await house.listen();
		const person = house.home.person({ onCall, afterSeconds: 1 });
		const { body } = await house.fake(
			person,
			{ duration: onCall === 'ignore' ? 2 : 60 },
			'?wait=true',
		);
		const { callId } = body as { callId: string };
		await everything(listener);
		const events = eventsOf(listener).filter(({ event }) => event === 'call.update');
		expect(events.map(({ data }) => data.type)).toEqual(types);
		for (const { data, instanceData } of events) {
			expect(data).toMatchObject({ callId, number: person.id, fromMe: true, placedAt: TIME });
			expect(instanceData).toEqual({
				baseUrl: house.server.url,
				instance: 'main',
				token: INSTANCE_TOKEN,
			});
		}
		expect(events.at(-1)?.data).toMatchObject({ outcome, endedAt: TIME, rang: true });
		listener.webSocket.terminate();
	});

	it('waits in line for the one before it, and gives up after a while', async () => {
		const [first, second, third] = [house.home.person(), house.home.person(), house.home.person()];
		const long = await house.fake(first, { duration: 40 });
		expect(long.status).toBe(200);
		expect(await house.fake(second)).toMatchObject({
			status: 500,
			body: {
				success: false,
				error: { message: 'Instance is in another call', code: 'SESSION_BUSY' },
			},
		});
		const { callId } = long.body as { callId: string };
		await eventually(async () => (await reportOf(callId)).state === 'ended');
		expect((await house.fake(third)).status).toBe(200);
		expect(second.seen.calls).toEqual([]);
	});

	it('to nobody is refused with the reason, and with our code', async () => {
		const nobody = house.home.person({}, { onWhatsApp: false });
		expect(await house.fake(nobody)).toMatchObject({
			status: 500,
			body: { success: false, error: { code: 'NOT_ON_WHATSAPP' } },
		});
	});

	it('that nobody waits for any more is not placed', async () => {
		const [first, second] = [house.home.person(), house.home.person()];
		const { callId } = (await house.fake(first, { duration: 10 })).body as { callId: string };
		const leaving = new AbortController();
		const left = fetch(`${house.server.url}/api/call/fake/main`, {
			method: 'POST',
			headers: { token: INSTANCE_TOKEN, 'content-type': 'application/json' },
			body: JSON.stringify({ number: second.id }),
			signal: leaving.signal,
		});
		setTimeout(() => leaving.abort(), 100);
		await expect(left).rejects.toThrow('aborted');
		await eventually(async () => (await reportOf(callId)).state === 'ended');
		expect((await house.fake(first)).status).toBe(200);
		expect(second.seen.calls).toEqual([]);
	});

	it('is known to its instance only', async () => {
		const { callId } = (await house.fake(house.home.person())).body as { callId: string };
		await house.create('stranger', 'stranger-token');
		const strange = { token: 'stranger-token' };
		expect((await house.send(`/api/call/main/${callId}`, strange)).status).toBe(404);
		expect(await house.send(`/api/call/stranger/${callId}`, strange)).toMatchObject({
			status: 404,
			body: { error: { message: 'call not found' } },
		});
		expect(await house.send(`/api/call/main/${callId}/recording`)).toMatchObject({
			status: 404,
			body: { error: { message: 'recording not found' } },
		});
	});

	it('is counted', async () => {
		const { body } = await house.send('/metrics', { token: null });
		const metrics = String(body);
		expect(metrics).toMatch(/whatsapp_call_calls_total\{kind="fake",outcome="answered"\} [1-9]/);
		expect(metrics).toMatch(/whatsapp_call_call_errors_total\{kind="fake",code="SESSION_BUSY"\} 1/);
		expect(metrics).toMatch(/whatsapp_call_ring_seconds_count\{kind="fake"\} [1-9]/);
		expect(metrics).toMatch(/whatsapp_call_sessions\{state="connected"\} 1/);
		expect(metrics).toMatch(/whatsapp_call_event_loop_delay_seconds\{quantile="0.99"\} \d/);
	});
});
