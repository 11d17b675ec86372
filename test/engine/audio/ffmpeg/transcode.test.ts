import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { transcodeToMono16k } from '../../../../engine/audio/ffmpeg/transcode';
import type { AudioFormat } from '../../../../engine/audio/types';

const CLIPS = join(__dirname, '../../../support/clips');
const clip = (name: string) => readFileSync(join(CLIPS, name));
const folder = mkdtempSync(join(tmpdir(), 'transcode-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An ffmpeg that answers questions about itself like the real one, and else does what the test wants. */
function fakeFfmpeg(name: string, script: string): string {
	const path = join(folder, name);
	writeFileSync(
		path,
		`#!/bin/sh\ncase "$*" in *-formats*|*-encoders*|*-version*) exec ffmpeg "$@";; esac\n${script}\n`,
	);
	chmodSync(path, 0o700);
	return path;
}

async function seconds(
	bytes: Uint8Array,
	format: AudioFormat,
	options: { path?: string; signal?: AbortSignal; timeLimitMs?: number } = {},
): Promise<number> {
	let samples = 0;
	for await (const piece of transcodeToMono16k(bytes, format, { path: 'ffmpeg', ...options })) {
		samples += piece.length;
	}
	return samples / 16_000;
}

async function processEnded(pidFile: string): Promise<boolean> {
	const pid = Number(readFileSync(pidFile, 'utf8'));
	for (let tries = 0; tries < 100; tries++) {
		try {
			process.kill(pid, 0);
			await sleep(20);
		} catch {
			return true;
		}
	}
	return false;
}

async function appears(file: string): Promise<void> {
	while (!existsSync(file)) {
		await sleep(10);
	}
}

test.each<[string, AudioFormat]>([
	['alert.mp3', 'mp3'],
	['alert.ogg', 'ogg-opus'],
	['alert.m4a', 'm4a'],
	['alert.wav', 'wav'],
])('%s becomes mono samples at 16 kHz', async (name, format) => {
	expect(Math.abs((await seconds(clip(name), format)) - 8.6)).toBeLessThan(0.12);
});

test('a playlist or a session description opens nothing, whatever it is taken for', async () => {
	let requests = 0;
	const server = createServer((_request, response) => {
		requests += 1;
		response.end(clip('alert.mp3'));
	});
	server.listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address() as AddressInfo;
	const url = `http://127.0.0.1:${port}/alert.mp3`;
	const hostile = [
		`#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n${url}\n#EXT-X-ENDLIST\n`,
		`#EXTM3U\n#EXTINF:9,\nfile://${join(CLIPS, 'alert.mp3')}\n`,
		`ffconcat version 1.0\nfile '${join(CLIPS, 'alert.mp3')}'\n`,
		`v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio ${port} RTP/AVP 0\n`,
	];
	const formats: AudioFormat[] = ['mp3', 'm4a', 'wav', 'ogg-opus', 'aac', 'webm-opus'];
	try {
		for (const text of hostile) {
			for (const format of formats) {
				await expect(seconds(Buffer.from(text.repeat(20)), format)).rejects.toMatchObject({
					code: 'AUDIO_UNREADABLE',
				});
			}
		}
		expect(requests).toBe(0);
	} finally {
		server.close();
	}
}, 60_000);

test('the last line of a failing ffmpeg is in the error', async () => {
	const path = fakeFfmpeg(
		'failing',
		'cat >/dev/null\necho first >&2\necho "moov atom not found" >&2\nexit 1',
	);
	await expect(seconds(clip('alert.m4a'), 'm4a', { path })).rejects.toMatchObject({
		code: 'AUDIO_UNREADABLE',
		message: 'ffmpeg cannot read the audio: moov atom not found',
	});
});

test('an ffmpeg that crashes half way is an error, not half a recording', async () => {
	const path = fakeFfmpeg('crashing', 'head -c 32000 /dev/zero\nkill -SEGV $$');
	await expect(seconds(clip('alert.mp3'), 'mp3', { path })).rejects.toMatchObject({
		code: 'AUDIO_UNREADABLE',
	});
});

test('it is killed when the signal aborts', async () => {
	const pidFile = join(folder, 'aborted.pid');
	const path = fakeFfmpeg('hanging', `echo $$ >"${pidFile}"\nexec sleep 60`);
	const stop = new AbortController();
	const conversion = seconds(clip('alert.mp3'), 'mp3', { path, signal: stop.signal });
	void appears(pidFile).then(() => stop.abort());
	await expect(conversion).rejects.toMatchObject({ code: 'CANCELLED' });
	expect(await processEnded(pidFile)).toBe(true);
	await expect(seconds(clip('alert.mp3'), 'mp3', { signal: stop.signal })).rejects.toMatchObject({
		code: 'CANCELLED',
	});
});

test('it is killed when it takes too long', async () => {
	const pidFile = join(folder, 'late.pid');
	const path = fakeFfmpeg('late', `echo $$ >"${pidFile}"\nexec sleep 60`);
	await expect(seconds(clip('alert.mp3'), 'mp3', { path, timeLimitMs: 500 })).rejects.toMatchObject(
		{
			code: 'AUDIO_UNREADABLE',
			message: expect.stringContaining('took too long'),
		},
	);
	expect(await processEnded(pidFile)).toBe(true);
});

test('it is killed when nobody reads on', async () => {
	const pidFile = join(folder, 'left.pid');
	const path = fakeFfmpeg('endless', `echo $$ >"${pidFile}"\nexec cat /dev/zero`);
	for await (const piece of transcodeToMono16k(clip('alert.mp3'), 'mp3', { path })) {
		expect(piece.length).toBeGreaterThan(0);
		break;
	}
	expect(await processEnded(pidFile)).toBe(true);
});
