import { decodeToMono16k } from '../../../../engine/audio/decode';
import { CallError } from '../../../../common/errors';
import type { AudioFormat } from '../../../../engine/audio/types';
import { SpeechClips } from '../../../support/speech';

/** Mutated files in all; `npm run soak fuzz` takes 2,000. */
const FILES = Number(process.env.SOAK ?? 600);
/** One file of some seconds: far more than any takes. */
const MAX_MS = 5000;

const clips = new SpeechClips();
afterAll(() => clips.remove());

const short = ['-t', '1.5'];
const SEEDS: Array<[AudioFormat, () => Buffer]> = [
	['wav', () => clips.bySox('f.wav', [], ['trim', '0', '0.7'])],
	['wav', () => clips.byFfmpeg('f24.wav', ...short, '-ac', '3', '-c:a', 'pcm_s24le')],
	['aiff', () => clips.bySox('f.aifc', [], ['trim', '0', '0.7'])],
	['mp3', () => clips.byFfmpeg('f.mp3', ...short, '-ar', '44100', '-b:a', '64k')],
	['mp3', () => clips.byFfmpeg('f2.mp3', ...short, '-q:a', '5', '-ac', '2')],
	['flac', () => clips.byFfmpeg('f.flac', ...short)],
	['flac', () => clips.byFfmpeg('f2.flac', ...short, '-ac', '2', '-compression_level', '8')],
	['ogg-vorbis', () => clips.byFfmpeg('f.ogg', ...short, '-c:a', 'libvorbis')],
	['ogg-opus', () => clips.byFfmpeg('f.opus', ...short, '-c:a', 'libopus', '-b:a', '24k')],
	['ogg-opus', () => clips.byFfmpeg('f6.opus', ...short, '-ac', '6', '-c:a', 'libopus')],
	['webm-opus', () => clips.byFfmpeg('f.webm', ...short, '-c:a', 'libopus')],
	['amr', () => clips.bySox('f.amr-nb', ['-r', '8000'], ['trim', '0', '1.5'])],
];

/** A generator of its own, so that a seed of the report gives the same file again. */
function randomOf(seed: number): (below: number) => number {
	let state = seed * 2_654_435_761;
	return (below) => {
		state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
		return Math.floor(((state ^ (state >>> 13)) >>> 0) / (2 ** 32 / below));
	};
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte << 24;
	for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
	return crc;
});

/** Mutations of an Ogg file would all end at the checksum of the page: it is made to fit again. */
function repairOggChecksums(bytes: Buffer): void {
	for (let at = bytes.indexOf('OggS'); at >= 0 && at + 27 <= bytes.length; ) {
		const segments = bytes[at + 26]!;
		const lacing = bytes.subarray(at + 27, at + 27 + segments);
		const end = at + 27 + segments + lacing.reduce((total, size) => total + size, 0);
		if (end > bytes.length) return;
		bytes.writeUInt32LE(0, at + 22);
		let crc = 0;
		for (let n = at; n < end; n++) crc = (crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ bytes[n]!) & 0xff]!;
		bytes.writeUInt32LE(crc >>> 0, at + 22);
		at = bytes.indexOf('OggS', end);
	}
}

function mutate(source: Buffer, seed: number): Buffer {
	const random = randomOf(seed);
	let bytes = Buffer.from(source);
	const changes = 1 + random(12);
	// Half of the changes hit the headers, where most decisions are made.
	const position = () => random(random(2) === 0 ? Math.min(bytes.length, 200) : bytes.length);
	for (let change = 0; change < changes && bytes.length > 1; change++) {
		const at = position();
		const kind = random(7);
		if (kind === 0) bytes[at] = random(256);
		else if (kind === 1) bytes[at]! ^= 1 << random(8);
		else if (kind === 2)
			bytes.fill([0, 0xff, 0x7f, 0x80][random(4)]!, at, Math.min(bytes.length, at + 1 + random(8)));
		else if (kind === 3)
			for (let n = at; n < at + 64 && n < bytes.length; n++) bytes[n] = random(256);
		else if (kind === 4)
			bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(300))]);
		else if (kind === 5) {
			const from = position();
			const piece = bytes.subarray(from, from + random(400));
			bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
		} else if (random(4) === 0) bytes = bytes.subarray(0, at);
	}
	if (random(4) > 0) repairOggChecksums(bytes);
	return bytes;
}

it(
	`${FILES} mutated files end with sound or an error of the table, in time`,
	async () => {
		const problems: string[] = [];
		// Decoders tell a console what they do not like; the test's own output stays readable.
		const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
		let decoded = 0;
		for (let seed = 0; seed < FILES; seed++) {
			const [format, source] = SEEDS[seed % SEEDS.length]!;
			const bytes = mutate(source(), seed);
			const start = performance.now();
			try {
				for await (const samples of decodeToMono16k(bytes, format)) {
					if (!samples.every(Number.isFinite)) problems.push(`${format} ${seed}: not a number`);
				}
				decoded++;
			} catch (error) {
				const expected =
					error instanceof CallError && /^AUDIO_(FORMAT|UNREADABLE)$/.test(error.code);
				if (!expected) problems.push(`${format} ${seed}: ${String(error)}`);
			}
			const ms = performance.now() - start;
			if (ms > MAX_MS) problems.push(`${format} ${seed}: ${ms.toFixed(0)} ms`);
			if (process.env.DECODE_FIGURES && ms > 300) {
				process.stdout.write(`${format} ${seed}: ${ms.toFixed(0)} ms\n`);
			}
		}
		const lines = said.mock.calls.length;
		said.mockRestore();
		if (process.env.DECODE_FIGURES) {
			process.stdout.write(`${decoded} of ${FILES} played, ${lines} lines on the console\n`);
		}
		expect(problems).toEqual([]);
		expect(decoded).toBeGreaterThan(FILES / 5);
	},
	FILES * 1000,
);
