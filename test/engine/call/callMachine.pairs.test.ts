import type { CallKind } from '../../../engine/call/callTypes';
import {
	endingsOf,
	PEER,
	Played,
	preparedOffer,
	RELAY,
	STRANGER,
	TABLET,
	type Untimed,
} from './support/callEvents';
import {
	ack,
	ackWithRelay,
	accept,
	busy,
	cancel,
	decline,
	offer,
	receipt,
	refused,
	terminate,
	timer,
} from './support/steps';

describe('every pair of events in every state', () => {
	const prefixes: Record<string, { kind: CallKind; steps: (Untimed | number)[] }> = {
		idle: { kind: 'audio', steps: [] },
		calling: { kind: 'audio', steps: [offer] },
		'calling, acknowledged': { kind: 'audio', steps: [offer, ackWithRelay] },
		'calling, a new offer due': { kind: 'audio', steps: [offer, refused('479')] },
		'ringing (fake)': { kind: 'fake', steps: [offer, ack, receipt()] },
		ringing: { kind: 'audio', steps: [offer, ackWithRelay, receipt()] },
		connecting: { kind: 'audio', steps: [offer, ackWithRelay, receipt(), accept()] },
		active: { kind: 'audio', steps: [offer, ackWithRelay, { kind: 'relayReady' }, accept()] },
		ended: { kind: 'audio', steps: [offer, ackWithRelay, receipt(), decline()] },
	};
	const events: Untimed[] = [
		offer,
		{ kind: 'offer', offer: preparedOffer({ callId: '00BB', stanzaId: 'OFFER2' }) },
		{ kind: 'prepareFailed', code: 'RECIPIENT_UNREACHABLE' },
		ack,
		ackWithRelay,
		refused('439'),
		refused('479'),
		receipt(),
		receipt(STRANGER),
		{ kind: 'preaccept', device: TABLET, audio: 'agreed' },
		accept(),
		accept(TABLET),
		{ kind: 'accept', device: PEER, audio: 'mismatch' },
		decline(),
		busy(PEER),
		terminate(),
		terminate(TABLET, 'timeout'),
		timer('ack'),
		timer('ring'),
		timer('relay'),
		{ kind: 'moreRelays', relay: RELAY },
		{ kind: 'relayReady' },
		{ kind: 'relayFailed' },
		{ kind: 'peerAudio' },
		{ kind: 'audioFinished' },
		cancel,
		{ kind: 'socketClosed' },
	];
	const order = ['idle', 'calling', 'ringing', 'connecting', 'active', 'ended'];

	it.each(Object.entries(prefixes))('%s', (_name, { kind, steps }) => {
		for (const first of events) {
			for (const second of events) {
				const call = new Played(kind);
				call.play(...steps);
				const states = [call.machine.state];
				for (const event of [first, second]) {
					const over = call.machine.state === 'ended';
					const actions = call.play(60_000, event);
					states.push(call.machine.state);
					if (over) {
						expect(actions).toEqual([]);
					}
				}
				const ranks = states.map((state) => order.indexOf(state));
				expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
				expect(endingsOf(call.actions)).toHaveLength(states.at(-1) === 'ended' ? 1 : 0);
			}
		}
	});
});
