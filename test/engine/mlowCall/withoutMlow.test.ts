import type { Phone } from '../../../engine';
import {
	answered,
	audioCall,
	check,
	inOrder,
	isSilence,
	likeness,
	reportOf,
	speech,
	startStudio,
	workshop,
} from '../audioCall/support/studio';
import { wavOf } from '../audio/support';
import type { Home } from '../phone/support/home';

describe('an audio call in MLow, to an app without it,', () => {
	let home: Home;
	let phone: Phone;
	let bytes: Buffer;

	beforeAll(async () => {
		bytes = wavOf(await speech(1.2));
		home = await startStudio();
		phone = await home.linked();
		// The threads for sound start with the first call, and take a moment.
		await reportOf(phone, home.person({ onCall: 'answer', afterSeconds: 5 }));
	});
	afterEach(async () => check(home));
	afterAll(async () => {
		await home.close();
		await workshop.close();
	});

	it.each([
		['which rings for a while', 10],
		['which answers at once', 0],
	])('is heard in native Opus, whole: %s', async (_how, afterSeconds) => {
		const person = home.person({ onCall: 'answer', afterSeconds, capabilityMlow: false });
		expect(await reportOf(phone, person, { audio: { bytes } })).toMatchObject({
			outcome: 'answered',
			endedBy: 'us',
			heard: true,
			playedSeconds: 1.2,
			codecSent: 'opus',
			recipientCodec: 'opus',
		});
		const { media, seen } = await answered(person);
		expect(seen).toMatchObject({ codec: 'opus', unreadable: 0, lost: 0 });
		const { frames, pcm } = await workshop.prepareCall({ bytes }, 'opus');
		expect(spokenOf(inOrder(media.packets))).toEqual(spokenOf(frames));
		expect(likeness(pcm, await media.heard())).toBeGreaterThanOrEqual(0.9);
	});

	it('keeps what the recipient says', async () => {
		const speakTone = { hz: 440, seconds: 1 };
		const person = home.person({ onCall: 'answer', capabilityMlow: false, speakTone });
		const request = { recordAtMostMs: 60_000, stayMs: 800 };
		const { recording, report } = await audioCall(phone, person, request);
		expect(report).toMatchObject({ codecSent: 'opus', recipientCodec: 'opus' });
		expect(recording?.durationMs).toBeGreaterThan(1_000);
	});

	it('is followed by one in MLow to an app that has it', async () => {
		const person = home.person({ onCall: 'answer', afterSeconds: 2 });
		expect(await reportOf(phone, person, { audio: { bytes } })).toMatchObject({
			codecSent: 'mlow',
			recipientCodec: 'mlow',
		});
		const { media, seen } = await answered(person);
		expect(seen).toMatchObject({ codec: 'mlow', unreadable: 0, lost: 0 });
		const { frames } = await workshop.prepareCall({ bytes }, 'mlow');
		expect(spokenOf(inOrder(media.packets))).toEqual(spokenOf(frames));
	});

	it('when Opus was chosen anyway, claims no MLow', async () => {
		const person = home.person({ onCall: 'answer', afterSeconds: 2 });
		const report = await reportOf(phone, person, { audio: { bytes }, codec: 'opus' });
		expect(report).toMatchObject({ codecSent: 'opus', recipientCodec: 'opus' });
		expect((await answered(person)).seen).toMatchObject({ codec: 'opus', unreadable: 0 });
	});
});

/** What is no silence, as hex. */
function spokenOf(packets: readonly { payload: Uint8Array }[]): string[] {
	const payloads = packets.map(({ payload }) => Buffer.from(payload));
	return payloads.filter((payload) => !isSilence({ payload })).map((one) => one.toString('hex'));
}
