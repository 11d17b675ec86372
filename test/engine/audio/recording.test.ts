import { Recording, type RecordingOptions } from '../../../engine/audio/recording';

const RATE_HZ = 16_000;
const AS_IT_IS: RecordingOptions = {
	normaliseLoudness: false,
	trimSilence: false,
	maximumSeconds: 60,
};

const tone = (seconds: number, level: number) =>
	Float32Array.from(
		{ length: seconds * RATE_HZ },
		(_value, index) => level * Math.sin(index * 0.3),
	);
const silence = (seconds: number) => new Float32Array(seconds * RATE_HZ);

function recorded(options: Partial<RecordingOptions>, ...pieces: Float32Array[]): Int16Array {
	const recording = new Recording({ ...AS_IT_IS, ...options });
	pieces.forEach((piece) => recording.push(piece));
	const { frames, sampleCount } = recording.finish();
	expect(frames.length % 960).toBe(0);
	expect(frames.subarray(sampleCount).every((sample) => sample === 0)).toBe(true);
	return frames.subarray(0, sampleCount);
}
const peakOf = (samples: Int16Array) =>
	samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

describe('Recording', () => {
	test('keeps samples as they are when nothing is asked for', () => {
		const samples = recorded({}, tone(0.1, 0.5), tone(25, 0.5));
		expect(samples).toHaveLength(25.1 * RATE_HZ);
		expect(Math.abs((samples[100] ?? 0) - 0.5 * 32_768 * Math.sin(30))).toBeLessThanOrEqual(2);
	});

	test('what overshoots full scale clips only without loudness', () => {
		expect(peakOf(recorded({}, tone(1, 1.5)))).toBe(32_768);
		const atItsPeak = (samples: Int16Array) => {
			const peak = peakOf(samples);
			return samples.filter((sample) => Math.abs(sample) === peak).length;
		};
		const levelled = recorded({ normaliseLoudness: true }, tone(1, 1.5));
		expect(peakOf(levelled)).toBeLessThan(32_768 * 0.9);
		// A clipped sine stays at its peak for many samples.
		expect(atItsPeak(levelled) * 10).toBeLessThan(atItsPeak(recorded({}, tone(1, 1.5))));
	});

	test('brings quiet recordings up', () => {
		expect(peakOf(recorded({ normaliseLoudness: true }, tone(2, 0.01)))).toBeGreaterThan(3000);
	});

	test('cuts silence off both ends and leaves a margin and what lies between', () => {
		const samples = recorded(
			{ trimSilence: true },
			silence(2),
			tone(1, 0.3),
			silence(1),
			tone(1, 0.3),
			silence(3),
		);
		expect(samples.length / RATE_HZ).toBeCloseTo(3.2, 1);
	});

	test('a recording that is too long is refused as soon as it is', () => {
		const recording = new Recording({ ...AS_IT_IS, maximumSeconds: 120 });
		recording.push(tone(120, 0.1));
		expect(() => recording.push(tone(1, 0.1))).toThrow(
			expect.objectContaining({
				code: 'AUDIO_TOO_LONG',
				message: 'The recording is longer than 2 minutes',
			}),
		);
	});

	test.each([
		['nothing', [], 'holds no sound'],
		['silence', [silence(5)], 'nothing but silence'],
		['the noise of a converter', [silence(1).fill(1 / 32_768)], 'nothing but silence'],
	])('%s is nothing to play', (_name, pieces, said) => {
		expect(() => recorded({ normaliseLoudness: true, trimSilence: true }, ...pieces)).toThrow(
			expect.objectContaining({ code: 'AUDIO_UNREADABLE', message: expect.stringContaining(said) }),
		);
	});
});
