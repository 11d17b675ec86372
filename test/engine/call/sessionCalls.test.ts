import { parseAddress, requireCallable } from '../../../common/address';
import { SessionCalls, type PlaceOptions } from '../../../engine/call';
import { PEER } from './support/callEvents';
import { FakeTransport, MemoryStore, NUMBER } from './support/fakeTransport';
import { ManualClock, settle } from './support/manualClock';
import { HANG_UP } from './support/steps';

const request: PlaceOptions = {
	address: requireCallable(parseAddress(NUMBER)),
	ringSeconds: 20,
};

describe('the calls of a session', () => {
	it('are placed in turn, each over the connection that is open by then', async () => {
		const clock = new ManualClock();
		const calls = new SessionCalls({ clock, store: new MemoryStore() });
		const first = new FakeTransport();
		const second = new FakeTransport();
		const reports = [
			calls.place(request, async () => first),
			calls.place({ ...request, pauseMilliseconds: 1_000 }, async () => second),
		];
		await settle();
		expect(second.sent).toEqual([]);
		await clock.advance(20_000);
		expect(await reports[0]).not.toHaveProperty('waitedSeconds');
		await clock.advance(30_000);
		expect(await reports[1]).toMatchObject({ outcome: 'noAnswer', waitedSeconds: 21 });
		expect(second.lines).toEqual([`offer ${PEER}`, ...HANG_UP]);
		// The second one knows the number from the first.
		expect(second.log).not.toContain(`number ${NUMBER}`);
	});

	it('count from the offer on, not from the question whether a number exists', async () => {
		const clock = new ManualClock();
		const calls = new SessionCalls({ clock, store: new MemoryStore() });
		const transport = new FakeTransport();
		const limited = { ...request, callsPerDay: 1, pauseMilliseconds: 0 };
		transport.answer = { exists: false };
		await expect(calls.place(limited, async () => transport)).rejects.toMatchObject({
			code: 'NOT_ON_WHATSAPP',
		});
		const address = requireCallable(parseAddress('5511988888888'));
		transport.answer = { exists: true, jid: '551199999999@s.whatsapp.net' };
		const placed = calls.place({ ...limited, address }, async () => transport);
		await clock.advance(20_000);
		expect(await placed).toMatchObject({ outcome: 'noAnswer' });
		await expect(calls.place(limited, async () => transport)).rejects.toMatchObject({
			code: 'RATE_LIMITED',
		});
	});

	it('stop what an earlier process left ringing before they ring themselves', async () => {
		const clock = new ManualClock();
		const store = new MemoryStore();
		const dying = new FakeTransport();
		void new SessionCalls({ clock, store }).place(request, async () => dying);
		await settle();
		const [offer] = dying.sent;
		// The process is gone: nobody hangs up. Another one starts.
		await clock.advance(5_000);
		const calls = new SessionCalls({ clock, store });
		const transport = new FakeTransport();
		void calls.place(request, async () => transport);
		await settle();
		expect(transport.lines).toEqual([...HANG_UP, `offer ${PEER}`]);
		const ids = [offer, transport.sent[0]].map(
			(node) => JSON.stringify(node?.content).match(/00[0-9A-F]{30}/)?.[0],
		);
		expect(ids[0]).toBe(ids[1]);
	});

	it('stop them once for each connection, and try again after a failure', async () => {
		const clock = new ManualClock();
		const store = new MemoryStore();
		void new SessionCalls({ clock, store }).place(request, async () => new FakeTransport());
		await settle();
		const calls = new SessionCalls({ clock, store });
		const transport = new FakeTransport();
		transport.isOpen = false;
		await calls.stopLeftovers(transport);
		transport.isOpen = true;
		await calls.stopLeftovers(transport);
		await calls.stopLeftovers(transport);
		expect(transport.lines).toEqual(HANG_UP);
	});

	it('are not taken for leftovers while they ring', async () => {
		const calls = new SessionCalls({ clock: new ManualClock(), store: new MemoryStore() });
		const transport = new FakeTransport();
		void calls.place(request, async () => transport);
		await settle();
		const other = new FakeTransport();
		await calls.stopLeftovers(other);
		expect(other.sent).toEqual([]);
	});

	it('pass on that there is no connection', async () => {
		const calls = new SessionCalls({ clock: new ManualClock(), store: new MemoryStore() });
		const refused = calls.place(request, async () => {
			throw new Error('not linked');
		});
		await expect(refused).rejects.toThrow('not linked');
		expect(calls.length).toBe(0);
	});
});
