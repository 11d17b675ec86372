import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGES = { 'espeak-ng': 'espeak-ng', ffmpeg: 'ffmpeg', sox: 'sox libsox-fmt-all' } as const;
const TEXT =
	'Server number seven is down. Please call the operator at once. ' +
	'The quick brown fox jumps over the lazy dog, and nobody knows why.';
const TOOL_TIMEOUT_MS = 30_000;

type Tool = keyof typeof PACKAGES;

function run(tool: Tool, parameters: string[]): Buffer {
	try {
		return execFileSync(tool, parameters, {
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: TOOL_TIMEOUT_MS,
			maxBuffer: 256 * 1024 * 1024,
		});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			throw new Error(
				`These tests need ${tool}, which is not installed. On Debian: apt-get install ${PACKAGES[tool]}`,
			);
		}
		throw error;
	}
}

/** Speech in files of every kind, made by espeak-ng, sox and ffmpeg, each once for an object of this class. */
export class SpeechClips {
	private folder: string | null = null;
	private readonly made = new Map<string, Buffer>();

	/** The spoken sentences: WAV, 16 bits, mono, 22,050 Hz. */
	get source(): string {
		const file = join(this.path(), 'source.wav');
		if (!this.made.has('source')) {
			run('espeak-ng', ['-v', 'en', '-w', file, TEXT]);
			this.made.set('source', readFileSync(file));
		}
		return file;
	}

	/**
	 * @param name of the file, whose ending says the format
	 * @param parameters between input and output
	 */
	byFfmpeg(name: string, ...parameters: string[]): Buffer {
		return this.make('ffmpeg', name, parameters, (file) => [
			...['-v', 'error', '-y', '-i', this.source, ...parameters, file],
		]);
	}

	/**
	 * @param name of the file, whose ending says the format
	 * @param output parameters of the output file, e.g. its encoding
	 * @param effects behind it
	 */
	bySox(name: string, output: string[] = [], effects: string[] = []): Buffer {
		return this.make('sox', name, [...output, ...effects], (file) => [
			...['-D', this.source, ...output, file, ...effects],
		]);
	}

	/** Whatever ffmpeg makes of these bytes as samples: mono, -1 to 1. */
	decodedByFfmpeg(name: string, bytes: Uint8Array, rateHz: number): Float32Array {
		const file = join(this.path(), name);
		writeFileSync(file, bytes);
		return samplesOf(run('ffmpeg', ['-v', 'error', '-i', file, ...rawOutput(rateHz)]));
	}

	/** The source's samples, mono, -1 to 1, at another rate (by soxr, not by this package). */
	samples(rateHz: number): Float32Array {
		return samplesOf(
			run('sox', [
				...['-D', this.source, '-t', 'raw', '-e', 'floating-point', '-b', '32', '-c', '1', '-'],
				...['rate', '-v', String(rateHz)],
			]),
		);
	}

	/** Removes the folder. */
	remove(): void {
		if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true });
		this.folder = null;
		this.made.clear();
	}

	private make(
		tool: Tool,
		name: string,
		parameters: string[],
		command: (file: string) => string[],
	): Buffer {
		const key = [tool, name, ...parameters].join('\0');
		const before = this.made.get(key);
		if (before !== undefined) return before;
		const file = join(this.path(), `${this.made.size}-${name}`);
		run(tool, command(file));
		const bytes = readFileSync(file);
		this.made.set(key, bytes);
		return bytes;
	}

	private path(): string {
		this.folder ??= mkdtempSync(join(tmpdir(), 'speech-clips-'));
		return this.folder;
	}
}

function rawOutput(rateHz: number): string[] {
	return ['-ac', '1', '-ar', String(rateHz), '-f', 'f32le', '-'];
}

function samplesOf(raw: Buffer): Float32Array {
	return Float32Array.from({ length: raw.length / 4 }, (_, index) => raw.readFloatLE(4 * index));
}
