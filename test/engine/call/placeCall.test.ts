import type { MediaAction, MediaEvent } from '../../../engine/call/callDriver';
import type { CallProgress } from '../../../engine/call/progress';
import type { BinaryNode } from '../../../engine/call/stanzas/binaryNode';
import { DESKTOP, PEER, TABLET } from './support/callEvents';
import { NUMBER } from './support/fakeTransport';
import { errorOf, newCall } from './support/newCall';
import { HANG_UP } from './support/steps';

describe('a fake call', () => {
	it('rings as long as asked for, hangs up everywhere and reports what was measured', async () => {
		const { clock, journal, start, transport } = newCall({ waitedMilliseconds: 1_500 });
		const { result } = await start();
		expect(await journal.unfinished()).toHaveLength(1);
		await clock.advance(700);
		transport.ring();
		await clock.advance(7_999);
		expect(transport.lines).toEqual([`offer ${PEER}`]);
		await clock.advance(1);
		expect(transport.lines.slice(1)).toEqual(HANG_UP);
		const report = await result;
		expect(report).toEqual({
			success: true,
			message: 'It rang, and nobody answered.',
			callId: expect.stringMatching(/^00[0-9A-F]{30}$/) as string,
			number: NUMBER,
			duration: 8,
			outcome: 'noAnswer',
			rang: true,
			ringSeconds: 8,
			endedBy: 'us',
			waitedSeconds: 1.5,
			placedAt: '2026-01-01T00:00:00.000Z',
			endedAt: '2026-01-01T00:00:08.700Z',
		});
		expect(await journal.unfinished()).toEqual([]);
		expect(transport.listeners).toBe(0);
		expect(clock.sleeping).toBe(0);
	});

	it('finds the person, the devices and the keys before it rings, in that order', async () => {
		const { start, transport } = newCall();
		await start();
		expect(transport.log).toEqual([
			`number ${NUMBER}`,
			'lid 551199999999@s.whatsapp.net',
			`devices ${PEER}`,
			'sessions 3',
			'encrypt 3',
			`issue ${PEER}`,
		]);
		const [offer] = transport.offer.content as BinaryNode[];
		expect(offer?.attrs['call-creator']).toBe(transport.ownLid);
		expect((offer?.content as BinaryNode[]).map(({ tag }) => tag)).toEqual([
			'privacy',
			'audio',
			'net',
			'capability',
			'destination',
			'encopt',
			'device-identity',
		]);
	});

	it('answered: hangs up at once', async () => {
		const { clock, start, transport } = newCall();
		const { result } = await start();
		transport.ring();
		await clock.advance(2_500);
		transport.reply('accept', TABLET);
		const report = await result;
		expect(transport.lines.slice(1)).toEqual([
			`terminate ${TABLET}`,
			`terminate ${PEER} accepted_elsewhere`,
			`terminate ${DESKTOP} accepted_elsewhere`,
		]);
		expect(report).toMatchObject({
			outcome: 'answered',
			ringSeconds: 2.5,
			talkSeconds: 0,
			answeredAt: '2026-01-01T00:00:02.500Z',
			message: 'Answered.',
		});
		expect(report).not.toHaveProperty('heard');
	});

	it.each([
		['declined', {}, 'The recipient declined.'],
		[
			'noAnswer',
			{ reason: 'busy' },
			'It rang, and nobody answered. One of their devices was busy.',
		],
	])('%s', async (outcome, attributes, message) => {
		const { clock, start, transport } = newCall();
		const { result } = await start();
		transport.ring();
		transport.reply('reject', TABLET, attributes);
		await clock.advance(8_000);
		expect(await result).toMatchObject({ outcome, message });
	});

	it('stopped from the other side says with which reason', async () => {
		const { start, transport } = newCall();
		const { result } = await start();
		transport.ring();
		transport.reply('terminate', PEER, { reason: 'time\u202eout' });
		expect(await result).toMatchObject({
			outcome: 'noAnswer',
			message: 'It rang, and nobody answered. WhatsApp gave the reason "time out".',
		});
	});

	it('ignores what is not about it', async () => {
		const { clock, start, transport } = newCall();
		const { result } = await start();
		transport.reply('accept', '333333333333333@lid');
		transport.reply('accept', PEER, { 'call-id': '00FF' });
		transport.reply('accept', PEER, { 'call-creator': '1:1@lid' });
		transport.reply('transport');
		transport.receive(undefined);
		transport.receive({ tag: 'ack', attrs: { class: 'call', id: 'other', error: '439' } });
		await clock.advance(10_000);
		expect(await result).toMatchObject({ outcome: 'noAnswer', rang: false });
	});

	it('understands devices that speak from their telephone address', async () => {
		const { start, transport } = newCall();
		const { result } = await start();
		transport.reply('accept', '551199999999:5@s.whatsapp.net');
		expect(await result).toMatchObject({ outcome: 'answered' });
		expect(transport.lines[1]).toBe(`terminate ${TABLET}`);
	});

	it('takes replays only to end', async () => {
		const { start, transport } = newCall();
		const { result } = await start();
		const replay = (tag: string): void =>
			transport.receive({
				tag: 'call',
				attrs: { from: PEER, id: 'R', offline: '1' },
				content: [{ tag, attrs: (transport.offer.content as BinaryNode[])[0]?.attrs }],
			});
		transport.receive({
			tag: 'receipt',
			attrs: { id: transport.offer.attrs.id, from: PEER, offline: '1' },
			content: [{ tag: 'offer', attrs: {} }],
		});
		replay('accept');
		replay('terminate');
		expect(await result).toMatchObject({ outcome: 'noAnswer', rang: false });
	});
});

describe('cancelling', () => {
	it('before the offer sends nothing', async () => {
		const controller = new AbortController();
		controller.abort();
		const { start, transport } = newCall({ signal: controller.signal });
		const { result } = await start();
		expect((await errorOf(result)).code).toBe('CANCELLED');
		expect(transport.log).toEqual([]);
	});

	it('while the call is being counted sends nothing', async () => {
		const controller = new AbortController();
		const { start, transport } = newCall(
			{ signal: controller.signal },
			{ onPlaced: async () => controller.abort() },
		);
		const { result } = await start();
		expect((await errorOf(result)).code).toBe('CANCELLED');
		expect(transport.sent).toEqual([]);
	});

	it('while it rings hangs up and reports', async () => {
		const controller = new AbortController();
		const { start, transport } = newCall({ signal: controller.signal });
		const { result } = await start();
		transport.ring();
		controller.abort();
		expect(await result).toMatchObject({ outcome: 'cancelled', endedBy: 'us' });
		expect(transport.lines.slice(1)).toEqual(HANG_UP);
	});

	it('before any answer hangs up and throws', async () => {
		const controller = new AbortController();
		const { start, transport } = newCall({ signal: controller.signal });
		transport.acks = [];
		const { result } = await start();
		controller.abort();
		expect((await errorOf(result)).code).toBe('CANCELLED');
		expect(transport.lines.slice(1)).toEqual(HANG_UP);
	});
});

describe('the progress of a call', () => {
	it('is told once for each kind, with the id of the call', async () => {
		const told: CallProgress[] = [];
		const { clock, start, transport } = newCall({ onProgress: (progress) => told.push(progress) });
		const { result } = await start();
		await clock.advance(1_000);
		transport.ring();
		await clock.advance(1_000);
		transport.reply('accept', TABLET);
		const { callId } = await result;
		expect(told.map(({ kind }) => kind)).toEqual(['placed', 'ringing', 'answered']);
		expect(told.every((progress) => progress.callId === callId)).toBe(true);
	});

	it('does not claim that it rang when nobody said so', async () => {
		const told: CallProgress[] = [];
		const { start, transport } = newCall({ onProgress: (progress) => told.push(progress) });
		const { result } = await start();
		transport.reply('accept', TABLET);
		await result;
		expect(told.map(({ kind }) => kind)).toEqual(['placed', 'answered']);
	});
});

describe('an audio call', () => {
	it('tells the media what happens, and is told', async () => {
		const actions: MediaAction[] = [];
		let tell: (event: MediaEvent) => void = () => undefined;
		let keyLength = 0;
		const { clock, start, transport } = newCall({
			ringSeconds: 45,
			sound: {
				codec: 'opus',
				connectMedia: ({ callKey }, listener) => {
					keyLength = callKey.length;
					tell = listener;
					return (action) => actions.push(action);
				},
			},
		});
		transport.acks = [];
		const { result } = await start();
		transport.receive({
			tag: 'ack',
			attrs: { class: 'call', id: transport.offer.attrs.id },
			content: [{ tag: 'relay', attrs: {} }],
		});
		transport.ring();
		await clock.advance(1_000);
		tell({ kind: 'relayReady' });
		transport.reply('accept', TABLET);
		tell({ kind: 'peerAudio' });
		await clock.advance(4_000);
		tell({ kind: 'audioFinished' });
		const report = await result;
		expect(keyLength).toBe(32);
		expect(actions.map(({ kind }) => kind)).toEqual([
			'startMedia',
			'rekeyMedia',
			'playAudio',
			'stopMedia',
		]);
		expect(report).toMatchObject({ outcome: 'answered', heard: true, talkSeconds: 4 });
		expect(report).not.toHaveProperty('duration');
		expect(transport.lines.at(-1)).toBe(`terminate ${TABLET}`);
	});

	it.each([
		['before there is media', 'preaccept', TABLET],
		['in the accept', 'accept', TABLET],
	])('tells the media that the recipient has no MLow: said %s', async (_when, tag, device) => {
		const actions: MediaAction[] = [];
		const { clock, start, transport } = newCall({
			ringSeconds: 45,
			sound: { codec: 'mlow', connectMedia: () => (action) => actions.push(action) },
		});
		transport.acks = [];
		const { result } = await start();
		const [offer] = transport.offer.content as BinaryNode[];
		const say = (what: string) =>
			transport.receive({
				tag: 'call',
				attrs: { from: device, id: 'R1' },
				content: [
					{
						tag: what,
						attrs: offer?.attrs,
						content: [
							{
								tag: 'capability',
								attrs: { ver: '1' },
								content: Buffer.from('0105f709e03b13', 'hex'),
							},
						],
					},
				],
			});
		if (tag === 'preaccept') {
			say('preaccept');
		}
		transport.receive({
			tag: 'ack',
			attrs: { class: 'call', id: transport.offer.attrs.id },
			content: [{ tag: 'relay', attrs: {} }],
		});
		say('accept');
		transport.reply('terminate', device);
		await clock.advance(1_000);
		await result;
		const told = actions.filter(({ kind }) => kind === 'peerSpeaksMlow');
		expect(told).toEqual([{ kind: 'peerSpeaksMlow', mlow: false }]);
		const kinds = actions.map(({ kind }) => kind);
		expect(kinds.indexOf('startMedia')).toBeLessThan(kinds.indexOf('peerSpeaksMlow'));
	});
});
