import { VoiceActivity } from '../../../../../engine/audio/mlow/encoder/voiceActivity';
import { vectorJson, wholeClip } from './traceVectors';

type Row = [number, number, number, number];

it('gives the activity of speech in noise exactly as the reference does', () => {
	const { rows } = vectorJson<{ rows: Row[] }>('vad.json');
	const samples = wholeClip('s2_female_noise');
	const detector = new VoiceActivity();
	const actual = rows.map((_, packet) => {
		const active = detector.analyse(samples.subarray(960 * packet, 960 * (packet + 1)));
		return [...detector.activity, active ? 1 : 0];
	});
	expect(actual).toEqual(rows);
});

it('is the same again after a reset', () => {
	const samples = wholeClip('s2_female_noise').subarray(0, 9600);
	const detector = new VoiceActivity();
	const run = () =>
		Array.from({ length: 10 }, (_, packet) => {
			const active = detector.analyse(samples.subarray(960 * packet, 960 * (packet + 1)));
			return [...detector.activity, active];
		});
	const first = run();
	detector.reset();
	expect(run()).toEqual(first);
});

it('counts 60 ms after speech as speech, and silence after that as none', () => {
	const detector = new VoiceActivity();
	const loud = Int16Array.from({ length: 960 }, (_, n) => 12000 * Math.sin(n * 0.3));
	const silence = new Int16Array(960);
	detector.analyse(loud);
	const active = [1, 2, 3].map(() => detector.analyse(silence));
	// The energy of the last quarter of the speech counts in the frame after it: 80 ms in all.
	expect(active).toEqual([true, true, false]);
	for (const activity of detector.activity) expect(activity).toBeLessThanOrEqual(12);
});

it('survives the loudest square wave', () => {
	const detector = new VoiceActivity();
	const square = Int16Array.from({ length: 960 }, (_, n) => (n % 40 < 20 ? 32767 : -32768));
	for (let packet = 0; packet < 50; packet++) detector.analyse(square);
	for (const activity of detector.activity) expect(activity).toBeLessThanOrEqual(255);
});
