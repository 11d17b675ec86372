import {
	DESKTOP,
	kindsOf,
	newMachine,
	PEER,
	Played,
	preparedOffer,
	sentBy,
	STRANGER,
	T0,
	TABLET,
} from './support/callEvents';
import {
	ack,
	ackWithRelay,
	accept,
	audio,
	busy,
	cancel,
	decline,
	fake,
	HANG_UP,
	offer,
	receipt,
	refused,
	terminate,
	timer,
} from './support/steps';

describe('placing', () => {
	it('sends the offer, our token, and waits ten seconds for the ack', () => {
		const call = new Played('fake');
		expect(call.machine.state).toBe('idle');
		expect(call.play(offer)).toEqual([
			{ kind: 'send', node: preparedOffer().node },
			{ kind: 'issueToken', always: false },
			{ kind: 'setTimer', timer: 'ack', at: T0 + 10_000 },
		]);
		expect(call.machine.state).toBe('calling');
		expect(call.play(offer)).toEqual([]);
	});

	it.each(['fake', 'audio'] as const)(
		'a %s call without any answer is told off, and may have rung',
		(kind) => {
			const call = new Played(kind);
			call.play(offer, 10_000);
			expect(sentBy(call.play(timer('ack')))).toEqual(HANG_UP);
			expect(call.ending).toMatchObject({
				outcome: 'failed',
				failureCode: 'MAYBE_PLACED',
				reached: false,
				rang: false,
			});
		},
	);

	it('only the first ack counts', () => {
		const call = fake(ack, receipt());
		expect(call.play(ack, refused('439'))).toEqual([]);
		expect(call.machine.state).toBe('ringing');
	});

	it('a fake call that rings goes on without an ack', () => {
		const call = fake(1_000, receipt(), 9_000, timer('ack'));
		expect(call.machine.state).toBe('ringing');
		call.play(11_000, timer('ring'));
		expect(call.ending).toMatchObject({ outcome: 'noAnswer', ringMilliseconds: 20_000 });
	});
});

describe('a refused offer', () => {
	it.each([
		['439', 'OFFER_REFUSED'],
		['463', 'ACCOUNT_RESTRICTED'],
		['500', 'OFFER_REFUSED'],
		['unknown', 'OFFER_REFUSED'],
	])('%s ends the call as %s and rings nowhere', (code, failureCode) => {
		const call = fake(refused(code));
		expect(sentBy(call.actions)).toEqual([`offer ${PEER}`]);
		expect(call.ending).toMatchObject({
			outcome: 'failed',
			failureCode,
			refusal: code,
			endedBy: 'network',
			reached: false,
		});
	});

	it('463 gives the recipient our token, for the next time', () => {
		expect(fake(refused('463')).actions).toContainEqual({ kind: 'issueToken', always: true });
	});

	it('479 is tried once more with a fresh offer, and the answers to the old one count no more', () => {
		const call = fake();
		expect(kindsOf(call.play(refused('479')))).toEqual(['clearTimer', 'prepareAgain']);
		expect(call.machine.currentOffer).toBeUndefined();
		expect(call.play(receipt(), accept(), ack, timer('ack'), 10_000, timer('ack'))).toEqual([]);
		const again = preparedOffer({ callId: '00AA', stanzaId: 'OFFER2' });
		expect(kindsOf(call.play({ kind: 'offer', offer: again }))).toEqual([
			'send',
			'issueToken',
			'setTimer',
		]);
		expect(call.machine.currentOffer).toBe(again);
		call.play(refused('479'));
		expect(call.ending).toMatchObject({ failureCode: 'OFFER_REFUSED', refusal: '479' });
	});

	it('a fresh offer that cannot be made ends the call with its reason', () => {
		const call = fake(refused('479'), { kind: 'prepareFailed', code: 'RECIPIENT_UNREACHABLE' });
		expect(call.ending).toMatchObject({ outcome: 'failed', failureCode: 'RECIPIENT_UNREACHABLE' });
		expect(sentBy(call.actions)).toEqual([`offer ${PEER}`]);
	});

	it('cancelling while a fresh offer is prepared sends nothing, then or later', () => {
		const call = fake(refused('479'), cancel);
		expect(call.ending).toMatchObject({ outcome: 'cancelled', reached: false });
		expect(call.play(offer)).toEqual([]);
		expect(sentBy(call.actions)).toEqual([`offer ${PEER}`]);
	});

	it('when a device rings all the same, it is told to stop', () => {
		const call = fake(receipt(TABLET), refused('479'));
		expect(sentBy(call.actions).slice(1)).toEqual(HANG_UP);
		expect(call.ending).toMatchObject({ failureCode: 'OFFER_REFUSED', reached: true, rang: true });
	});
});

describe('the ring time', () => {
	it('is counted from the first sign of ringing', () => {
		const call = fake(500, ack, 2_000, receipt());
		expect(call.actions.at(-1)).toEqual({ kind: 'setTimer', timer: 'ring', at: T0 + 22_500 });
		expect(call.machine.state).toBe('ringing');
		// The timer that was set with the ack may fire late.
		expect(call.play(10_000, timer('ring'))).toEqual([]);
		expect(sentBy(call.play(10_000, timer('ring')))).toEqual(HANG_UP);
		expect(call.ending).toMatchObject({
			outcome: 'noAnswer',
			endedBy: 'us',
			rang: true,
			ringMilliseconds: 20_000,
			placedAt: T0,
			endedAt: T0 + 22_500,
		});
	});

	it('does not start anew with a second device', () => {
		const call = fake(ack, receipt(), 5_000);
		expect(
			call.play(receipt(TABLET), { kind: 'preaccept', device: PEER, audio: 'agreed' }),
		).toEqual([]);
	});

	it('is counted from the ack where no sign comes within ten seconds', () => {
		const call = fake(1_000, ack, 12_000, receipt());
		expect(call.play(8_000, timer('ring')).length).toBeGreaterThan(0);
		expect(call.ending).toMatchObject({ rang: true, ringMilliseconds: 8_000 });
	});

	it('waits for a sign even when it is shorter than that', () => {
		const call = new Played('fake', newMachine('fake', 3_000));
		call.play(offer, ack, 3_000);
		expect(call.play(timer('ring'))).toEqual([]);
		call.play(4_000, receipt(), 3_000, timer('ring'));
		expect(call.ending).toMatchObject({ ringMilliseconds: 3_000 });
	});

	it('a phone that never confirms is not said to have rung', () => {
		const call = fake(ack, 20_000, timer('ring'));
		expect(call.ending).toMatchObject({ outcome: 'noAnswer', rang: false, reached: true });
		expect(call.ending).not.toHaveProperty('ringMilliseconds');
	});
});

describe('a fake call that is answered', () => {
	it('hangs up at once on the device that answered, and dismisses the others', () => {
		const call = fake(ack, receipt(), 4_000);
		expect(sentBy(call.play(accept(TABLET)))).toEqual([
			`terminate ${TABLET}`,
			`terminate ${PEER} accepted_elsewhere`,
			`terminate ${DESKTOP} accepted_elsewhere`,
		]);
		expect(call.ending).toMatchObject({
			outcome: 'answered',
			endedBy: 'us',
			ringMilliseconds: 4_000,
			talkMilliseconds: 0,
			answeredAt: T0 + 4_000,
		});
	});

	it('before anything else was heard, too', () => {
		const call = fake(accept());
		expect(call.ending).toMatchObject({ outcome: 'answered', rang: true, reached: true });
		expect(call.ending).not.toHaveProperty('ringMilliseconds');
	});

	it('does not mind which audio was accepted', () => {
		const call = fake(ack, { kind: 'accept', device: PEER, audio: 'mismatch' });
		expect(call.ending).toMatchObject({ outcome: 'answered' });
	});
});

describe('no', () => {
	it('a decline dismisses the other devices and is no hang-up', () => {
		const call = fake(ack, receipt());
		expect(sentBy(call.play(decline(DESKTOP)))).toEqual([
			`terminate ${PEER} rejected_elsewhere`,
			`terminate ${TABLET} rejected_elsewhere`,
		]);
		expect(call.ending).toMatchObject({ outcome: 'declined', endedBy: 'recipient' });
	});

	it('one busy device leaves the others ringing and is not told to stop', () => {
		const call = fake(ack, receipt(PEER), receipt(TABLET), busy(TABLET));
		expect(call.machine.state).toBe('ringing');
		expect(sentBy(call.play(20_000, timer('ring')))).toEqual([
			`terminate ${PEER}`,
			`terminate ${DESKTOP}`,
		]);
		expect(call.ending).toMatchObject({ outcome: 'noAnswer', busySeen: true });
	});

	it('the call ends as busy when every device is', () => {
		const call = fake(ack, busy(PEER), busy(TABLET));
		expect(call.ending).toBeUndefined();
		expect(sentBy(call.play(busy(DESKTOP)))).toEqual([]);
		expect(call.ending).toMatchObject({ outcome: 'busy', endedBy: 'recipient' });
	});

	it('devices that never got the key cannot answer, and are not waited for', () => {
		const call = new Played('fake');
		call.play({ kind: 'offer', offer: preparedOffer({ offeredDevices: [PEER] }) }, ack, busy(PEER));
		expect(call.ending).toMatchObject({ outcome: 'busy' });
	});

	it('when all that confirmed were busy, the ring time ends as busy', () => {
		const call = fake(ack, receipt(PEER), busy(PEER), 20_000, timer('ring'));
		expect(call.ending).toMatchObject({ outcome: 'busy', endedBy: 'us' });
	});

	it.each([
		[undefined, 'noAnswer', 'recipient'],
		['timeout', 'noAnswer', 'network'],
		['busy', 'busy', 'recipient'],
		['declined', 'declined', 'recipient'],
		['what is this', 'noAnswer', 'recipient'],
	])(
		'a terminate while ringing, reason %s, is %s by %s and is not answered',
		(reason, outcome, endedBy) => {
			const call = fake(ack, receipt(), 2_000);
			const last = call.play(terminate(TABLET, reason));
			expect(sentBy(last)).toEqual([]);
			expect(call.ending).toMatchObject({ outcome, endedBy, ringMilliseconds: 2_000 });
			expect(call.ending?.reason).toBe(reason);
		},
	);
});

describe('we give up', () => {
	it.each([
		['calling', []],
		['ringing', [ack, receipt()]],
	])('cancelling while %s tells every device', (_state, steps) => {
		const call = fake(...steps);
		expect(sentBy(call.play(cancel))).toEqual(HANG_UP);
		expect(call.ending).toMatchObject({ outcome: 'cancelled', endedBy: 'us' });
	});

	it('a device that no list named is told too, once it rings', () => {
		const call = fake(ack, receipt(STRANGER));
		expect(sentBy(call.play(cancel))).toEqual([...HANG_UP, `terminate ${STRANGER}`]);
	});

	it('before the offer there is nobody to tell', () => {
		const call = new Played('fake');
		expect(sentBy(call.play(cancel))).toEqual([]);
		expect(call.ending).toMatchObject({ outcome: 'cancelled' });
		expect(call.ending).not.toHaveProperty('placedAt');
	});
});

describe('a lost connection', () => {
	it.each([
		['before the offer', [], 'NETWORK_UNREACHABLE', false],
		['before any answer', [offer], 'MAYBE_PLACED', false],
		['after the ack', [offer, ack], 'NETWORK_UNREACHABLE', true],
		['while ringing', [offer, receipt()], 'NETWORK_UNREACHABLE', true],
	])('%s ends the call without sending', (_when, steps, failureCode, reached) => {
		const call = new Played('fake');
		call.play(...steps);
		expect(sentBy(call.play({ kind: 'socketClosed' }))).toEqual([]);
		expect(call.ending).toMatchObject({
			outcome: 'failed',
			endedBy: 'network',
			failureCode,
			reached,
		});
	});

	it('during a conversation leaves it answered', () => {
		const call = audio(ackWithRelay, { kind: 'relayReady' }, accept(), 5_000, {
			kind: 'socketClosed',
		});
		expect(call.ending).toMatchObject({
			outcome: 'answered',
			endedBy: 'network',
			talkMilliseconds: 5_000,
		});
	});
});
