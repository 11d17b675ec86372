import { decodeAudio, decodeToMono16k } from '../../../../engine/audio/decode';
import type { AudioFormat } from '../../../../engine/audio/types';
import { SpeechClips } from '../../../support/speech';
import { align, collect, concatenate } from './compare';

const clips = new SpeechClips();
afterAll(() => clips.remove());

const DECODABLE: AudioFormat[] = [
	...(['aiff', 'amr', 'flac', 'mp3', 'ogg-opus', 'ogg-vorbis', 'wav', 'webm-opus'] as const),
];
const decode = (bytes: Uint8Array, format: AudioFormat) => collect(decodeToMono16k(bytes, format));
const TEXT = Buffer.from('Dear colleagues, this is a text and no sound at all.\n'.repeat(500));
const ZIP = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), TEXT]);
const mp3 = () => clips.byFfmpeg('a.mp3', '-ar', '44100', '-b:a', '64k');

describe.each(DECODABLE)('what is no %s file', (format) => {
	it.each([
		['an empty file', Buffer.alloc(0)],
		['one byte', Buffer.from([0xff])],
		['zeros', Buffer.alloc(10_000)],
		['ones', Buffer.alloc(10_000, 0xff)],
		['a text', TEXT],
		['a zip', ZIP],
	])('%s is told to be unreadable', async (_, bytes) => {
		await expect(decode(bytes, format)).rejects.toMatchObject({
			code: 'AUDIO_UNREADABLE',
			message: expect.stringMatching(/^This .* file cannot be read: .*[^.]$|^The Ogg file/),
		});
	});
});

it.each(['aac', 'm4a'] as const)(
	'%s needs ffmpeg, and the error says how to add it',
	async (format) => {
		await expect(decode(TEXT, format)).rejects.toMatchObject({
			code: 'AUDIO_FORMAT',
			message: expect.stringContaining(format.toUpperCase()),
			hint: expect.stringContaining('FFMPEG_PATH'),
		});
	},
);

describe('truncated files give what is there', () => {
	it.each([
		['mp3', mp3],
		['wav', () => clips.bySox('t.wav')],
		['flac', () => clips.bySox('t.flac')],
		['aiff', () => clips.bySox('t.aiff')],
		['ogg-vorbis', () => clips.byFfmpeg('t.ogg', '-c:a', 'libvorbis')],
		['ogg-opus', () => clips.byFfmpeg('t.opus', '-c:a', 'libopus')],
		['webm-opus', () => clips.byFfmpeg('t.webm', '-c:a', 'libopus')],
		['amr', () => clips.bySox('t.amr-nb', ['-r', '8000'])],
	] as Array<[AudioFormat, () => Buffer]>)('%s', async (format, bytes) => {
		const whole = await decode(bytes(), format);
		const part = await decode(bytes().subarray(0, Math.floor(bytes().length * 0.6) + 1), format);
		expect(part.length).toBeGreaterThan(whole.length * 0.3);
		expect(part.length).toBeLessThan(whole.length * 0.9);
		const { lag, correlation } = align(part, whole.subarray(0, part.length), 3);
		expect(lag).toBe(0);
		expect(correlation).toBeGreaterThan(0.99);
	});
});

describe('mp3', () => {
	it('plays around garbage and tags', async () => {
		const file = mp3();
		const garbage = Buffer.from('\xff\xfbnothing but garbage\xff\xe3'.repeat(40), 'latin1');
		const tag = Buffer.from('ID3\x04\0\0\0\0\x01\0' + 'x'.repeat(128), 'latin1');
		const middle = Math.floor(file.length / 2);
		const bytes = Buffer.concat([
			...[tag, garbage, file.subarray(0, middle), garbage, file.subarray(middle), garbage],
		]);
		const reference = await decode(file, 'mp3');
		const decoded = await decode(bytes, 'mp3');
		expect(Math.abs(decoded.length - reference.length)).toBeLessThan(3000);
		expect(
			align(decoded.subarray(0, 40_000), reference.subarray(0, 40_000), 900).correlation,
		).toBeGreaterThan(0.95);
	});

	it('goes on at another rate in the middle', async () => {
		const slow = clips.byFfmpeg('slow.mp3', '-ar', '22050', '-b:a', '32k');
		const decoded = await decode(Buffer.concat([mp3(), slow]), 'mp3');
		const reference = concatenate([await decode(mp3(), 'mp3'), await decode(slow, 'mp3')]);
		expect(Math.abs(decoded.length - reference.length)).toBeLessThan(3200);
		const end = (samples: Float32Array) => samples.slice(-60_000, -10_000);
		expect(align(end(decoded), end(reference), 2000).correlation).toBeGreaterThan(0.9);
	});
});

it('a damaged FLAC frame becomes silence of its length', async () => {
	const said = jest.spyOn(console, 'error');
	for (const parameters of [
		['-c', '2'],
		['-c', '1', '-b', '24'],
		['-c', '5'],
	]) {
		const file = clips.bySox('d.flac', parameters);
		const damaged = Buffer.from(file);
		damaged[Math.floor(file.length / 2)]! ^= 0x10;
		const reference = await decode(file, 'flac');
		const decoded = await decode(damaged, 'flac');
		expect(decoded).toHaveLength(reference.length);
		const different = decoded.reduce((sum, value, n) => sum + (value === reference[n] ? 0 : 1), 0);
		expect(different).toBeGreaterThan(0);
		expect(different).toBeLessThan(5000);
	}
	expect(said).not.toHaveBeenCalled();
	said.mockRestore();
});

describe('chained Ogg files are played one after another', () => {
	it.each([
		['ogg-opus', () => clips.byFfmpeg('t.opus', '-c:a', 'libopus', '-serial_offset', '1')],
		['ogg-vorbis', () => clips.byFfmpeg('t.ogg', '-c:a', 'libvorbis', '-serial_offset', '1')],
	] as Array<[AudioFormat, () => Buffer]>)('%s', async (format, second) => {
		const codec = format === 'ogg-opus' ? 'libopus' : 'libvorbis';
		const first = clips.byFfmpeg('f.ogg', '-c:a', codec, '-ac', '2', '-serial_offset', '77');
		const one = await decode(first, format);
		const two = await decode(second(), format);
		const decoded = await decode(Buffer.concat([first, second()]), format);
		expect(Math.abs(decoded.length - one.length - two.length)).toBeLessThanOrEqual(2);
		expect(align(decoded.subarray(one.length), two, 2).correlation).toBeGreaterThan(0.99);
	});
});

describe('webm', () => {
	it('video without sound is told to have none', async () => {
		const bytes = clips.byFfmpeg(
			...[
				'v.webm',
				'-f',
				'lavfi',
				'-i',
				'testsrc=size=64x64:duration=1',
				'-map',
				'1:v',
				'-c:v',
				'libvpx',
			],
		);
		await expect(decode(bytes, 'webm-opus')).rejects.toMatchObject({
			code: 'AUDIO_UNREADABLE',
			message: expect.stringContaining('no sound'),
		});
	});

	it('the sound of a video is found', async () => {
		const bytes = clips.byFfmpeg(
			...[
				'av.webm',
				'-f',
				'lavfi',
				'-i',
				'testsrc=size=64x64:duration=7',
				'-map',
				'1:v',
				'-map',
				'0:a',
			],
			...['-c:v', 'libvpx', '-c:a', 'libopus'],
		);
		const source = clips.samples(16_000);
		const decoded = await decode(bytes, 'webm-opus');
		expect(align(decoded, source, 100).correlation).toBeGreaterThan(0.9);
	});

	it('Vorbis in it is named as what needs ffmpeg', async () => {
		const bytes = clips.byFfmpeg('vorbis.webm', '-c:a', 'libvorbis');
		await expect(decode(bytes, 'webm-opus')).rejects.toMatchObject({
			code: 'AUDIO_FORMAT',
			message: expect.stringContaining('VORBIS'),
		});
	});
});

describe('every decoder', () => {
	it('plays a recording of nothing but silence', async () => {
		for (const [name, format, parameters] of [
			['s.mp3', 'mp3', []],
			['s.flac', 'flac', []],
			['s.ogg', 'ogg-vorbis', ['-c:a', 'libvorbis']],
			['s.opus', 'ogg-opus', ['-c:a', 'libopus']],
			['s.wav', 'wav', []],
		] as Array<[string, AudioFormat, string[]]>) {
			const decoded = await decode(clips.byFfmpeg(name, '-af', 'volume=0', ...parameters), format);
			expect(decoded.length).toBeGreaterThan(16_000);
			expect(decoded.every((sample) => Math.abs(sample) < 1e-4)).toBe(true);
		}
	});

	it('stops when it is told to', async () => {
		const controller = new AbortController();
		const chunks = decodeAudio(mp3(), 'mp3', { signal: controller.signal });
		await chunks.next();
		controller.abort();
		await expect(chunks.next()).rejects.toMatchObject({ code: 'CANCELLED' });
	});

	it('can be left early many times, and frees what it holds', async () => {
		const files: Array<[AudioFormat, Buffer]> = [
			['mp3', mp3()],
			['flac', clips.bySox('t.flac')],
			['ogg-vorbis', clips.byFfmpeg('t.ogg', '-c:a', 'libvorbis')],
			['amr', clips.bySox('t.amr-nb', ['-r', '8000'])],
		];
		const handles = () =>
			process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Immediate/.test(name));
		for (let round = 0; round < 30; round++) {
			for (const [format, bytes] of files) {
				for await (const chunk of decodeAudio(bytes, format)) {
					expect(chunk.channels.length).toBeGreaterThan(0);
					break;
				}
			}
		}
		expect(handles()).toEqual([]);
	});
});
