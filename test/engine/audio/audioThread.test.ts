import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { AudioEngine, both, clip, CLIPS, ffmpeg } from './support';

describe('the worker thread and the cache', () => {
	test('converting leaves the main thread alone', async () => {
		expect(isMainThread).toBe(true);
		const engine = new AudioEngine({ ffmpeg: 'none', cacheBytes: 0 });
		const bytes = ffmpeg('-stream_loop', '20', '-i', join(CLIPS, 'alert.mp3'), '-f', 'mp3', '-');
		await engine.prepareCall({ bytes: clip('alert.wav') }, 'opus');
		const before = process.cpuUsage();
		const thread = performance.eventLoopUtilization();
		await engine.prepareCall({ bytes }, 'opus');
		const { user } = process.cpuUsage(before);
		// Processor time was used while the main thread's loop was idle: somebody else worked.
		const { active: loopActiveMs } = performance.eventLoopUtilization(thread);
		expect(user / 1000).toBeGreaterThan(loopActiveMs * 3);
		await engine.close();
	});

	test('a recording is converted once, however often and with whatever name it is called', async () => {
		const engine = new AudioEngine({ ffmpeg: 'none' });
		const [first, second] = await Promise.all([
			engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus'),
			engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus'),
		]);
		const third = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus');
		expect(second.pcm).toBe(first.pcm);
		expect(third.pcm).toBe(first.pcm);
		const other = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus', {
			normaliseLoudness: false,
		});
		expect(other.pcm).not.toBe(first.pcm);
		const mlow = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'mlow');
		expect(mlow.frames[20]?.payload).not.toEqual(first.frames[20]?.payload);
		expect((await engine.prepareCall({ bytes: clip('alert.mp3') }, 'mlow')).pcm).toBe(mlow.pcm);
		await engine.close();
	});

	test('the cache is bounded', async () => {
		const engine = new AudioEngine({ ffmpeg: 'none', cacheBytes: 400_000 });
		const first = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus');
		await engine.prepareCall({ bytes: clip('alert.wav') }, 'opus');
		const again = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus');
		expect(again.pcm).not.toBe(first.pcm);
		expect(again.frames).toEqual(first.frames);
		await engine.close();
	});

	test.each(both)(
		'a cancelled conversion ends at once and leaves nothing behind (%s)',
		async (transcoder) => {
			const engine = new AudioEngine(transcoder === 'wasm' ? { ffmpeg: 'none' } : {});
			const bytes = ffmpeg('-stream_loop', '60', '-i', join(CLIPS, 'alert.mp3'), '-f', 'mp3', '-');
			const stop = new AbortController();
			const conversion = engine.prepareCall({ bytes }, 'opus', { signal: stop.signal });
			setTimeout(() => stop.abort(), 150);
			const start = performance.now();
			await expect(conversion).rejects.toMatchObject({ code: 'CANCELLED' });
			expect(performance.now() - start).toBeLessThan(2_500);
			// The thread is free for the next one soon.
			const next = await engine.prepareCall({ bytes: clip('alert.wav') }, 'opus');
			expect(next.frames.length).toBeGreaterThan(0);
			await engine.close();
			await engine.close();
			await expect(engine.prepareCall({ bytes }, 'opus')).rejects.toMatchObject({
				code: 'CANCELLED',
			});
		},
	);

	test('nothing is left in the temp folder, also when ffmpeg crashes', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'audio-engine-'));
		const before = process.env.TMPDIR;
		process.env.TMPDIR = folder;
		try {
			const engine = new AudioEngine();
			await engine.prepareCall({ bytes: clip('alert.m4a') }, 'opus');
			const broken = new AudioEngine({
				ffmpeg: { configured: '/bin/false', searchPath: '', bundled: async () => undefined },
			});
			await expect(broken.prepareCall({ bytes: clip('alert.mp3') }, 'opus')).rejects.toMatchObject({
				code: 'AUDIO_UNREADABLE',
			});
			await engine.close();
			await broken.close();
			expect(readdirSync(folder)).toEqual([]);
		} finally {
			process.env.TMPDIR = before;
			rmSync(folder, { recursive: true });
		}
	});
});
