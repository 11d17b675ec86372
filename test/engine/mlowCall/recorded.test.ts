import type { Phone } from '../../../engine';
import type { Phone as PersonsPhone } from '../../../simulator';
import { framesOf, samplesOf, type MlowClip } from '../audioCall/support/mlowClips';
import {
	audioCall,
	check,
	hears,
	mendRelays,
	startStudio,
	workshop,
} from '../audioCall/support/studio';
import { decodeByFfmpeg } from '../media/recording/support';
import type { Home } from '../phone/support/home';
import { compareWithin } from './support';

describe('the recording of a phone that speaks MLow', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await startStudio();
		phone = await home.linked();
	});
	afterEach(async () => {
		mendRelays(home);
		await check(home);
	});
	afterAll(async () => {
		await home.close();
		await workshop.close();
	});

	it.each<[MlowClip, number]>([
		['s1_male_clean', 0],
		['s2_female_noise', 0],
		['s3_pt_quiet', 2],
	])(
		'holds what the reference decoder makes of its frames: %s, %d copies',
		async (clip, copies) => {
			const { quality, correlation } = await recorded(clip, { redundancy: copies });
			expect(correlation).toBeGreaterThan(0.9);
			expect(quality.intelligibility).toBeGreaterThan(0.95);
			expect(Math.abs(quality.levelDb)).toBeLessThan(1);
		},
	);

	it('keeps its time when a tenth of the packets is lost', async () => {
		home.network.relays.change({ loss: 0.1 });
		const { quality } = await recorded('s1_male_clean');
		expect(quality.intelligibility).toBeGreaterThan(0.75);
	});

	/** What the recording has of the clip, compared with what the reference decoder makes of it. */
	async function recorded(clip: MlowClip, script: Partial<PersonsPhone['script']> = {}) {
		const frames = framesOf(clip);
		const person = home.person({ onCall: 'answer', afterSeconds: 2, ...script });
		const hangUp = new AbortController();
		const placed = audioCall(phone, person, {
			recordAtMostMs: 60_000,
			stayMs: 60_000,
			signal: hangUp.signal,
		});
		// From then on the sound goes both ways.
		await hears(person);
		await person.sendFrames(frames);
		// What is still on its way.
		await new Promise((resolve) => setTimeout(resolve, 300));
		hangUp.abort();
		const { recording, report } = await placed;
		expect(report).toMatchObject({ outcome: 'answered', heard: true, recipientCodec: 'mlow' });
		expect(recording?.durationMs).toBeGreaterThanOrEqual(frames.length * 60);
		const { pcm, complaints } = decodeByFfmpeg(recording?.ogg ?? new Uint8Array());
		expect(complaints).toBe('');
		return compareWithin(samplesOf(clip, 'dec'), pcm);
	}
});
