import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SIZES_MB = [10, 16];
const MOST_TIMES_SIZE = 4;

/**
 * Prints how much memory an audio call over RyzeAPI takes beside the file itself. The server is
 * another process; each size has a fresh process that is warmed up with a small file first.
 */
export async function measure(): Promise<void> {
	const server = spawn(
		process.execPath,
		[join(__dirname, '../test/support/contractServer/main.js'), '--drop-bodies'],
		{ stdio: ['pipe', 'pipe', 'inherit'] },
	);
	try {
		const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
		const { url } = JSON.parse(line) as { url: string };
		console.log(
			'memory of Call > Audio with a binary file, peak above what the process had before',
		);
		for (const source of ['binary', 'base64'] as const) {
			for (const sizeMb of SIZES_MB) {
				print(source, sizeMb, runProbe(url, source, sizeMb));
			}
		}
	} finally {
		server.kill();
	}
}

interface Probe {
	growthMb: number;
	seconds: number;
}

function runProbe(url: string, source: string, sizeMb: number): Probe {
	const output = execFileSync(
		process.execPath,
		['--expose-gc', join(__dirname, 'remoteProbe.js'), url, source, String(sizeMb)],
		{ encoding: 'utf8' },
	);
	return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Probe;
}

function print(source: string, sizeMb: number, { growthMb, seconds }: Probe): void {
	const times = growthMb / sizeMb;
	const verdict = times < MOST_TIMES_SIZE ? 'ok' : `more than ${MOST_TIMES_SIZE} times`;
	console.log(
		`  ${source.padEnd(6)} ${sizeMb} MB: ${growthMb.toFixed(1)} MB, ${times.toFixed(2)} times its size, ${seconds.toFixed(2)} s (${verdict})`,
	);
	if (times >= MOST_TIMES_SIZE) {
		process.exitCode = 1;
	}
}
