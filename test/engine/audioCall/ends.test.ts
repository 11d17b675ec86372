import { setTimeout as wait } from 'node:timers/promises';
import type { Phone } from '../../../engine';
import type { Phone as PersonsPhone } from '../../../simulator';
import { eventually } from '../../simulator/support/client';
import type { Home } from '../phone/support/home';
import {
	answered,
	hears,
	HUM,
	mendRelays,
	reportOf,
	soundOf,
	startStudio,
	check,
} from './support/studio';

/** Script seconds are tenths of real ones. */
const LEAD_IN = 1;
const MID_RECORDING = 11;

describe('an audio call ends', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await startStudio();
		phone = await home.linked();
		// The threads for sound start with the first call, and take a moment.
		await reportOf(phone, home.person({ onCall: 'answer', afterSeconds: 5 }));
	});
	afterEach(async () => {
		mendRelays(home);
		await check(home);
	});
	afterAll(async () => home.close());

	/** It answers when the sound of the call is connected. */
	const answering = { onCall: 'answer', afterSeconds: 4 } as const;

	describe('when the recipient hangs up', () => {
		it('before there is a path for the sound', async () => {
			home.network.relays.change({ silent: true });
			const person = home.person({ ...answering, hangUpAfterSeconds: 2 });
			expect(await reportOf(phone, person)).toMatchObject({
				outcome: 'answered',
				endedBy: 'recipient',
				heard: false,
				playedSeconds: 0,
				audioSeconds: 0.3,
			});
		});

		it('during the silence before the recording', async () => {
			const person = home.person({ ...answering, hangUpAfterSeconds: LEAD_IN });
			expect(await reportOf(phone, person)).toMatchObject({
				outcome: 'answered',
				endedBy: 'recipient',
				playedSeconds: 0,
			});
		});

		it('in mid recording', async () => {
			const person = home.person({ ...answering, hangUpAfterSeconds: MID_RECORDING });
			const report = await reportOf(phone, person, { audio: { bytes: HUM } });
			expect(report).toMatchObject({
				outcome: 'answered',
				endedBy: 'recipient',
				heard: true,
				audioSeconds: 1.5,
			});
			const { media } = await answered(person);
			const { fromMs } = soundOf(media.packets);
			// What the phone heard, and at most a packet or two that it did not.
			const heardSeconds = (1_100 - fromMs) / 1_000;
			expect(report.playedSeconds).toBeGreaterThan(heardSeconds - 0.2);
			expect(report.playedSeconds).toBeLessThan(heardSeconds + 0.6);
			expect(report.playedSeconds).toBeLessThan(1.5);
		});

		it('after the recording, while the line is held', async () => {
			const person = home.person({ ...answering, hangUpAfterSeconds: 25 });
			expect(await reportOf(phone, person, { stayMs: 30_000 })).toMatchObject({
				outcome: 'answered',
				endedBy: 'recipient',
				playedSeconds: 0.3,
			});
		});
	});

	describe('when it is cancelled', () => {
		it('while the recording is prepared, without ringing anywhere', async () => {
			const person = home.person(answering);
			await expect(reportOf(phone, person, { signal: AbortSignal.abort() })).rejects.toMatchObject({
				code: 'CANCELLED',
			});
			expect(person.seen.calls).toEqual([]);
		});

		it('while it rings', async () => {
			const person = home.person({}, { devices: 2 });
			const cancelled = await cancelledWhen(person, async () => {
				await eventually(() => person.seen.calls.length === 2);
				await wait(300);
			});
			expect(cancelled).toMatchObject({ outcome: 'cancelled', endedBy: 'us', rang: true });
			expect(cancelled).not.toHaveProperty('playedSeconds');
			await check(home);
			expect(person.seen.calls).toMatchObject([{ missed: true }, { missed: true }]);
		});

		it('before there is a path for the sound', async () => {
			home.network.relays.change({ silent: true });
			const person = home.person(answering);
			const cancelled = await cancelledWhen(person, async () => {
				await answered(person);
				await wait(100);
			});
			expect(cancelled).toMatchObject({
				outcome: 'answered',
				endedBy: 'us',
				heard: false,
				playedSeconds: 0,
			});
		});

		it('during the silence before the recording', async () => {
			const person = home.person(answering);
			const cancelled = await cancelledWhen(person, async () => {
				await answered(person);
				await wait(20);
			});
			expect(cancelled).toMatchObject({ outcome: 'answered', endedBy: 'us', playedSeconds: 0 });
		});

		it('in mid recording', async () => {
			const person = home.person(answering);
			const cancelled = await cancelledWhen(person, () => hears(person, 8));
			expect(cancelled).toMatchObject({ outcome: 'answered', endedBy: 'us', heard: true });
			expect(cancelled.playedSeconds).toBeGreaterThan(0.4);
			expect(cancelled.playedSeconds).toBeLessThan(1.5);
		});

		it('after the recording, while the line is held', async () => {
			const person = home.person(answering);
			const cancelled = await cancelledWhen(person, async () => {
				await hears(person, 20);
				await wait(1_500);
			});
			expect(cancelled).toMatchObject({ outcome: 'answered', endedBy: 'us', playedSeconds: 1.5 });
		});

		async function cancelledWhen(person: PersonsPhone, reached: () => Promise<void>) {
			const stop = new AbortController();
			const { signal } = stop;
			const request = { signal, audio: { bytes: HUM }, stayMs: 30_000 };
			const placed = reportOf(phone, person, request);
			await reached();
			stop.abort();
			const report = await placed;
			await eventually(() => person.seen.calls.every(({ endedBy }) => endedBy === 'caller'));
			return report;
		}
	});

	it('when the phone of the session is closed', async () => {
		const person = home.person(answering);
		const other = await home.linked({ name: 'closed' });
		const placed = reportOf(other, person, { audio: { bytes: HUM } });
		await hears(person, 4);
		await other.close();
		expect(await placed).toMatchObject({ outcome: 'answered', endedBy: 'us' });
		await eventually(() => person.seen.calls.every(({ endedBy }) => endedBy === 'caller'));
	});

	it('when the connection to WhatsApp breaks, and the next one tells the recipient', async () => {
		const person = home.person(answering);
		const placed = reportOf(phone, person, { audio: { bytes: HUM } });
		await hears(person, 5);
		home.network.cut(2);
		const report = await placed;
		expect(report).toMatchObject({
			outcome: 'answered',
			message: 'Answered, then the connection broke.',
			endedBy: 'network',
			heard: true,
		});
		expect(report.playedSeconds).toBeGreaterThan(0.2);
		expect(report.playedSeconds).toBeLessThan(1.5);
		await eventually(() => person.seen.calls.every(({ endedBy }) => endedBy === 'caller'));
		const next = home.person(answering);
		expect(await reportOf(phone, next)).toMatchObject({ outcome: 'answered', heard: true });
	});

	it('when all relays are gone for good', async () => {
		const person = home.person(answering);
		const placed = reportOf(phone, person, { audio: { bytes: HUM }, stayMs: 30_000 });
		await hears(person, 5);
		home.network.relays.change({ refuses: 486 });
		await home.network.relays.end();
		expect(await placed).toMatchObject({ outcome: 'answered', endedBy: 'network', heard: true });
		await eventually(() => person.seen.calls.every(({ endedBy }) => endedBy === 'caller'));
	});
});
