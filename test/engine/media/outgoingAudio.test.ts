import { silenceOf } from '../../../engine/media/frames';
import type { PlayPlan } from '../../../engine/media/messages';
import { OutgoingAudio } from '../../../engine/media/outgoingAudio';
import { describeFrame, framesOf, planOf } from './support/calls';

function audioOf(changes: Partial<PlayPlan> = {}): OutgoingAudio {
	return new OutgoingAudio(planOf(changes), silenceOf('opus'));
}

/** The next frames in short. */
function take(audio: OutgoingAudio, count: number): string {
	return Array.from({ length: count }, () => describeFrame(audio.next())).join('');
}

/** 400 ms. */
const LEAD_IN = 'S'.repeat(7);

describe('what is said', () => {
	test('silence, until somebody listens', () => {
		const audio = audioOf();
		expect(take(audio, 1000)).toBe('S'.repeat(1000));
		expect(audio.playedMs).toBe(0);
		expect(audio.finished).toBe(false);
	});

	test('a lead-in, the recording, a tail, the end', () => {
		const audio = audioOf();
		take(audio, 3);
		audio.play();
		expect(take(audio, 10)).toBe(`${LEAD_IN}012`);
		expect(audio.playedMs).toBe(180);
		expect(audio.saidAll).toBe(true);
		expect(take(audio, 7)).toBe('S'.repeat(7));
		expect(audio.finished).toBe(false);
		expect(take(audio, 1)).toBe('S');
		expect(audio.finished).toBe(true);
		expect(take(audio, 100)).toBe('S'.repeat(100));
		expect(audio.playedMs).toBe(180);
	});

	test('rounds with pauses, and the line held afterwards', () => {
		const audio = audioOf({ repeat: 3, pauseBetweenRepeatsMs: 130, stayMs: 1000 });
		audio.play();
		expect(take(audio, 22)).toBe(`${LEAD_IN}012SSS012SSS012`);
		expect(audio.playedMs).toBe(540);
		// 1400 ms.
		expect(take(audio, 24)).toBe('S'.repeat(24));
		expect(audio.finished).toBe(false);
		take(audio, 1);
		expect(audio.finished).toBe(true);
	});

	test('rounds without a pause follow each other', () => {
		const audio = audioOf({ repeat: 2 });
		audio.play();
		expect(take(audio, 14)).toBe(`${LEAD_IN}012012S`);
	});

	test.each([
		[0, 7],
		[39, 7],
		[40, 6],
		[60, 6],
	])('a next frame in %d ms is part of the lead-in: %d silent ones', (nextFrameInMs, silent) => {
		const audio = audioOf();
		audio.play(nextFrameInMs);
		expect(take(audio, silent + 1)).toBe(`${'S'.repeat(silent)}0`);
	});

	test('play() twice changes nothing', () => {
		const audio = audioOf();
		audio.play();
		take(audio, 8);
		audio.play();
		expect(take(audio, 3)).toBe('12S');
	});

	test('stopped in the middle, what was played so far counts', () => {
		const audio = audioOf({ repeat: 2, pauseBetweenRepeatsMs: 60 });
		audio.play();
		take(audio, 9);
		expect(audio.playedMs).toBe(120);
		take(audio, 3);
		expect(audio.playedMs).toBe(240);
		expect(audio.saidAll).toBe(false);
	});

	test('frames of different sizes and quiet ones come out as they are', () => {
		const audio = audioOf({ frames: framesOf(5, [1, 3]) });
		audio.play();
		expect(take(audio, 12)).toBe(`${LEAD_IN}0S2S4`);
		expect(audio.playedMs).toBe(300);
	});

	test('goes on in another codec in the middle of a round', () => {
		const audio = audioOf({ frames: framesOf(5), repeat: 2 });
		const others = framesOf(5, [0, 1]);
		audio.play();
		expect(take(audio, 9)).toBe(`${LEAD_IN}01`);
		audio.change(others, silenceOf('mlow'));
		expect(take(audio, 4)).toBe('234S');
		expect(take(audio, 5)).toBe('S234S');
		expect(audio.next().payload).toEqual(Uint8Array.of(0x90));
		expect(audio.playedMs).toBe(600);
	});

	test('nothing to say is said at once', () => {
		const audio = audioOf({ frames: framesOf(0), repeat: 5, pauseBetweenRepeatsMs: 5000 });
		audio.play();
		take(audio, 14);
		expect(audio.finished).toBe(false);
		take(audio, 2);
		expect(audio.finished).toBe(true);
		expect(audio.playedMs).toBe(0);
	});
});
