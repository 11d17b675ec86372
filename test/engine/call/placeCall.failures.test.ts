import { hangUpUnfinished } from '../../../engine/call/journal';
import type { BinaryNode } from '../../../engine/call/stanzas/binaryNode';
import { PEER, TABLET } from './support/callEvents';
import { FakeTransport, NUMBER } from './support/fakeTransport';
import { errorOf, newCall } from './support/newCall';
import { HANG_UP } from './support/steps';

describe('a refused offer', () => {
	it.each([
		['439', 'OFFER_REFUSED', 'WhatsApp refused the call (439)'],
		['463', 'ACCOUNT_RESTRICTED', 'WhatsApp refused the call (463)'],
		['404', 'OFFER_REFUSED', 'WhatsApp refused the call (404)'],
	])('%s is thrown as %s', async (code, expected, message) => {
		const { journal, start, transport } = newCall();
		transport.acks = [code];
		const { result } = await start();
		const error = await errorOf(result);
		expect(error.code).toBe(expected);
		expect(error.message).toContain(message);
		expect(transport.lines).toEqual([`offer ${PEER}`]);
		expect(await journal.unfinished()).toEqual([]);
		expect(transport.log.filter((line) => line.endsWith('always'))).toHaveLength(
			code === '463' ? 1 : 0,
		);
	});

	it('479 asks for everything anew, once, and goes on with new ids and a new key', async () => {
		const { clock, journal, start, transport } = newCall();
		transport.acks = ['479', undefined];
		const { result } = await start();
		expect(transport.log).toEqual(
			expect.arrayContaining([`devices ${PEER} fresh`, 'sessions 3 fresh']),
		);
		const [first, second] = transport.sent as [BinaryNode, BinaryNode];
		expect(first.attrs.id).not.toBe(second.attrs.id);
		const ids = [first, second].map((node) => (node.content as BinaryNode[])[0]?.attrs['call-id']);
		expect(new Set(ids).size).toBe(2);
		expect((await journal.unfinished()).map(({ callId }) => callId)).toEqual([ids[1]]);
		transport.ring();
		await clock.advance(8_000);
		expect(await result).toMatchObject({ outcome: 'noAnswer', callId: ids[1] });
		expect(await journal.unfinished()).toEqual([]);
	});

	it('479 twice is a refusal', async () => {
		const { start, transport } = newCall();
		transport.acks = ['479', '479'];
		const { result } = await start();
		expect(await errorOf(result)).toMatchObject({
			code: 'OFFER_REFUSED',
			message: 'WhatsApp refused the call (479)',
		});
		expect(transport.sent).toHaveLength(2);
	});

	it('479 for somebody who has no device left says that', async () => {
		const { start, transport } = newCall();
		transport.acks = ['479'];
		transport.devicesOf = async (_jid, fresh) => (fresh ? [] : [PEER]);
		const { result } = await start();
		expect((await errorOf(result)).code).toBe('RECIPIENT_UNREACHABLE');
	});
});

describe('no answer of the server', () => {
	it('hangs up after ten seconds and says that it may have rung', async () => {
		const { clock, journal, start, transport } = newCall();
		transport.acks = [];
		const { result } = await start();
		await clock.advance(10_000);
		expect((await errorOf(result)).code).toBe('MAYBE_PLACED');
		expect(transport.lines.slice(1)).toEqual(HANG_UP);
		expect(await journal.unfinished()).toEqual([]);
	});
});

describe('a lost connection', () => {
	it('while it rings ends the call; the next connection tells the phones', async () => {
		const { clock, journal, start, transport } = newCall();
		const { result } = await start();
		transport.ring();
		await clock.advance(3_000);
		transport.lose();
		expect(await result).toMatchObject({
			outcome: 'failed',
			failureCode: 'NETWORK_UNREACHABLE',
			endedBy: 'network',
			rang: true,
			ringSeconds: 3,
		});
		expect(transport.lines).toEqual([`offer ${PEER}`]);
		const next = new FakeTransport();
		expect(await hangUpUnfinished(journal, next, clock)).toBe(1);
		expect(next.lines).toEqual(HANG_UP);
		expect(await journal.unfinished()).toEqual([]);
	});

	it('that shows only when the phones are told leaves them to the next connection', async () => {
		const { clock, journal, start, transport } = newCall();
		transport.failingSends.add(`terminate ${TABLET}`);
		const { result } = await start();
		transport.ring();
		await clock.advance(8_000);
		expect(await result).toMatchObject({ outcome: 'noAnswer' });
		expect(await journal.unfinished()).toHaveLength(1);
	});

	it('before the offer is told as such', async () => {
		const { start, transport } = newCall();
		transport.isOpen = false;
		const { result } = await start();
		expect((await errorOf(result)).code).toBe('NETWORK_UNREACHABLE');
		expect(transport.log).toEqual([]);
	});

	it('with the offer under way may have rung', async () => {
		const { journal, start, transport } = newCall();
		transport.failingSends.add(`offer ${PEER}`);
		const { result } = await start();
		expect((await errorOf(result)).code).toBe('MAYBE_PLACED');
		expect(await journal.unfinished()).toHaveLength(1);
	});
});

describe('the token of the recipient', () => {
	it('is asked for by giving ours, and waited for no longer than 3.5 seconds', async () => {
		const { clock, start, transport } = newCall();
		transport.token = undefined;
		await start();
		await clock.advance(3_400);
		expect(transport.sent).toEqual([]);
		await clock.advance(200);
		const [offer] = transport.offer.content as BinaryNode[];
		expect((offer?.content as BinaryNode[])[0]?.tag).toBe('audio');
	});

	it('goes out with the offer as soon as it has come', async () => {
		const { clock, start, transport } = newCall();
		transport.token = undefined;
		await start();
		transport.token = new Uint8Array([9]);
		await clock.advance(100);
		const [offer] = transport.offer.content as BinaryNode[];
		expect((offer?.content as BinaryNode[])[0]).toEqual({
			tag: 'privacy',
			attrs: {},
			content: new Uint8Array([9]),
		});
	});

	it('is not waited for where ours was given lately', async () => {
		const { clock, start, transport } = newCall();
		transport.token = undefined;
		transport.issued = false;
		await start();
		// The ack came: what still runs is the ring time.
		expect(clock.sleeping).toBe(1);
		expect(transport.sent).toHaveLength(1);
	});
});

describe('other failures', () => {
	it('a journal that cannot be written does not stop a call', async () => {
		const { clock, start, store, transport } = newCall();
		store.failing = true;
		const { result } = await start();
		transport.ring();
		await clock.advance(8_000);
		expect(await result).toMatchObject({ outcome: 'noAnswer' });
	});

	it('an account without a hidden id cannot call', async () => {
		const { start, transport } = newCall();
		transport.ownLid = undefined;
		const { result } = await start();
		expect((await errorOf(result)).code).toBe('NOT_LINKED');
	});

	it('nothing secret or personal is logged', async () => {
		const lines: string[] = [];
		const logger = {
			debug: (text: string, details?: unknown) => lines.push(text + JSON.stringify(details)),
			warn: (text: string, details?: unknown) => lines.push(text + JSON.stringify(details)),
		};
		const { clock, start, transport } = newCall({}, { logger });
		transport.failingSends.add(`terminate ${TABLET}`);
		const { result } = await start();
		transport.ring();
		await clock.advance(8_000);
		await result;
		expect(lines.length).toBeGreaterThan(3);
		for (const secret of [NUMBER, '222222222222222', 'content', 'enc']) {
			expect(lines.join('\n')).not.toContain(secret);
		}
	});
});
