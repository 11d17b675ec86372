import { CallJournal, hangUpUnfinished } from '../../../engine/call/journal';
import { CREATOR, DESKTOP, PEER, preparedOffer, TABLET } from './support/callEvents';
import { FakeTransport, MemoryStore } from './support/fakeTransport';
import { ManualClock } from './support/manualClock';

function newJournal() {
	const clock = new ManualClock();
	const store = new MemoryStore();
	return { clock, store, journal: new CallJournal(store), transport: new FakeTransport() };
}

describe('a call that rang when the process died', () => {
	it('is told to stop by the next connection, everywhere, once', async () => {
		const { clock, journal, store, transport } = newJournal();
		await journal.add(preparedOffer(), clock.now());
		await clock.advance(59_000);
		// Another process reads what this one wrote.
		expect(await hangUpUnfinished(new CallJournal(store), transport, clock)).toBe(1);
		expect(transport.lines).toEqual([
			`terminate ${PEER}`,
			`terminate ${TABLET}`,
			`terminate ${DESKTOP}`,
		]);
		expect(transport.sent[0]).toMatchObject({
			content: [
				{ attrs: { 'call-id': '00112233445566778899AABBCCDDEEFF', 'call-creator': CREATOR } },
			],
		});
		expect(await hangUpUnfinished(journal, transport, clock)).toBe(0);
	});

	it('is forgotten after a minute: nothing rings so long', async () => {
		const { clock, journal, transport } = newJournal();
		await journal.add(preparedOffer(), clock.now());
		await clock.advance(60_000);
		expect(await hangUpUnfinished(journal, transport, clock)).toBe(0);
		expect(transport.sent).toEqual([]);
		expect(await journal.unfinished()).toEqual([]);
	});

	it('stays in the journal when the next connection breaks as well', async () => {
		const { clock, journal, transport } = newJournal();
		await journal.add(preparedOffer(), clock.now());
		transport.isOpen = false;
		await expect(hangUpUnfinished(journal, transport, clock)).rejects.toThrow();
		expect(await journal.unfinished()).toHaveLength(1);
	});

	it('is remembered without its key', async () => {
		const { journal, store } = newJournal();
		await journal.add(preparedOffer(), 1);
		expect(JSON.parse(store.texts.get('ringing-calls') ?? '')).toEqual([
			{
				callId: '00112233445566778899AABBCCDDEEFF',
				creator: CREATOR,
				peer: PEER,
				devices: [PEER, TABLET, DESKTOP],
				placedAt: 1,
			},
		]);
	});
});

describe('the journal', () => {
	it('loses nothing when it is written twice at once', async () => {
		const { journal } = newJournal();
		await Promise.all([
			journal.add(preparedOffer({ callId: '00A' }), 1),
			journal.add(preparedOffer({ callId: '00B' }), 2),
			journal.remove('00A'),
		]);
		expect((await journal.unfinished()).map(({ callId }) => callId)).toEqual(['00B']);
	});

	it.each(['', 'null', '[{"callId": "00A"}, 3, null]', '{"a": 1}'])(
		'with "%s" in it is empty',
		async (text) => {
			const { journal, store } = newJournal();
			store.texts.set('ringing-calls', text);
			expect(await journal.unfinished()).toEqual([]);
		},
	);

	it('does not grow for ever', async () => {
		const { journal } = newJournal();
		for (let call = 0; call < 15; call += 1) {
			await journal.add(preparedOffer({ callId: `00${call}` }), call);
		}
		expect(await journal.unfinished()).toHaveLength(10);
	});

	it('tells when it cannot be written, and can be written again', async () => {
		const { journal, store } = newJournal();
		store.failing = true;
		await expect(journal.add(preparedOffer(), 1)).rejects.toThrow('disk full');
		store.failing = false;
		await journal.add(preparedOffer(), 1);
		expect(await journal.unfinished()).toHaveLength(1);
	});
});
