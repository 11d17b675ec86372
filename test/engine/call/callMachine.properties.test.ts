import fc from 'fast-check';
import { CALL_OUTCOMES } from '../../../common/report';
import type { CallKind } from '../../../engine/call/callTypes';
import {
	DESKTOP,
	describeNode,
	endingsOf,
	newMachine,
	PEER,
	Played,
	preparedOffer,
	RELAY,
	STRANGER,
	TABLET,
	type Untimed,
} from './support/callEvents';

const device = fc.constantFrom(PEER, TABLET, DESKTOP, STRANGER);
const audio = fc.constantFrom('agreed' as const, 'mismatch' as const, 'unsaid' as const);
const reason = fc.constantFrom(undefined, 'busy', 'timeout', 'declined', 'odd');

/** An optional reason, absent rather than undefined. */
const withReason = (kind: 'reject' | 'terminate'): fc.Arbitrary<Untimed> =>
	fc.record({ device, reason }).map(({ device, reason }) => ({
		kind,
		device,
		...(reason !== undefined && { reason }),
	}));

const event: fc.Arbitrary<Untimed> = fc.oneof(
	fc.constantFrom<Untimed>(
		{ kind: 'offer', offer: preparedOffer({ callId: '00CC', stanzaId: 'OFFER2' }) },
		{ kind: 'prepareFailed', code: 'RECIPIENT_UNREACHABLE' },
		{ kind: 'ack' },
		{ kind: 'ack', relay: RELAY },
		{ kind: 'ack', error: '479' },
		{ kind: 'timer', timer: 'ack' },
		{ kind: 'timer', timer: 'ring' },
		{ kind: 'timer', timer: 'relay' },
		{ kind: 'moreRelays', relay: RELAY },
		{ kind: 'relayReady' },
		{ kind: 'peerAudio' },
	),
	{ arbitrary: device.map((device): Untimed => ({ kind: 'receipt', device })), weight: 3 },
	fc.record({ device, audio }).map((parts): Untimed => ({ kind: 'preaccept', ...parts })),
	fc.record({ device, audio }).map((parts): Untimed => ({ kind: 'accept', ...parts })),
	withReason('reject'),
	withReason('terminate'),
	fc.constantFrom<Untimed>(
		{ kind: 'relayFailed' },
		{ kind: 'audioFinished' },
		{ kind: 'cancel' },
		{ kind: 'socketClosed' },
	),
);

const steps = fc.array(fc.oneof(event, fc.integer({ min: 0, max: 30_000 })), { maxLength: 25 });
const kind = fc.constantFrom<CallKind>('fake', 'audio');

function play(kind: CallKind, list: readonly (Untimed | number)[]): Played {
	const call = new Played(kind, newMachine(kind));
	call.play({ kind: 'offer', offer: preparedOffer() }, ...list);
	return call;
}

/** Plays the steps and says which devices ring at the end, going by what they sent: a no is final. */
function stillRinging(list: readonly (Untimed | number)[], call: Played): string[] {
	const ringing = new Set<string>();
	const over = new Set<string>();
	for (const step of list) {
		if (typeof step === 'number') {
			continue;
		}
		if (step.kind === 'receipt' || step.kind === 'preaccept') {
			ringing.add(step.device);
		} else if (step.kind === 'reject' || step.kind === 'accept') {
			over.add(step.device);
		}
		call.play(step);
		if (call.machine.state === 'ended') {
			break;
		}
	}
	return [...ringing].filter((device) => !over.has(device));
}

describe('whatever happens to a call', () => {
	it('nothing follows its report, and there is one report with one outcome', () => {
		fc.assert(
			fc.property(kind, steps, (kind, list) => {
				const call = play(kind, [...list, { kind: 'cancel' }, ...list]);
				const endings = endingsOf(call.actions);
				expect(endings).toHaveLength(1);
				expect(call.actions.at(-1)?.kind).toBe('report');
				expect(CALL_OUTCOMES).toContain(endings[0]?.outcome);
				expect(endings[0]?.failureCode !== undefined).toBe(endings[0]?.outcome === 'failed');
			}),
			{ numRuns: 3_000 },
		);
	});

	it('no device is told twice to stop by the same offer', () => {
		fc.assert(
			fc.property(kind, steps, (kind, list) => {
				const call = play(kind, [...list, { kind: 'cancel' }]);
				const told = call.actions.flatMap((action) =>
					action.kind === 'send' && describeNode(action.node).startsWith('terminate')
						? [action.node.attrs.to]
						: [],
				);
				expect(new Set(told).size).toBe(told.length);
			}),
			{ numRuns: 3_000 },
		);
	});

	it('a call that we end tells every ringing device', () => {
		fc.assert(
			fc.property(kind, steps, (kind, list) => {
				// A terminate from the other side and a lost connection end the call elsewhere.
				const ours = list.filter(
					(step) =>
						typeof step === 'number' ||
						!['socketClosed', 'terminate', 'offer', 'ack'].includes(step.kind),
				);
				const call = new Played(kind, newMachine(kind));
				call.play({ kind: 'offer', offer: preparedOffer() });
				const ringing = stillRinging([...ours, { kind: 'cancel' }], call);
				const told = call.actions.flatMap((action) =>
					action.kind === 'send' ? [describeNode(action.node)] : [],
				);
				for (const device of ringing) {
					expect(told.filter((line) => line.startsWith(`terminate ${device}`))).toHaveLength(1);
				}
			}),
			{ numRuns: 3_000 },
		);
	});

	it('every stanza has an id of its own', () => {
		fc.assert(
			fc.property(kind, steps, (kind, list) => {
				const ids = play(kind, [...list, { kind: 'cancel' }]).actions.flatMap((action) =>
					action.kind === 'send' ? [action.node.attrs.id] : [],
				);
				expect(new Set(ids).size).toBe(ids.length);
			}),
		);
	});

	it('media that was started is stopped, and no timer outlives the call', () => {
		fc.assert(
			fc.property(kind, steps, (kind, list) => {
				const { actions } = play(kind, [...list, { kind: 'cancel' }]);
				const count = (wanted: string): number =>
					actions.filter((action) => action.kind === wanted).length;
				expect(count('stopMedia')).toBe(count('startMedia'));
				const running = new Set<string>();
				for (const action of actions) {
					if (action.kind === 'setTimer') {
						running.add(action.timer);
					} else if (action.kind === 'clearTimer') {
						running.delete(action.timer);
					}
				}
				for (const timer of running) {
					// One that ran out is not cleared.
					expect(list).toContainEqual({ kind: 'timer', timer });
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});
