import type { Phone } from '../../../engine';
import type { CallSeen } from '../../../simulator';
import { call, Home, OWN_NUMBER, ringsEverywhere, SPEED } from './support/home';

/** Fake calls as the node places them: through the front door, over Baileys, to simulated phones. */
describe('a fake call', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await Home.start();
		phone = await home.linked();
	});
	afterEach(async () => home.check());
	afterAll(async () => home.close());

	function field<K extends keyof CallSeen>(calls: readonly CallSeen[], name: K): CallSeen[K][] {
		return calls.map((seen) => seen[name]);
	}

	it('that is ignored rings for its time, and is missed on each of four devices', async () => {
		const person = home.person({}, { devices: 4 });
		const report = await call(phone, person, { ringSeconds: 6 });
		expect(report).toMatchObject({
			success: true,
			message: 'It rang, and nobody answered.',
			number: person.id,
			duration: 6,
			outcome: 'noAnswer',
			rang: true,
			endedBy: 'us',
		});
		expect(report).not.toHaveProperty('answeredAt');
		expect(report.ringSeconds).toBeGreaterThanOrEqual(6);
		await home.check();
		const { calls } = person.seen;
		expect(field(calls, 'callId')).toEqual(Array(4).fill(report.callId));
		expect(field(calls, 'missed')).toEqual(Array(4).fill(true));
		expect(field(calls, 'terminateReason')).toEqual(Array(4).fill(null));
		for (const { rangAt, rangUntil = rangAt } of calls) {
			expect(Date.parse(rangUntil) - Date.parse(rangAt)).toBeGreaterThanOrEqual(3_000 / SPEED);
		}
	});

	it('that is answered after a while is hung up at once, and stops on the other devices', async () => {
		const person = home.person({ onCall: 'answer', afterSeconds: 30, device: 3 }, { devices: 3 });
		const report = await call(phone, person, { ringSeconds: 60 });
		expect(report).toMatchObject({
			outcome: 'answered',
			rang: true,
			endedBy: 'us',
			talkSeconds: 0,
			endedAt: report.answeredAt,
		});
		// Thirty of the phone's seconds are 0.6 of ours; the half of it, in seconds of the engine.
		expect(report.ringSeconds).toBeGreaterThanOrEqual(0.3 * SPEED);
		await home.check();
		const { calls } = person.seen;
		expect(field(calls, 'state')).toEqual(['ended', 'ended', 'ended']);
		expect(field(calls, 'endedBy')).toEqual(['caller', 'caller', 'caller']);
		expect(field(calls, 'terminateReason')).toEqual([
			'accepted_elsewhere',
			null,
			'accepted_elsewhere',
		]);
		expect(field(calls, 'missed')).toEqual([false, false, false]);
	});

	it('to somebody who answers and hangs up in the same moment was answered', async () => {
		const person = home.person({ onCall: 'answer', hangUpAfterSeconds: 0 });
		expect(await call(phone, person)).toMatchObject({ outcome: 'answered', talkSeconds: 0 });
		expect(person.seen.calls).toMatchObject([{ state: 'ended', missed: false }]);
	});

	it('that is declined stops on the other devices', async () => {
		const person = home.person({ onCall: 'decline', afterSeconds: 2, device: 14 }, { devices: 4 });
		expect(await call(phone, person, { ringSeconds: 60 })).toMatchObject({
			outcome: 'declined',
			endedBy: 'recipient',
		});
		await home.check();
		expect(field(person.seen.calls, 'terminateReason')).toEqual([
			'rejected_elsewhere',
			'rejected_elsewhere',
			undefined,
			'rejected_elsewhere',
		]);
	});

	it('to a busy device and a free one goes on ringing, and the report says both', async () => {
		const person = home.person({ busyDevices: [0] }, { devices: 2 });
		expect(await call(phone, person)).toMatchObject({
			outcome: 'noAnswer',
			rang: true,
			message: 'It rang, and nobody answered. One of their devices was busy.',
		});
		await home.check();
		expect(person.seen.calls).toMatchObject([{ state: 'busy' }, { missed: true }]);
	});

	it('to devices that are all busy ends at once', async () => {
		const person = home.person({ busyDevices: [0, 3] }, { devices: 2 });
		expect(await call(phone, person, { ringSeconds: 60 })).toMatchObject({
			outcome: 'busy',
			endedBy: 'recipient',
		});
	});

	it('to a device without network rings on the other one only, and is missed on both', async () => {
		const person = home.person({ offlineDevices: [0] }, { devices: 2 });
		expect(await call(phone, person)).toMatchObject({ outcome: 'noAnswer', rang: true });
		await home.check();
		expect(field(person.seen.calls, 'device')).toEqual([3]);
		await person.setScript({});
		expect(field(person.seen.calls, 'device')).toEqual([3, 0]);
		expect(field(person.seen.calls, 'missed')).toEqual([true, true]);
	});

	it('to a phone without network does not claim that it rang', async () => {
		const person = home.person({ offlineDevices: [0] });
		const report = await call(phone, person);
		expect(report).toMatchObject({
			outcome: 'noAnswer',
			rang: false,
			message: 'Nobody answered, and no device confirmed to ring.',
		});
		expect(report).not.toHaveProperty('ringSeconds');
		await person.setScript({});
		expect(person.seen.calls).toMatchObject([{ missed: true }]);
	});

	it('to a phone that rings without saying so makes it stop', async () => {
		const person = home.person({ silentDevices: [0] });
		expect(await call(phone, person)).toMatchObject({ outcome: 'noAnswer', rang: false });
		await home.check();
		expect(person.seen.calls).toMatchObject([{ missed: true, endedBy: 'caller' }]);
	});

	it('to somebody who blocked the account looks like a phone that is off', async () => {
		const person = home.person({ blocks: [OWN_NUMBER] });
		expect(await call(phone, person)).toMatchObject({
			outcome: 'noAnswer',
			rang: false,
			endedBy: 'us',
		});
		expect(person.seen.calls).toEqual([]);
	});

	it('that the phone itself gives up was not answered', async () => {
		const person = home.person({}, { devices: 2 });
		const placed = call(phone, person, { ringSeconds: 60 });
		await ringsEverywhere(home, person);
		expect(await placed).toMatchObject({ outcome: 'noAnswer', rang: true, endedBy: 'network' });
	});

	it('to a number that nobody uses is not placed', async () => {
		const person = home.person({}, { onWhatsApp: false });
		await expect(call(phone, person)).rejects.toMatchObject({ code: 'NOT_ON_WHATSAPP' });
	});

	it('to the number of the session itself is not placed', async () => {
		await expect(call(phone, OWN_NUMBER)).rejects.toMatchObject({ code: 'INVALID_NUMBER' });
	});

	it.each([
		['551187654321', '5511987654321'],
		['5511987654322', '551187654322'],
	])('reaches %s when Brazilians dial %s', async (number, dialled) => {
		const person = home.person({}, { number, aliases: [dialled] });
		expect(await call(phone, dialled)).toMatchObject({ rang: true, number: dialled });
		await home.check();
		expect(person.seen.calls).toMatchObject([{ missed: true }]);
	});

	it('reaches a hidden id', async () => {
		const person = home.person();
		expect(await call(phone, person.lid)).toMatchObject({ rang: true, number: person.lid });
	});

	it('reaches somebody again who was called before', async () => {
		const person = home.person({}, { devices: 2 });
		await call(phone, person);
		expect(await call(phone, person)).toMatchObject({ outcome: 'noAnswer', rang: true });
		await home.check();
		expect(person.seen.calls).toHaveLength(4);
	});
});
