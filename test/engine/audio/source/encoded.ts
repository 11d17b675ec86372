import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** ffmpeg's name of the container and of the audio codec (`none` for no sound), and its other options. */
export type Encoding = [container: string, codec: string, ...options: string[]];

const SECONDS = '0.5';

/** Half a second of a tone, written by ffmpeg. */
export async function encoded([container, codec, ...options]: Encoding): Promise<Uint8Array> {
	const folder = await mkdtemp(join(tmpdir(), 'whatsapp-call-sniff-'));
	try {
		const path = join(folder, 'clip');
		const source = codec === 'none' ? 'testsrc=size=64x64' : 'sine=frequency=440';
		const sound = codec === 'none' ? ['-an'] : ['-c:a', codec];
		const input = ['-f', 'lavfi', '-i', source, '-t', SECONDS];
		await promisify(execFile)(
			'ffmpeg',
			['-v', 'error', '-y', ...input, ...sound, ...options, '-f', container, path],
			{ timeout: 20_000 },
		);
		return await readFile(path);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
