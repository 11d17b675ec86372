import fc from 'fast-check';
import {
	advance,
	readCallEvent,
	reportOf,
	type CallProgress,
} from '../../../../nodes/WhatsAppCall/connections/callEvents';

const ID = '3EB0AA';
const frame = (data: unknown, event = 'call.update') => JSON.stringify({ event, data });

describe('readCallEvent', () => {
	test.each([
		[{ callId: ID, type: 'accepted' }, 'accepted'],
		[{ call_id: ID, status: 'REJECTED' }, 'rejected'],
		[{ id: ID, state: 'terminated' }, 'terminated'],
		[{ CallID: ID, Action: 'offer' }, 'offer'],
		[{ call: { id: ID }, update: { action: 'ringing' } }, 'ringing'],
		[[{ callId: ID, type: 'terminate' }], 'terminated'],
		[{ callId: ID, type: 'call', status: 'accepted' }, 'accepted'],
	])('understands %p', (data, kind) => {
		expect(readCallEvent(frame(data), ID)).toMatchObject({ kind });
	});

	test.each([
		['another call', { callId: 'X', type: 'accepted' }],
		['no id', { type: 'accepted' }],
		['no kind', { callId: ID }],
		['an unknown kind', { callId: ID, type: 'transferred' }],
		['two kinds at once', { callId: ID, type: 'offer', status: 'terminated' }],
		['a notification about an end', { callId: ID, type: 'notification', action: 'terminated' }],
		['an id that is a number', { callId: 1, type: 'accepted' }],
		['too deep a nesting', { a: { b: { c: { d: { e: { callId: ID, type: 'accepted' } } } } } }],
	])('does not guess from %s', (_name, data) => {
		expect(readCallEvent(frame(data), ID)).toBeUndefined();
	});

	test('other events are none of ours', () => {
		expect(
			readCallEvent(frame({ id: ID, status: 'accepted' }, 'message.status'), ID),
		).toBeUndefined();
	});

	test('reads outcome and reason where a server gives them', () => {
		expect(
			readCallEvent(frame({ callId: ID, type: 'terminated', outcome: 'busy', reason: 'Busy' }), ID),
		).toEqual({ kind: 'terminated', outcome: 'busy', reason: 'busy' });
		expect(
			readCallEvent(frame({ callId: ID, type: 'terminated', outcome: 'exploded' }), ID),
		).toEqual({ kind: 'terminated' });
	});

	test('survives whatever comes over the wire', () => {
		fc.assert(fc.property(fc.string(), (text) => readCallEvent(text, ID) === undefined));
		fc.assert(
			fc.property(fc.json(), (data) => {
				readCallEvent(`{"event":"call.update","data":${data}}`, ID);
			}),
		);
	});
});

describe('what the events of a call add up to', () => {
	type Step = Parameters<typeof advance>[1];
	const play = (...steps: Step[]) =>
		steps.reduce<CallProgress>(
			(progress, step, index) => advance(progress, step, index * 1000),
			{},
		);

	test('answered and ended', () => {
		const progress = play(
			{ kind: 'offer' },
			{ kind: 'ringing' },
			{ kind: 'accepted' },
			{ kind: 'terminated' },
		);
		expect(reportOf(progress)).toEqual({
			outcome: 'answered',
			rang: true,
			ringSeconds: 1,
			talkSeconds: 1,
			answeredAt: '1970-01-01T00:00:02.000Z',
			endedAt: '1970-01-01T00:00:03.000Z',
		});
	});

	test('one busy device does not end a call: others may still ring', () => {
		const busy = play({ kind: 'rejected', reason: 'busy' });
		expect(reportOf(busy)).toEqual({ outcome: 'placed' });
		expect(reportOf(advance(busy, { kind: 'terminated' }, 1)).outcome).toBe('busy');
		expect(reportOf(advance(busy, { kind: 'accepted' }, 1)).outcome).toBe('answered');
	});

	test("the server's own outcome counts", () => {
		expect(reportOf(play({ kind: 'terminated', outcome: 'cancelled' })).outcome).toBe('cancelled');
	});

	test('nothing known is placed', () => {
		expect(reportOf({})).toEqual({ outcome: 'placed' });
		expect(
			reportOf(play({ kind: 'offer' }, { kind: 'latency' }, { kind: 'notification' })),
		).toEqual({
			outcome: 'placed',
		});
	});

	test('an ended call never changes, and rang is never inferred', () => {
		const kind = fc.constantFrom(
			'accepted',
			'latency',
			'notification',
			'offer',
			'rejected',
			'ringing',
			'terminated',
		);
		fc.assert(
			fc.property(fc.array(kind), (kinds) => {
				let progress: CallProgress = {};
				let ended: CallProgress | undefined;
				for (const [index, one] of kinds.entries()) {
					progress = advance(progress, { kind: one as Step['kind'] }, index);
					ended ??= progress.endedAt === undefined ? undefined : progress;
				}
				expect(progress).toEqual(ended ?? progress);
				expect(reportOf(progress).rang === true).toBe(progress.ringingAt !== undefined);
				if (progress.ringingAt !== undefined) {
					expect(kinds).toContain('ringing');
				}
			}),
		);
	});
});
