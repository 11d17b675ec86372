import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIPS, PACKAGE_NAME } from './support/paths';
import { prepared } from './support/prepared';
import { runCommandOrThrow } from './support/runCommand';

const CONVERSION_TIMEOUT_MS = 60_000;

/**
 * Converts files with the audio engine of an installed package, in a process of its own without
 * ffmpeg anywhere, as in n8n's official image. Prints one JSON line.
 */
const CONVERT = `
	const [, engineFile, ...files] = process.argv;
	const { readFileSync } = require('node:fs');
	const { AudioEngine } = require(engineFile);
	(async () => {
		const engine = new AudioEngine();
		const results = [];
		for (const file of files) {
			const bytes = readFileSync(file);
			const call = await engine.prepareCall({ bytes }, 'opus').catch((error) => ({ code: error.code }));
			const note = await engine.prepareVoiceNote({ bytes }).catch((error) => ({ code: error.code }));
			results.push({
				code: call.code,
				transcoder: call.transcoder,
				seconds: call.durationSeconds,
				frames: call.frames?.length,
				noteSeconds: note.durationSeconds,
			});
		}
		await engine.close();
		console.log(JSON.stringify(results));
	})();
`;

interface Converted {
	code?: string;
	transcoder?: string;
	seconds?: number;
	frames?: number;
	noteSeconds?: number;
}

describe('the audio engine of the package as n8n installs it', () => {
	const folder = join(prepared().template, '.n8n/nodes/node_modules', PACKAGE_NAME);

	it('came without install scripts, native binaries and optional dependencies', () => {
		const files = readdirSync(join(folder, 'node_modules'), { recursive: true }) as string[];
		expect(files.filter((file) => /(^|\/)ffmpeg-static($|\/)/.test(file))).toEqual([]);
		const ours = [
			'libopus-wasm',
			'mpg123-decoder',
			'@wasm-audio-decoders',
			'@audio',
			'fluent-ffmpeg',
		];
		const native = files.filter(
			(file) => file.endsWith('.node') && ours.some((name) => file.startsWith(name)),
		);
		expect(native).toEqual([]);
	});

	it('converts without ffmpeg, and says so where it cannot', async () => {
		const files = ['alert.mp3', 'alert.ogg', 'alert.wav', 'alert.m4a'].map((name) =>
			join(CLIPS, name),
		);
		const { stdout } = await runCommandOrThrow(
			prepared().install.nodeBinary,
			['-e', CONVERT, join(folder, 'dist/engine/audio'), ...files],
			{ cwd: folder, env: { PATH: '/nowhere' }, timeoutMs: CONVERSION_TIMEOUT_MS },
		);
		const results = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Converted[];
		for (const result of results.slice(0, 3)) {
			expect(result.transcoder).toBe('wasm');
			expect(Math.abs((result.seconds ?? 0) - 8.6)).toBeLessThan(0.12);
			expect(result.frames).toBe(Math.ceil((result.seconds ?? 0) / 0.06 - 1e-9));
			expect(result.noteSeconds).toBeCloseTo(result.seconds ?? 0, 1);
		}
		expect(results[3]?.code).toBe('AUDIO_FORMAT');
	});

	it('holds the worker thread that the engine starts', () => {
		const thread = join(folder, 'dist/engine/audio/worker/thread.js');
		expect(readFileSync(thread, 'utf8')).toContain('parentPort');
	});
});
