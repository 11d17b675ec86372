import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { requireFormat, sniffFormat } from '../../../../engine/audio/source/sniff';
import { encoded, type Encoding } from './encoded';

const CLIPS = join(__dirname, '../../../support/clips');

function bytes(...parts: (string | number[] | Uint8Array)[]): Uint8Array {
	return Buffer.concat(
		parts.map((part) =>
			typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
		),
	);
}

/** An ID3v2.4 tag with `size` zeros. */
function id3(size: number, footer = false): Uint8Array {
	const flags = footer ? 0x10 : 0;
	const length = [21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f);
	return bytes('ID3', [4, 0, flags], length, new Uint8Array(size + (footer ? 10 : 0)));
}

const clip = (name: string) => readFileSync(join(CLIPS, name));

describe('recordings', () => {
	test.each([
		['alert.mp3', 'mp3'],
		['alert.ogg', 'ogg-opus'],
		['alert.m4a', 'm4a'],
		['alert.wav', 'wav'],
	])('%s is %s', (name, format) => {
		expect(sniffFormat(clip(name))).toBe(format);
		expect(requireFormat(clip(name))).toBe(format);
	});

	const ENCODINGS: [name: string, encoding: Encoding, format: string][] = [
		['mp3, MPEG 1', ['mp3', 'libmp3lame', '-ar', '44100'], 'mp3'],
		['mp3, MPEG 2, variable', ['mp3', 'libmp3lame', '-ar', '22050', '-q:a', '5'], 'mp3'],
		['mp3, MPEG 2.5', ['mp3', 'libmp3lame', '-ar', '8000'], 'mp3'],
		['mp3 without tags', ['mp3', 'libmp3lame', '-write_xing', '0', '-id3v2_version', '0'], 'mp3'],
		['mp2', ['mp2', 'mp2', '-ar', '44100'], 'mp3'],
		['aac', ['adts', 'aac'], 'aac'],
		['ogg opus', ['ogg', 'libopus', '-ar', '48000'], 'ogg-opus'],
		['ogg vorbis', ['ogg', 'libvorbis'], 'ogg-vorbis'],
		['wav', ['wav', 'pcm_s24le'], 'wav'],
		['wav, RF64', ['wav', 'pcm_s16le', '-rf64', 'always'], 'wav'],
		['mp4 cut in fragments', ['mp4', 'aac', '-movflags', 'frag_keyframe+empty_moov'], 'm4a'],
		['quicktime', ['mov', 'aac'], 'm4a'],
		['flac', ['flac', 'flac'], 'flac'],
		['webm', ['webm', 'libopus', '-ar', '48000'], 'webm-opus'],
		['live webm', ['webm', 'libopus', '-ar', '48000', '-live', '1'], 'webm-opus'],
		['matroska', ['matroska', 'libopus', '-ar', '48000'], 'webm-opus'],
		['aiff', ['aiff', 'pcm_s16be'], 'aiff'],
	];
	test.each(ENCODINGS)('%s', async (_name, encoding, format) => {
		expect(sniffFormat(await encoded(encoding))).toBe(format);
	});

	test.each([
		['amr, narrowband', bytes('#!AMR\n', [0x3c, 1, 2, 3]), 'amr'],
		['amr, wideband', bytes('#!AMR-WB\n', [0x24, 1, 2, 3]), 'amr'],
		['aifc', bytes('FORM', [0, 0, 1, 0], 'AIFC'), 'aiff'],
		['wav of the other byte order', bytes('RIFX', [0, 0, 1, 0], 'WAVE'), 'wav'],
		['flac after an ID3 tag', bytes(id3(300), 'fLaC', [0]), 'flac'],
		['mp3 after a large ID3 tag', bytes(id3(200_000), clip('alert.mp3')), 'mp3'],
		['mp3 after two ID3 tags', bytes(id3(300, true), id3(40), clip('alert.mp3')), 'mp3'],
		['mp3 after padding', bytes(id3(10), new Uint8Array(3000), clip('alert.mp3')), 'mp3'],
	])('%s', (_name, content, format) => {
		expect(sniffFormat(content)).toBe(format);
	});

	test('an mp3 that starts within a frame', async () => {
		const whole = await encoded(['mp3', 'libmp3lame', '-write_xing', '0', '-id3v2_version', '0']);
		expect(sniffFormat(whole.subarray(100))).toBe('mp3');
	});

	test('an mp3 that is cut within its first frame', async () => {
		const whole = await encoded(['mp3', 'libmp3lame', '-write_xing', '0', '-id3v2_version', '0']);
		expect(sniffFormat(whole.subarray(0, 50))).toBe('mp3');
	});
});

describe('audio that is not supported', () => {
	test.each([
		['Ogg FLAC', ['ogg', 'flac'], /FLAC in an Ogg file/],
		['Matroska with Vorbis', ['matroska', 'libvorbis'], /whose sound is not Opus/],
		['Windows Media', ['asf', 'wmav2'], /Windows Media/],
		['Core Audio', ['caf', 'pcm_s16be'], /Core Audio/],
		['Sun audio', ['au', 'pcm_s16be'], /Sun audio/],
	] satisfies [string, Encoding, RegExp][])('%s', async (_name, encoding, name) => {
		const content = await encoded(encoding);
		expect(() => requireFormat(content)).toThrow(
			expect.objectContaining({ code: 'AUDIO_FORMAT', message: expect.stringMatching(name) }),
		);
	});
});

describe('what is no audio', () => {
	const tar = new Uint8Array(512);
	tar.set(bytes('ustar'), 257);
	tar.set(bytes('file.mp3'), 0);
	const transportStream = new Uint8Array(188 * 3).fill(0xff);
	[0, 188, 376].forEach((offset) => (transportStream[offset] = 0x47));
	const program = new Uint8Array(200);
	program.set(bytes('MZ'));
	program[60] = 128;
	program.set(bytes('PE\0\0'), 128);

	test.each([
		['a zip archive', bytes('PK\x03\x04', new Uint8Array(100))],
		['a gzip archive', bytes([0x1f, 0x8b, 8, 0])],
		['a tar archive', tar],
		['a PDF document', bytes('%PDF-1.7\n')],
		['a text', bytes('hello world\n')],
		['a text', Buffer.from('Привет, мир. Это не звук.')],
		['a text', Buffer.from('\ufeffhello', 'utf16le')],
		['a text', bytes('{"error":"not found"}')],
		['a text', bytes(Buffer.from(clip('alert.mp3')).toString('base64'))],
		['an HTML page', bytes('\n <!DOCTYPE html><html>')],
		['an HTML page', bytes('\xef\xbb\xbf<html lang="en">')],
		['a playlist', bytes('#EXTM3U\n#EXT-X-VERSION:3\n')],
		['a picture', bytes('\x89PNG\r\n\x1a\n', [0, 0, 0, 13])],
		['a picture', bytes([0xff, 0xd8, 0xff, 0xe0], new Uint8Array(500))],
		['a picture', bytes('RIFF', [1, 0, 0, 0], 'WEBPVP8 ')],
		['a picture', bytes([0, 0, 0, 0x18], 'ftypheic')],
		['a picture', bytes('<?xml version="1.0"?>\n<svg xmlns="x"/>')],
		['a picture', bytes('BM', [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0], new Uint8Array(56))],
		['a video', bytes('RIFF', [1, 0, 0, 0], 'AVI LIST')],
		['a video', transportStream],
		['an executable', bytes('\x7fELF', [2, 1, 1])],
		['an executable', program],
		['an MP3 tag without its sound', id3(300)],
		['an MP3 tag without its sound', id3(300).subarray(0, 20)],
		['an Ogg file without a known stream', bytes('OggS')],
		['a WebM or Matroska file without a known track', bytes('\x1a\x45\xdf\xa3')],
		['not known', new Uint8Array(1000)],
		['not known', new Uint8Array(1000).fill(0xff)],
		['not known', new Uint8Array([0xff])],
		['not known', new Uint8Array()],
	])('%s', (unknown, content) => {
		expect(sniffFormat(content)).toEqual({ unknown });
	});

	test('a video in Matroska without sound', async () => {
		const video = await encoded(['matroska', 'none', '-c:v', 'mpeg4']);
		expect(sniffFormat(video)).toEqual({ unknown: 'a video without sound' });
	});

	test('is refused with a sentence', () => {
		const refusal = (content: Uint8Array) => {
			try {
				return requireFormat(content);
			} catch (error) {
				return error;
			}
		};
		expect(refusal(bytes('PK\x03\x04'))).toMatchObject({
			code: 'AUDIO_UNREADABLE',
			message: 'The file is a zip archive, not audio',
		});
		expect(refusal(new Uint8Array(10))).toMatchObject({
			code: 'AUDIO_UNREADABLE',
			message: 'The file is not audio of a kind that is known',
		});
		expect(refusal(new Uint8Array())).toMatchObject({ code: 'AUDIO_SOURCE' });
	});
});

describe('hostile bytes', () => {
	const MAGIC = [
		'ID3\x04\0\0',
		'OggS\0\x02',
		'\x1a\x45\xdf\xa3',
		'\xff\xfb\x90',
		'\xff\xf1\x50',
		'',
	];

	test('of any kind get an answer', () => {
		fc.assert(
			fc.property(fc.constantFrom(...MAGIC), fc.uint8Array({ maxLength: 2000 }), (magic, rest) => {
				const found = sniffFormat(bytes(magic, rest));
				expect(typeof (typeof found === 'string' ? found : found.unknown)).toBe('string');
			}),
			{ numRuns: 2000 },
		);
	});

	test('noise is not taken for mp3 or aac', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 0x7fffffff }), (seed) => {
				let state = seed;
				const noise = Uint8Array.from({ length: 20_000 }, () => {
					state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
					return state >> 16;
				});
				noise[0] = 0x80;
				expect(sniffFormat(noise)).toEqual({ unknown: 'not known' });
			}),
			{ numRuns: 200 },
		);
	});

	test.each(['alert.mp3', 'alert.ogg', 'alert.m4a', 'alert.wav'])(
		'%s cut anywhere gets an answer',
		(name) => {
			const whole = clip(name);
			for (let length = 0; length < Math.min(whole.length, 600); length++) {
				expect(sniffFormat(whole.subarray(0, length))).toBeDefined();
			}
		},
	);

	test('a file of nothing but empty elements ends', () => {
		const elements = new Uint8Array(16 * 1024 * 1024).fill(0x80);
		elements.set(bytes('\x1a\x45\xdf\xa3'));
		const start = Date.now();
		expect(sniffFormat(elements)).toHaveProperty('unknown');
		expect(Date.now() - start).toBeLessThan(10_000);
	});
});
