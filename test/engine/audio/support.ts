import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AudioEngine as Engine } from '../../../engine/audio';

// As n8n loads it, after the build: a worker thread needs JavaScript.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
export const { AudioEngine } = require('../../../dist/engine/audio') as {
	AudioEngine: new (...options: ConstructorParameters<typeof Engine>) => Engine;
};

export const CLIPS = join(__dirname, '../../support/clips');
/** Length of the spoken clips. */
export const CLIP_SECONDS = 8.6;
/** The two ways to decode. */
export const both = ['ffmpeg', 'wasm'] as const;

export const clip = (name: string): Buffer => readFileSync(join(CLIPS, name));

/** Correlation of two recordings at the best shift of up to 20 ms. */
export function correlation(a: Int16Array, b: Int16Array): number {
	let best = 0;
	for (let shift = -320; shift <= 320; shift += 1) {
		let ab = 0;
		let aa = 0;
		let bb = 0;
		for (let index = 400; index < Math.min(a.length, b.length) - 400; index += 3) {
			const x = a[index] ?? 0;
			const y = b[index + shift] ?? 0;
			ab += x * y;
			aa += x * x;
			bb += y * y;
		}
		best = Math.max(best, ab / Math.sqrt(aa * bb));
	}
	return best;
}

export function wavOf(samples: Int16Array, rateHz = 16_000): Buffer {
	const header = Buffer.alloc(44);
	header.write('RIFF', 0);
	header.writeUInt32LE(36 + samples.byteLength, 4);
	header.write('WAVEfmt ', 8);
	header.writeUInt32LE(16, 16);
	header.writeUInt16LE(1, 20);
	header.writeUInt16LE(1, 22);
	header.writeUInt32LE(rateHz, 24);
	header.writeUInt32LE(rateHz * 2, 28);
	header.writeUInt16LE(2, 32);
	header.writeUInt16LE(16, 34);
	header.write('data', 36);
	header.writeUInt32LE(samples.byteLength, 40);
	return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

export function ffmpeg(...parameters: string[]): Buffer {
	const { status, stdout, stderr, error } = spawnSync(
		'ffmpeg',
		['-v', 'error', '-nostdin', ...parameters],
		{ maxBuffer: 256 * 1024 * 1024 },
	);
	if (status !== 0) {
		throw new Error(
			`This test needs ffmpeg (Debian package ffmpeg): ${error?.message ?? stderr.toString()}`,
		);
	}
	return stdout;
}

export async function serve(bytes: Buffer): Promise<Server> {
	const server = createServer((_request, response) => response.end(bytes));
	server.listen(0, '127.0.0.1');
	while (!server.listening) {
		await sleep(5);
	}
	return server;
}
