import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Phone } from '../../../engine';
import type { MediaRecording } from '../../../engine/media/messages';
import { tone } from '../../../simulator';
import { ffmpeg } from '../audio/support';
import type { Home } from '../phone/support/home';
import {
	audioCall,
	hears,
	HUM,
	likeness,
	speech,
	startStudio,
	workshop,
	check,
} from './support/studio';

describe('a recorded audio call', () => {
	let home: Home;
	let phone: Phone;
	let folder: string;
	let words: Int16Array;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'recording-'));
		words = await speech(1.2);
		home = await startStudio();
		phone = await home.linked();
	});
	afterAll(async () => {
		await check(home);
		await home.close();
		await workshop.close();
		await rm(folder, { recursive: true });
	});

	it.each(['mlow', 'opus', 'escape'] as const)(
		'keeps what the recipient says in %s',
		async (codec) => {
			const person = home.person({ onCall: 'answer', afterSeconds: 2, speaksCodec: codec });
			const placed = audioCall(phone, person, { recordAtMostMs: 60_000, stayMs: 1_300 });
			// From then on the sound goes both ways.
			await hears(person);
			await person.speak(words);
			const { recording, report } = await placed;
			expect(report).toMatchObject({ outcome: 'answered', heard: true, recipientCodec: codec });
			const pcm = await decoded(recording);
			// MLow is encoded anew.
			expect(likeness(words, pcm)).toBeGreaterThanOrEqual(codec === 'mlow' ? 0.8 : 0.9);
			const { durationMs = 0 } = recording ?? {};
			expect(Math.abs(durationMs - pcm.length / 16)).toBeLessThan(1);
			// From the first packet that comes through after the answer, before our first word, to the end.
			expect(durationMs).toBeGreaterThan(2_200);
			expect(durationMs).toBeLessThan((report.talkSeconds ?? 0) * 1_000 + 200);
		},
	);

	it('keeps a tone from its first moment', async () => {
		const speakTone = { hz: 440, seconds: 1 };
		const person = home.person({ onCall: 'answer', afterSeconds: 5, speakTone });
		const { recording } = await audioCall(phone, person, { recordAtMostMs: 60_000, stayMs: 500 });
		const pcm = await decoded(recording);
		const first = pcm.findIndex((sample) => Math.abs(sample) > 3_000);
		const last = pcm.findLastIndex((sample) => Math.abs(sample) > 3_000);
		expect(first).toBeLessThan(16 * 200);
		expect((last - first) / 16_000).toBeGreaterThan(0.9);
		expect((last - first) / 16_000).toBeLessThan(1.1);
	});

	it('keeps no more than it may', async () => {
		const speakTone = { hz: 440, seconds: 5 };
		const person = home.person({ onCall: 'answer', speakTone });
		const { recording } = await audioCall(phone, person, { recordAtMostMs: 700, stayMs: 500 });
		expect(recording?.durationMs).toBe(700);
		expect((await decoded(recording)).length).toBe(700 * 16);
	});

	it.each(['mlow', 'opus'] as const)('keeps MLow although %s was agreed', async (codec) => {
		const speakTone = { hz: 300, seconds: 3 };
		const person = home.person({ onCall: 'answer', speaksCodec: 'mlow', hears: 'any', speakTone });
		const audio = { bytes: HUM };
		const { recording, report } = await audioCall(phone, person, {
			...{ audio, codec, recordAtMostMs: 60_000, stayMs: 600 },
		});
		expect(report).toMatchObject({
			outcome: 'answered',
			heard: true,
			codecSent: codec,
			recipientCodec: 'mlow',
			playedSeconds: 1.5,
		});
		expect(likeness(tone(300, 1.5), await decoded(recording))).toBeGreaterThanOrEqual(0.9);
	});

	it('is not recorded unless it is asked for', async () => {
		const person = home.person({ onCall: 'answer', speakTone: { hz: 440, seconds: 1 } });
		expect(await audioCall(phone, person)).not.toHaveProperty('recording');
	});

	/** By ffmpeg: 16 kHz, mono. */
	async function decoded(recording: MediaRecording | undefined): Promise<Int16Array> {
		const file = join(folder, 'recording.ogg');
		await writeFile(file, recording?.ogg ?? '');
		const pcm = ffmpeg('-i', file, '-f', 's16le', '-ar', '16000', '-ac', '1', '-');
		return new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength));
	}
});
