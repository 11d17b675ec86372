import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { LoudnessMeter } from '../../../engine/audio/loudness';

const CLIP = join(__dirname, '../../support/clips/alert.mp3');
const RATE_HZ = 16_000;

function measured(...pieces: Float32Array[]): LoudnessMeter {
	const meter = new LoudnessMeter();
	for (const piece of pieces) {
		meter.push(piece);
	}
	return meter;
}

function sine(frequencyHz: number, seconds: number, level: number): Float32Array {
	return Float32Array.from(
		{ length: Math.round(seconds * RATE_HZ) },
		(_value, index) => level * Math.sin((2 * Math.PI * frequencyHz * index) / RATE_HZ),
	);
}

function concatenated(...pieces: Float32Array[]): Float32Array {
	const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const piece of pieces) {
		all.set(piece, at);
		at += piece.length;
	}
	return all;
}

describe('LoudnessMeter', () => {
	test('a sine of 997 Hz at full scale has -3.01 LUFS (BS.1770-4)', () => {
		expect(measured(sine(997, 5, 1)).integratedLufs()).toBeCloseTo(-3.01, 1);
	});

	test('silence between sounds is gated out (EBU Tech 3341, case 3)', () => {
		const meter = measured(
			concatenated(
				sine(1000, 10, 10 ** (-36 / 20)),
				sine(1000, 60, 10 ** (-23 / 20)),
				sine(1000, 10, 10 ** (-36 / 20)),
			),
		);
		expect(meter.integratedLufs()).toBeCloseTo(-26, 0);
	});

	test('speech measures as in the ebur128 filter of ffmpeg', () => {
		const pcm = ffmpeg('-i', CLIP, '-ac', '1', '-ar', String(RATE_HZ), '-f', 'f32le', '-');
		const samples = new Float32Array(
			pcm.stdout.buffer.slice(pcm.stdout.byteOffset, pcm.stdout.byteOffset + pcm.stdout.byteLength),
		);
		const report = ffmpeg(
			'-i',
			CLIP,
			'-ac',
			'1',
			'-ar',
			String(RATE_HZ),
			'-af',
			'ebur128',
			'-f',
			'null',
			'-',
		).stderr.toString();
		const theirs = Number(/Summary:[^]*?I:\s+(-?[\d.]+) LUFS/.exec(report)?.[1]);
		expect(Math.abs(measured(samples).integratedLufs() - theirs)).toBeLessThan(0.3);
	});

	test('the gain brings speech to -18 LUFS', () => {
		const quiet = sine(1000, 3, 0.01);
		const gain = measured(quiet).gain();
		expect(measured(quiet.map((sample) => sample * gain)).integratedLufs()).toBeCloseTo(-18, 1);
	});

	test('no gain lifts a peak above -1 dBFS, and no gain is more than 30 dB', () => {
		const crackling = sine(1000, 3, 0.001);
		crackling[100] = 0.5;
		expect(measured(crackling).gain() * 0.5).toBeLessThanOrEqual(10 ** (-1 / 20) + 1e-9);
		expect(measured(sine(1000, 3, 1e-6)).gain()).toBeLessThanOrEqual(10 ** (30 / 20) + 1e-9);
	});

	test('silence has no loudness and keeps its gain', () => {
		expect(measured(new Float32Array(RATE_HZ)).integratedLufs()).toBe(-Infinity);
		expect(measured(new Float32Array(RATE_HZ)).gain()).toBe(1);
		expect(measured().gain()).toBe(1);
	});

	test('a recording shorter than a block still has a loudness', () => {
		expect(measured(sine(997, 0.15, 1)).integratedLufs()).toBeGreaterThan(-6);
	});

	test('the pieces do not matter', () => {
		const samples = sine(700, 2, 0.3);
		const whole = measured(samples).integratedLufs();
		fc.assert(
			fc.property(
				fc.array(fc.integer({ min: 0, max: samples.length }), { maxLength: 5 }),
				(cuts) => {
					const edges = [0, ...cuts.sort((a, b) => a - b), samples.length];
					const pieces = edges.slice(1).map((end, index) => samples.subarray(edges[index], end));
					expect(measured(...pieces).integratedLufs()).toBeCloseTo(whole, 9);
				},
			),
			{ numRuns: 20 },
		);
	});
});

function ffmpeg(...parameters: string[]) {
	const result = spawnSync('ffmpeg', ['-hide_banner', '-nostdin', ...parameters], {
		maxBuffer: 64 * 1024 * 1024,
	});
	if (result.status !== 0) {
		throw new Error(
			`This test needs ffmpeg (Debian package ffmpeg): ${result.stderr?.toString() ?? result.error?.message}`,
		);
	}
	return result;
}
