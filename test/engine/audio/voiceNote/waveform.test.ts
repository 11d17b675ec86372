import { WaveformMeter } from '../../../../engine/audio/voiceNote/waveform';
import { alertClip, noise, tone } from '../codec/support/speech';

function bars(...pieces: Int16Array[]): number[] {
	const meter = new WaveformMeter();
	pieces.forEach((piece) => meter.add(piece));
	return [...meter.bars()];
}

/** The formula with all samples at hand. */
function exactBars(pcm: Int16Array): number[] {
	const levels = Array.from({ length: 64 }, (_, bar) => {
		const slice = pcm.subarray((bar * pcm.length) / 64, ((bar + 1) * pcm.length) / 64);
		return Math.sqrt(slice.reduce((sum, sample) => sum + sample * sample, 0) / slice.length);
	});
	const highest = Math.max(...levels);
	return levels.map((level) => Math.round((100 * level) / highest));
}

test('an even tone is full from end to end', () => {
	const levels = bars(tone(500, 64_000));
	expect(levels).toHaveLength(64);
	expect(Math.min(...levels)).toBeGreaterThanOrEqual(99);
});

test('half the amplitude is half the height', () => {
	const pcm = noise(64_000, 8000);
	pcm.subarray(0, 32_000).forEach((sample, index) => (pcm[index] = Math.round(sample / 2)));
	const levels = bars(pcm);
	const mean = (part: number[]) => part.reduce((sum, level) => sum + level, 0) / part.length;
	expect(mean(levels.slice(0, 32)) / mean(levels.slice(32))).toBeCloseTo(0.5, 1);
});

test('silence and nothing at all are 64 zeros', () => {
	expect(bars(new Int16Array(10_000))).toEqual(new Array(64).fill(0));
	expect(bars()).toEqual(new Array(64).fill(0));
});

test('the loudest samples there are do not overflow', () => {
	expect(bars(new Int16Array(2_000_000).fill(-32_768))).toEqual(new Array(64).fill(100));
});

test.each([64, 640, 8128])('%d samples give exactly the bars of the formula', (samples) => {
	const pcm = noise(samples);
	expect(bars(pcm)).toEqual(exactBars(pcm));
});

test('fewer samples than bars are spread over them', () => {
	expect(bars(Int16Array.of(100))).toEqual(new Array(64).fill(100));
	const two = bars(Int16Array.of(50, 100));
	expect(two).toEqual([...new Array<number>(32).fill(50), ...new Array<number>(32).fill(100)]);
});

test('long recordings come within 3 of the formula, in whatever pieces they arrive', () => {
	const clip = alertClip();
	const pcm = new Int16Array(clip.length * 4 + 777);
	for (let round = 0; round < 4; round++) {
		pcm.set(clip, round * clip.length);
	}
	const whole = bars(pcm);
	exactBars(pcm).forEach((level, bar) => {
		expect(Math.abs((whole[bar] ?? 0) - level)).toBeLessThanOrEqual(3);
	});
	const pieces: Int16Array[] = [];
	for (let start = 0, size = 1; start < pcm.length; start += size, size = (size * 7) % 4093) {
		pieces.push(pcm.subarray(start, start + size));
	}
	expect(bars(...pieces)).toEqual(whole);
});
