import { findSenderReport } from '../../../engine/media/rtcp';
import { deriveSsrc, deriveStreamSsrcs } from '../../../engine/media/ssrc';
import { CALL_ID, framesOf, OWN_DEVICE, PEER, PeerDevice, planOf, TABLET } from './support/calls';
import { SessionRig } from './support/sessions';

describe('what we send', () => {
	test('nothing before a relay is ready, silence from then on', () => {
		const rig = new SessionRig();
		rig.clock.advance(5000);
		expect(rig.relays.started).toBe(1);
		expect(rig.relays.sent).toHaveLength(0);
		rig.ready();
		expect(rig.types).toEqual(['relayReady']);
		rig.clock.advance(600);
		expect(rig.frames()).toBe('S'.repeat(11));
		expect(rig.relays.rtp.map(({ atMs }) => atMs - 6000)).toEqual(
			Array.from({ length: 11 }, (_, n) => n * 60),
		);
		const [first] = rig.relays.rtp;
		expect(first?.bytes.readUInt32BE(8)).toBe(deriveSsrc(CALL_ID, OWN_DEVICE, 0));
		expect(first?.bytes.readUInt16BE(2)).toBe(32_767);
	});

	test('relays are told of our nine streams', () => {
		const { options } = new SessionRig({ relayFingerprint: 'AA:BB' }).relays;
		expect(options.streamSsrcs).toEqual(deriveStreamSsrcs(CALL_ID, OWN_DEVICE));
		expect(options).toMatchObject({ key: 'key', fingerprint: 'AA:BB' });
	});

	test('the recording after play() and a lead-in, then the end', async () => {
		const rig = new SessionRig({ plan: planOf({ repeat: 2, pauseBetweenRepeatsMs: 60 }) });
		rig.ready();
		rig.clock.advance(120);
		rig.session.play();
		rig.clock.advance(20 * 60);
		// The next frame was 60 ms away: that is part of the lead-in.
		expect(rig.frames()).toBe(`SSS${'S'.repeat(6)}012S012${'S'.repeat(7)}`);
		expect(rig.types).toEqual(['relayReady']);
		rig.clock.advance(60);
		expect(rig.types).toEqual(['relayReady', 'audioFinished']);
		rig.clock.advance(600);
		expect(rig.types).toEqual(['relayReady', 'audioFinished']);
		expect(await rig.stop()).toMatchObject({ playedMs: 360, codecSent: 'opus', packetsSent: 34 });
	});

	test('play() before a relay is ready: the lead-in begins with the first frame', () => {
		const rig = new SessionRig();
		rig.session.play();
		rig.clock.advance(3000);
		rig.ready();
		rig.clock.advance(600);
		expect(rig.frames()).toBe(`${'S'.repeat(7)}012S`);
	});

	test('stopped in the middle', async () => {
		const rig = new SessionRig({ plan: planOf({ frames: framesOf(100) }) });
		rig.ready();
		rig.session.play();
		rig.clock.advance(60 * 26);
		const summary = await rig.stop();
		expect(summary.playedMs).toBe(20 * 60);
		const sent = rig.relays.sent.length;
		rig.clock.advance(5000);
		expect(rig.relays.sent).toHaveLength(sent);
		expect(rig.types).toEqual(['relayReady', 'stopped']);
		expect(rig.relays.closed).toBe(1);
	});

	test('after a stall, timestamps go on with the time and the recording where it was', () => {
		const rig = new SessionRig();
		rig.ready();
		rig.session.play();
		rig.clock.advance(8 * 60);
		rig.clock.stall(10_000);
		rig.clock.advance(120);
		const times = rig.relays.rtp.map(({ bytes }) => bytes.readUInt32BE(4) / 960);
		expect(times.slice(7)).toEqual([7, 8, 9 + 166, 9 + 167]);
		expect(rig.frames()).toBe(`${'S'.repeat(7)}012S`);
		const sequences = rig.relays.rtp.map(({ bytes }) => bytes.readUInt16BE(2));
		expect(sequences.map((value) => value - 32_767)).toEqual(sequences.map((_, n) => n));
	});

	describe('to an app without MLow', () => {
		const mlowCall = {
			codec: 'mlow' as const,
			plan: planOf({ frames: framesOf(5), repeat: 2 }),
			// The same 60 ms each, and other sizes.
			opusFrames: {
				payloads: Uint8Array.from(
					[0, 1, 2, 3, 4].flatMap((n) => [0x4b, 10 + n, ...Array(n).fill(1)]),
				),
				payloadBytes: Uint16Array.from([2, 3, 4, 5, 6]),
				comfortNoise: new Uint8Array(5),
			},
		};

		/** Silent packets as hex, others as which frame they are. */
		function said(rig: SessionRig): string[] {
			return rig.relays.rtp.map(({ bytes }) => {
				const opened = rig.listener.hear(bytes);
				const payload = typeof opened === 'object' ? opened.payload : Buffer.alloc(0);
				return payload.length === 1 ? payload.toString('hex') : String(payload[1]);
			});
		}

		test('Opus goes out, silence before the answer likewise', async () => {
			const rig = new SessionRig(mlowCall);
			rig.ready();
			rig.clock.advance(60);
			rig.session.peerSpeaksMlow(false);
			rig.clock.advance(60);
			rig.session.play();
			rig.clock.advance(60 * 16);
			const packets = said(rig);
			expect(packets.slice(0, 3)).toEqual(['90', '90', '58']);
			expect(packets.join(' ')).toContain('58 10 11 12 13 14 10 11 12 13 14');
			expect(await rig.stop()).toMatchObject({ codecSent: 'opus', playedMs: 600 });
		});

		test('which says so in the middle, it goes on where it was, and back', async () => {
			const rig = new SessionRig(mlowCall);
			rig.ready();
			rig.session.play();
			rig.clock.advance(60 * 9);
			rig.session.peerSpeaksMlow(false);
			rig.clock.advance(60 * 4);
			rig.session.peerSpeaksMlow(true);
			rig.clock.advance(60 * 6);
			expect(said(rig).filter((packet) => packet !== '90')).toEqual(
				'0 1 2 13 14 10 11 2 3 4'.split(' '),
			);
			const markers = rig.relays.rtp.map(({ bytes }) => (bytes.readUInt8(1) & 0x80) !== 0);
			expect(markers.filter(Boolean)).toHaveLength(1);
			expect(await rig.stop()).toMatchObject({ codecSent: 'mlow', playedMs: 600 });
		});

		test('of which nothing is known, MLow', async () => {
			const rig = new SessionRig(mlowCall);
			rig.ready();
			rig.session.play();
			rig.clock.advance(60 * 20);
			expect(said(rig)).toContain('4');
			expect(await rig.stop()).toMatchObject({ codecSent: 'mlow' });
		});

		test('a call in another codec is as it was', async () => {
			const rig = new SessionRig({ codec: 'escape', plan: planOf({ frames: framesOf(2) }) });
			rig.ready();
			rig.session.peerSpeaksMlow(false);
			rig.clock.advance(60);
			expect(said(rig)).toEqual(['90', '90']);
			expect(await rig.stop()).toMatchObject({ codecSent: 'escape' });
		});
	});

	test('further relays are passed on', () => {
		const rig = new SessionRig();
		rig.session.addRelays([]);
		expect(rig.relays.added).toEqual([[]]);
	});
});

describe('RTCP', () => {
	test('who we are at once, and a report each 1500 ms', () => {
		const rig = new SessionRig();
		rig.ready();
		rig.clock.advance(6100);
		const reports = rig.relays.rtcp;
		expect(reports.map(({ atMs }) => atMs - 1000)).toEqual([0, 1500, 3000, 4500, 6000]);
		const plain = reports.map(({ bytes }) => rig.listener.hearReport(bytes) as Buffer);
		expect(plain.map((compound) => compound.length)).toEqual([32, 60, 60, 60, 60]);
		expect(findSenderReport(plain[0] as Buffer)).toBeUndefined();
		expect(plain[1]?.readUInt32BE(20)).toBe(26);
		expect(plain[1]?.readUInt32BE(24)).toBe(26);
		expect(plain[1]?.readUInt32BE(16)).toBe(25 * 960);
	});

	test('says what was received, and when the report of the recipient came', () => {
		const rig = new SessionRig({ answeringDevice: TABLET });
		const tablet = new PeerDevice(TABLET);
		rig.ready();
		rig.receive(tablet.report(1_718_000_000_000));
		rig.receive(tablet.say());
		tablet.say();
		rig.receive(tablet.say());
		rig.clock.advance(1500);
		const report = rig.listener.hearReport(rig.relays.rtcp[1]?.bytes as Buffer) as Buffer;
		expect(report).toHaveLength(108);
		expect(report.readUInt32BE(28)).toBe(tablet.ssrc);
		expect(report.readUIntBE(33, 3)).toBe(1);
		expect(report.readUInt32BE(36)).toBe(102);
		expect(report.readUInt32BE(44)).toBe(0x18000000);
		expect(report.readUInt32BE(48)).toBe(Math.floor(1.5 * 65_536));
	});
});

describe('the end', () => {
	test('relays that fail end the packets; the summary is still there', async () => {
		const rig = new SessionRig();
		rig.ready();
		rig.clock.advance(120);
		rig.relays.options.events.failed('gone');
		rig.relays.options.events.failed('gone again');
		rig.clock.advance(600);
		rig.receive(new PeerDevice(PEER).say());
		expect(rig.told).toEqual([{ type: 'relayReady' }, { type: 'relayFailed', reason: 'gone' }]);
		expect(await rig.stop()).toMatchObject({ packetsSent: 3, packetsReceived: 0 });
	});

	test('goodbyes are waited for, but not for ever', async () => {
		const rig = new SessionRig();
		rig.relays.goodbye = new Promise(() => undefined);
		const stopped = rig.session.stop();
		const again = rig.session.stop();
		rig.clock.advance(999);
		await Promise.resolve();
		expect(rig.types).toEqual([]);
		rig.clock.advance(1);
		await Promise.all([stopped, again]);
		expect(rig.types).toEqual(['stopped']);
		expect(rig.relays.closed).toBe(1);
		expect(rig.clock.waiting).toBe(0);
	});

	test('relays that cannot say goodbye end it too, and nothing is told afterwards', async () => {
		const rig = new SessionRig();
		rig.relays.goodbye = Promise.reject(new Error('no'));
		await rig.session.stop();
		rig.ready();
		rig.relays.options.events.failed('late');
		rig.session.play();
		rig.session.rekey(TABLET);
		expect(rig.types).toEqual(['stopped']);
	});

	test('a recorder that cannot finish costs the recording only', async () => {
		const createRecorder = () => ({
			push: () => undefined,
			finish: async () => {
				throw new Error('no');
			},
		});
		const rig = new SessionRig({ recordAtMostMs: 1000 }, { createRecorder });
		expect((await rig.stop()).recording).toBeUndefined();
	});

	test('a fault of our own ends this call alone', async () => {
		const rig = new SessionRig({
			plan: planOf({
				frames: {
					...framesOf(1),
					payloads: new Uint8Array(9000),
					payloadBytes: Uint16Array.of(9000),
				},
			}),
		});
		rig.ready();
		rig.session.play();
		rig.clock.advance(1000);
		expect(rig.types).toEqual(['relayReady', 'relayFailed']);
		await rig.session.stop();
		expect(rig.types).toEqual(['relayReady', 'relayFailed', 'stopped']);
	});

	test.each([{ callKey: Buffer.alloc(5) }, { tagBytes: 0 }])('%p is no call', (changes) => {
		expect(() => new SessionRig(changes)).toThrow(RangeError);
	});
});
