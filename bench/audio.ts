import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LENGTHS_SECONDS = [60, 300, 600];
/** Recordings of one length differ in where in the speech they begin. */
const STARTS_SECONDS = [0, 7, 13];
const WARM_UP_SECONDS = 10;
/** The same as a call's frames, by ffmpeg alone. */
const FFMPEG_CALL =
	'-ac 1 -ar 16000 -c:a libopus -application voip -frame_duration 60 -b:a 24k -f ogg'.split(' ');

export interface Probe {
	transcoder: string;
	/** Time of a first conversion of one second: starting the thread, loading the codecs. */
	startUpMs: number;
	/** Resident memory that the engine itself takes, in megabytes. */
	engineMb: number;
	firstMs: number;
	cachedMs: number;
	/** Growth of resident memory by the conversion, from the peak of the process, in megabytes. */
	growthMb: number;
	encoderMs: number;
	/** Event loop delay of the main thread while it converted, and while it did nothing. */
	loopDelayMs: Delay;
	idleDelayMs: Delay;
}

interface Delay {
	p99: number;
	max: number;
}

/** Prints how fast and how large the conversion of recordings is, beside ffmpeg and the encoder alone. */
export async function measure(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'bench-audio-'));
	try {
		const warmUp = makeSpeech(folder, WARM_UP_SECONDS, 0);
		for (const seconds of LENGTHS_SECONDS) {
			const files = STARTS_SECONDS.map((start) => makeSpeech(folder, seconds, start));
			const [file = ''] = files;
			const sizeMb = (statSync(file).size / 1e6).toFixed(1);
			console.log(`
${seconds} s of speech, MP3, ${sizeMb} MB; medians of ${files.length} recordings`);
			const alone = ffmpegAlone(file);
			console.log(`  ffmpeg alone: ${speed(alone, seconds)}`);
			for (const transcoder of ['ffmpeg', 'wasm']) {
				print(probe(files, transcoder, warmUp), seconds, alone);
			}
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function print(result: Probe, seconds: number, aloneMs: number): void {
	const { transcoder, firstMs, encoderMs, loopDelayMs, idleDelayMs } = result;
	const compared =
		transcoder === 'ffmpeg'
			? `${(aloneMs / firstMs).toFixed(2)} of the speed of ffmpeg alone`
			: `${(firstMs / encoderMs).toFixed(2)} times its Opus encoder alone (${encoderMs.toFixed(0)} ms)`;
	console.log(`  ${transcoder}: ${speed(firstMs, seconds)}, ${compared}`);
	console.log(`    cached ${result.cachedMs.toFixed(2)} ms`);
	console.log(
		`    memory +${result.growthMb.toFixed(0)} MB by the conversion; the engine itself ${result.engineMb.toFixed(0)} MB, ready after ${result.startUpMs.toFixed(0)} ms`,
	);
	console.log(
		`    delay of the main thread ${described(loopDelayMs)}; doing nothing ${described(idleDelayMs)}`,
	);
}

function speed(milliseconds: number, seconds: number): string {
	const realTimeFactor = milliseconds / 1000 / seconds;
	return `${milliseconds.toFixed(0)} ms, real-time factor ${realTimeFactor.toFixed(4)}`;
}

function described({ p99, max }: Delay): string {
	return `p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`;
}

function probe(files: string[], transcoder: string, warmUp: string): Probe {
	const output = execFileSync(
		process.execPath,
		['--expose-gc', join(__dirname, 'audioProbe.js'), transcoder, warmUp, ...files],
		{ encoding: 'utf8', maxBuffer: 1e7 },
	);
	return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Probe;
}

function ffmpegAlone(file: string): number {
	const times = [0, 1, 2].map(() => {
		const start = performance.now();
		run('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, ...FFMPEG_CALL, '-y', '/dev/null']);
		return performance.now() - start;
	});
	return Math.min(...times);
}

/** Speech of that length from espeak-ng, as MP3. */
function makeSpeech(folder: string, seconds: number, startSeconds: number): string {
	const once = join(folder, 'once.wav');
	const text = readFileSync(join(__dirname, '../../LICENSE'), 'utf8');
	if (!existsSync(once)) {
		run('espeak-ng', ['-v', 'en-us', '-w', once, text]);
	}
	const file = join(folder, `${seconds}-${startSeconds}.mp3`);
	const format = '-ar 44100 -ac 2 -b:a 128k -y'.split(' ');
	const input = [
		'-stream_loop',
		'-1',
		'-i',
		once,
		'-ss',
		String(startSeconds),
		'-t',
		String(seconds),
	];
	run('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...format, file]);
	return file;
}

function run(command: string, parameters: string[]): void {
	const { status, error, stderr } = spawnSync(command, parameters);
	if (status !== 0) {
		throw new Error(
			`${command} is needed (Debian packages espeak-ng and ffmpeg): ${error?.message ?? String(stderr)}`,
		);
	}
}
