import { framesOf, PEER, PeerDevice, planOf, TABLET } from './support/calls';
import { SessionRig } from './support/sessions';

const DESKTOP = '222222222222222:9@lid';

describe('what we hear', () => {
	test('before the answer counts, but is neither told nor recorded', async () => {
		const rig = new SessionRig({ recordAtMostMs: 60_000 });
		const [phone, tablet] = [new PeerDevice(PEER), new PeerDevice(TABLET)];
		rig.ready();
		rig.receive(phone.say(), 2);
		rig.receive(tablet.say());
		expect(rig.types).toEqual(['relayReady']);
		expect(rig.relays.delivering).toEqual([2]);
		const summary = await rig.stop();
		expect(summary).toMatchObject({ packetsReceived: 1, packetsRefused: 1 });
		expect(summary.recipientCodec).toBeUndefined();
		expect(rig.recorders[0]?.packets).toHaveLength(0);
	});

	test('the device that answered, once', async () => {
		const rig = new SessionRig({ recordAtMostMs: 60_000 });
		const tablet = new PeerDevice(TABLET);
		rig.ready();
		rig.receive(tablet.say());
		rig.session.rekey(TABLET);
		const packet = tablet.say();
		rig.receive(packet, 3);
		rig.receive(packet, 4);
		rig.session.rekey(PEER);
		rig.receive(tablet.say(), 4);
		rig.receive(new PeerDevice(PEER).say());
		expect(rig.types).toEqual(['relayReady', 'peerAudio']);
		expect(rig.relays.delivering).toEqual([3, 4]);
		const summary = await rig.stop();
		expect(summary).toMatchObject({
			packetsReceived: 2,
			packetsRefused: 2,
			recipientCodec: 'opus',
			recording: { durationMs: 120 },
		});
		expect(rig.recorders[0]?.finished).toBe(1);
		expect(rig.recorders[0]?.packets.map(({ sequence }) => sequence)).toEqual([101, 102]);
	});

	test('the primary phone, of which nothing is forgotten when it answers', () => {
		const rig = new SessionRig();
		const phone = new PeerDevice(PEER);
		rig.ready();
		const packet = phone.say();
		rig.receive(packet);
		rig.session.rekey(PEER);
		rig.receive(packet);
		expect(rig.types).toEqual(['relayReady']);
		rig.receive(phone.say());
		expect(rig.types).toEqual(['relayReady', 'peerAudio']);
	});

	test('an answer that came before the media', () => {
		const rig = new SessionRig({ answeringDevice: TABLET });
		rig.ready();
		rig.receive(new PeerDevice(TABLET).say());
		expect(rig.types).toEqual(['relayReady', 'peerAudio']);
	});

	test('our own packets are no packets of the recipient', async () => {
		const rig = new SessionRig();
		rig.ready();
		rig.clock.advance(300);
		for (const { bytes } of rig.relays.rtp) {
			rig.receive(bytes);
		}
		expect(await rig.stop()).toMatchObject({ packetsReceived: 0, packetsRefused: 0 });
	});

	test('rubbish is counted', async () => {
		const rig = new SessionRig();
		rig.ready();
		for (let bytes = 0; bytes < 40; bytes++) {
			rig.receive(Buffer.alloc(bytes, 0x90));
			rig.receive(Buffer.alloc(bytes, 0xc8));
		}
		expect((await rig.stop()).packetsRefused).toBeGreaterThan(20);
		expect(rig.types).toEqual(['relayReady', 'stopped']);
	});

	test.each([1, 2, 4, 20])('tags of %i bytes', (tagBytes) => {
		const rig = new SessionRig({ tagBytes, answeringDevice: TABLET });
		rig.ready();
		rig.receive(new PeerDevice(TABLET, { tagBytes }).say());
		expect(rig.types).toEqual(['relayReady', 'peerAudio']);
		rig.clock.advance(120);
		expect(rig.frames()).toBe('SSS');
	});
});

describe('the search for the device that answered', () => {
	test.each([
		['another device that was offered the call', TABLET],
		['the primary phone, which was not', PEER],
	])('%s', (_name, device) => {
		const rig = new SessionRig({ peerDevices: [TABLET, DESKTOP] });
		const talking = new PeerDevice(device);
		rig.ready();
		rig.session.rekey(DESKTOP);
		rig.clock.advance(2999);
		rig.receive(talking.say());
		expect(rig.types).toEqual(['relayReady']);
		rig.clock.advance(1);
		rig.receive(talking.say());
		rig.receive(talking.report(0));
		expect(rig.types).toEqual(['relayReady', 'peerAudio']);
	});

	test('not when the device was understood', async () => {
		const rig = new SessionRig();
		rig.ready();
		rig.session.rekey(TABLET);
		rig.receive(new PeerDevice(TABLET).say());
		rig.clock.advance(5000);
		rig.receive(new PeerDevice(PEER).say());
		expect(await rig.stop()).toMatchObject({ packetsReceived: 1, packetsRefused: 1 });
	});

	test('not before the answer, and not for strangers', async () => {
		const rig = new SessionRig();
		rig.ready();
		rig.clock.advance(10_000);
		rig.receive(new PeerDevice(TABLET).say());
		rig.session.rekey(DESKTOP);
		rig.clock.advance(10_000);
		rig.receive(new PeerDevice('3@lid').say());
		expect(await rig.stop()).toMatchObject({ packetsReceived: 0, packetsRefused: 2 });
	});

	test('short tags have to fit more than once', () => {
		const rig = new SessionRig({ tagBytes: 1 });
		const tablet = new PeerDevice(TABLET, { tagBytes: 1 });
		rig.ready();
		// An address whose keys do not happen to fit one of these packets.
		rig.session.rekey('222222222222222:31@lid');
		rig.clock.advance(3000);
		for (let count = 1; count <= 4; count++) {
			expect(rig.types).toEqual(['relayReady']);
			rig.receive(tablet.say());
		}
		expect(rig.types).toEqual(['relayReady', 'peerAudio']);
	});
});

describe('20 seconds without a sign', () => {
	const plan = planOf({ stayMs: 600_000 });

	test('end a recording', () => {
		const rig = new SessionRig({ recordAtMostMs: 600_000, plan, answeringDevice: TABLET });
		const tablet = new PeerDevice(TABLET);
		rig.ready();
		rig.session.play();
		rig.clock.advance(10_000);
		rig.receive(tablet.say());
		rig.clock.advance(15_000);
		rig.receive(tablet.report(0));
		rig.clock.advance(19_900);
		expect(rig.types).not.toContain('audioFinished');
		rig.clock.advance(200);
		expect(rig.types.filter((type) => type === 'audioFinished')).toHaveLength(1);
		rig.clock.advance(60_000);
		expect(rig.types.filter((type) => type === 'audioFinished')).toHaveLength(1);
	});

	test('of somebody who was never heard count from the answer', () => {
		const rig = new SessionRig({ recordAtMostMs: 600_000, plan });
		rig.ready();
		rig.clock.advance(60_000);
		rig.session.rekey(TABLET);
		rig.session.play();
		rig.clock.advance(19_900);
		expect(rig.types).not.toContain('audioFinished');
		rig.clock.advance(200);
		expect(rig.types).toContain('audioFinished');
	});

	test('who was never heard may hear us: everything is said first', () => {
		const frames = framesOf(500);
		const rig = new SessionRig({ recordAtMostMs: 600_000, plan: { ...plan, frames } });
		rig.ready();
		rig.session.play();
		rig.clock.advance(29_000);
		expect(rig.types).not.toContain('audioFinished');
		rig.clock.advance(2000);
		expect(rig.types).toContain('audioFinished');
	});

	test('mean nothing when nothing is recorded', () => {
		const rig = new SessionRig({ plan, answeringDevice: TABLET });
		rig.ready();
		rig.session.play();
		rig.receive(new PeerDevice(TABLET).say());
		rig.clock.advance(500_000);
		expect(rig.types).not.toContain('audioFinished');
	});
});
