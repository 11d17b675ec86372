import {
	DESKTOP,
	kindsOf,
	PEER,
	RELAY,
	sentBy,
	STRANGER,
	T0,
	TABLET,
	type Untimed,
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
	receipt,
	terminate,
	timer,
} from './support/steps';

describe('an audio call', () => {
	const relayReady: Untimed = { kind: 'relayReady' };

	it('rings, is answered, connects, speaks and hangs up', () => {
		const call = audio();
		expect(call.play(ackWithRelay)).toContainEqual({ kind: 'startMedia', relay: RELAY });
		call.play(1_000, receipt(PEER), receipt(TABLET), 3_000);
		const answered = call.play(accept(TABLET));
		expect(kindsOf(answered)[1]).toBe('rekeyMedia');
		expect(answered).toContainEqual({ kind: 'rekeyMedia', device: TABLET });
		expect(sentBy(answered)).toEqual([
			`terminate ${PEER} accepted_elsewhere`,
			`terminate ${DESKTOP} accepted_elsewhere`,
			`mute_v2 ${TABLET}`,
		]);
		expect(call.machine.state).toBe('connecting');
		expect(kindsOf(call.play(200, relayReady))).toEqual(['clearTimer', 'playAudio']);
		expect(call.machine.state).toBe('active');
		call.play({ kind: 'peerAudio' }, 9_800);
		const last = call.play({ kind: 'audioFinished' });
		expect(sentBy(last)).toEqual([`terminate ${TABLET}`]);
		expect(kindsOf(last)).toEqual(['send', 'stopMedia', 'report']);
		expect(call.ending).toMatchObject({
			outcome: 'answered',
			endedBy: 'us',
			heard: true,
			ringMilliseconds: 3_000,
			talkMilliseconds: 10_000,
		});
	});

	it('is active at once when the relay was faster than the recipient', () => {
		const call = audio(ackWithRelay, relayReady, receipt());
		expect(kindsOf(call.play(accept()))).toContain('playAudio');
		expect(call.machine.state).toBe('active');
	});

	it('remembers who answered before the ack came', () => {
		const call = audio(accept(TABLET));
		expect(call.play(ackWithRelay)).toContainEqual({
			kind: 'startMedia',
			relay: RELAY,
			device: TABLET,
		});
	});

	it('takes relays from a later stanza when the ack brought none', () => {
		const call = audio(ack);
		expect(call.play({ kind: 'moreRelays', relay: RELAY })).toEqual([
			{ kind: 'clearTimer', timer: 'ack' },
			{ kind: 'startMedia', relay: RELAY },
		]);
		expect(call.play({ kind: 'moreRelays', relay: RELAY })).toEqual([
			{ kind: 'moreRelays', relay: RELAY },
		]);
	});

	it('ends when no relay was named ten seconds after the offer', () => {
		const call = audio(ack, receipt(), 10_000);
		expect(sentBy(call.play(timer('ack')))).toEqual(HANG_UP);
		expect(call.ending).toMatchObject({ outcome: 'failed', failureCode: 'RELAY_UNREACHABLE' });
	});

	it('ends when every relay failed, whether or not somebody answered', () => {
		const ringing = audio(ackWithRelay, receipt(), { kind: 'relayFailed' });
		expect(sentBy(ringing.actions).slice(1)).toEqual(HANG_UP);
		expect(ringing.ending).toMatchObject({ outcome: 'failed', failureCode: 'RELAY_UNREACHABLE' });
		const connecting = audio(ackWithRelay, accept(), 10_000, timer('relay'));
		expect(sentBy(connecting.actions).at(-1)).toBe(`terminate ${PEER}`);
		expect(connecting.ending).toMatchObject({
			outcome: 'failed',
			failureCode: 'RELAY_UNREACHABLE',
			answeredAt: T0,
		});
		const active = audio(ackWithRelay, relayReady, accept(), 2_000, { kind: 'relayFailed' });
		expect(active.ending).toMatchObject({ outcome: 'answered', endedBy: 'network' });
	});

	it('hangs up on a device that accepted audio which we cannot send', () => {
		const call = audio(ackWithRelay, receipt());
		expect(sentBy(call.play({ kind: 'accept', device: PEER, audio: 'mismatch' }))).toEqual([
			`terminate ${PEER}`,
			`terminate ${TABLET} accepted_elsewhere`,
			`terminate ${DESKTOP} accepted_elsewhere`,
		]);
		expect(call.ending).toMatchObject({ outcome: 'failed', failureCode: 'CODEC_REFUSED' });
	});

	it('only logs such audio in a preaccept', () => {
		const call = audio(ackWithRelay, { kind: 'preaccept', device: PEER, audio: 'mismatch' });
		expect(call.machine.state).toBe('ringing');
	});

	it('the first accept wins; a second device was told already, a stranger is told now', () => {
		const call = audio(ackWithRelay, accept(TABLET));
		expect(call.play(accept(TABLET), accept(PEER))).toEqual([]);
		expect(sentBy(call.play(accept(STRANGER)))).toEqual([
			`terminate ${STRANGER} accepted_elsewhere`,
		]);
		expect(call.play(accept(STRANGER), receipt(STRANGER))).toEqual([]);
	});

	it('once answered, only the device that answered can end it', () => {
		const call = audio(ackWithRelay, relayReady, accept(TABLET), 1_000);
		expect(call.play(terminate(PEER), decline(DESKTOP), busy(PEER))).toEqual([]);
		call.play(terminate(TABLET));
		expect(call.ending).toMatchObject({ outcome: 'answered', endedBy: 'recipient' });
		expect(audio(accept(), decline()).ending).toMatchObject({ endedBy: 'recipient' });
	});

	it('cancelled while speaking it was answered all the same', () => {
		const call = audio(ackWithRelay, relayReady, accept());
		expect(sentBy(call.play(cancel))).toEqual([`terminate ${PEER}`]);
		expect(call.ending).toMatchObject({ outcome: 'answered', endedBy: 'us' });
	});

	it('a fake call asks for no media whatever comes', () => {
		const call = fake(ackWithRelay, { kind: 'moreRelays', relay: RELAY }, relayReady, {
			kind: 'relayFailed',
		});
		call.play({ kind: 'peerAudio' }, { kind: 'audioFinished' }, cancel);
		expect(kindsOf(call.actions)).not.toContain('startMedia');
		expect(call.ending?.heard).toBe(false);
	});
});
