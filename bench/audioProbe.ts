import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AudioEngine as Engine } from '../engine/audio';
import { loadOpusLibrary } from '../engine/audio/codec/opusLibrary';
import { createOpusCodec } from '../engine/audio/codec/opus';
import type { Probe } from './audio';

const BYTES_PER_MEGABYTE = 1024 * 1024;
const FRAME_SAMPLES = 960;
const CACHE_BYTES = 128 * BYTES_PER_MEGABYTE;
const DELAY_RESOLUTION_MS = 1;

/** Converts recordings in this process, each for the first time, and prints what it took (see audio.ts). */
async function main([transcoder = '', warmUp = '', ...files]: string[]): Promise<void> {
	const { AudioEngine } = await import('../engine/audio/index.js');
	const engine: Engine = new AudioEngine({
		...(transcoder === 'wasm' && { ffmpeg: 'none' }),
		cacheBytes: CACHE_BYTES,
	});
	const unused = process.memoryUsage().rss;
	const start = performance.now();
	await engine.prepareCall({ bytes: readFileSync(warmUp) }, 'opus');
	const startUpMs = performance.now() - start;
	global.gc?.();
	const engineMb = (process.memoryUsage().rss - unused) / BYTES_PER_MEGABYTE;
	const idleDelayMs = await delayDuring(async () => await sleep(3000));

	const firstMs: number[] = [];
	const encoderMs: number[] = [];
	let growthMb = 0;
	let cachedMs = 0;
	let loopDelayMs: Probe['loopDelayMs'] = idleDelayMs;
	for (const [index, file] of files.entries()) {
		const bytes = readFileSync(file);
		const before = process.memoryUsage().rss;
		const pcms: Int16Array[] = [];
		const delay = await delayDuring(async () => {
			const begin = performance.now();
			pcms.push((await engine.prepareCall({ bytes }, 'opus')).pcm);
			firstMs.push(performance.now() - begin);
		});
		if (index === 0) {
			// Of the first one only: memory that one conversion leaves, the next one uses again.
			growthMb = (process.resourceUsage().maxRSS * 1024 - before) / BYTES_PER_MEGABYTE;
			loopDelayMs = delay;
			const again = performance.now();
			await engine.prepareCall({ bytes }, 'opus');
			cachedMs = performance.now() - again;
		}
		encoderMs.push(await encodeAlone(pcms[0] ?? new Int16Array()));
	}
	const probe: Probe = {
		transcoder,
		startUpMs,
		engineMb,
		firstMs: median(firstMs),
		cachedMs,
		growthMb,
		encoderMs: median(encoderMs),
		loopDelayMs,
		idleDelayMs,
	};
	console.log(JSON.stringify(probe));
	await engine.close();
}

function median(values: number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function delayDuring(action: () => Promise<void>): Promise<Probe['loopDelayMs']> {
	const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
	histogram.enable();
	await action();
	histogram.disable();
	return { p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6 };
}

/** The same samples through the Opus encoder and nothing else. */
async function encodeAlone(pcm: Int16Array): Promise<number> {
	const encoder = createOpusCodec(await loadOpusLibrary()).createEncoder();
	const start = performance.now();
	for (let at = 0; at < pcm.length; at += FRAME_SAMPLES) {
		encoder.encode(pcm.subarray(at, at + FRAME_SAMPLES));
	}
	const milliseconds = performance.now() - start;
	encoder.close();
	return milliseconds;
}

void main(process.argv.slice(2));
