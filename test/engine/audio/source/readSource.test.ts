import fc from 'fast-check';
import { readSource } from '../../../../engine/audio/source/readSource';

const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) % 256);
const BASE64 = Buffer.from(BYTES).toString('base64');

function wrapped(text: string, width: number, end: string): string {
	return text.replace(new RegExp(`.{${width}}`, 'g'), (line) => line + end);
}

describe('bytes', () => {
	test('come back as they are, without a copy', async () => {
		const audio = await readSource({ bytes: BYTES });
		expect(audio).toEqual({ bytes: BYTES, origin: 'bytes' });
		expect(audio.bytes).toBe(BYTES);
	});

	test('none at all is refused', async () => {
		await expect(readSource({ bytes: new Uint8Array() })).rejects.toMatchObject({
			code: 'AUDIO_SOURCE',
			message: 'The audio is empty',
		});
	});

	test('more than the limit are refused, and the limit is named', async () => {
		await expect(readSource({ bytes: new Uint8Array(16 * 1024 * 1024 + 1) })).rejects.toMatchObject(
			{ code: 'AUDIO_TOO_LARGE', message: expect.stringMatching(/16 MB/) },
		);
		await expect(readSource({ bytes: BYTES }, { maximumBytes: 999 })).rejects.toMatchObject({
			code: 'AUDIO_TOO_LARGE',
			message: expect.stringMatching(/999 bytes/),
		});
		expect((await readSource({ bytes: BYTES }, { maximumBytes: 1000 })).bytes).toBe(BYTES);
	});
});

describe('base64', () => {
	test.each([
		['as it is', BASE64],
		['in lines of 76 characters', wrapped(BASE64, 76, '\r\n')],
		['with spaces and tabs anywhere', ` \t${wrapped(BASE64, 5, ' \n ')}\n`],
		['without its padding', BASE64.replace(/=+$/, '')],
		['in the alphabet for URLs', Buffer.from(BYTES).toString('base64url')],
	])('%s', async (_name, text) => {
		const audio = await readSource({ text });
		expect(audio.origin).toBe('base64');
		expect(audio.contentType).toBeUndefined();
		expect(Buffer.from(audio.bytes).equals(BYTES)).toBe(true);
		expect(audio.bytes.buffer.byteLength).toBe(audio.bytes.length);
	});

	test.each([
		['a word and a full stop', 'hello.'],
		['text after the padding', `${BASE64.slice(0, 12)}QQ==AAAA`],
		['padding in the middle', 'QQ==QQ=='],
		['three padding characters', 'Q==='],
		['a percent sign', 'SUQz%41'],
		['an address without its scheme', 'www.example.com/a.mp3'],
	])('%s is no base64', async (_name, text) => {
		await expect(readSource({ text })).rejects.toMatchObject({
			code: 'AUDIO_SOURCE',
			message: expect.stringMatching(/neither an http\(s\) URL nor base64/),
		});
	});

	test.each(['SUQzB', 'SUQzQQ=', 'SUQzQ', '='])('%s is not complete', async (text) => {
		await expect(readSource({ text })).rejects.toMatchObject({
			code: 'AUDIO_SOURCE',
			message: 'The base64 of the audio is not complete',
		});
	});

	test.each(['', ' \n\t '])('an empty text is refused: "%s"', async (text) => {
		await expect(readSource({ text })).rejects.toMatchObject({ code: 'AUDIO_SOURCE' });
	});

	test('the limit counts the bytes, not the characters', async () => {
		const text = wrapped(BASE64, 4, '\n');
		expect((await readSource({ text }, { maximumBytes: 1000 })).bytes).toHaveLength(1000);
		await expect(readSource({ text }, { maximumBytes: 999 })).rejects.toMatchObject({
			code: 'AUDIO_TOO_LARGE',
		});
	});

	test('a text far beyond the limit costs no memory of its size', async () => {
		await expect(
			readSource({ text: 'A'.repeat(64 * 1024 * 1024) }, { maximumBytes: 1000 }),
		).rejects.toMatchObject({ code: 'AUDIO_TOO_LARGE' });
	});

	test('16 MB come back whole, and the event loop turns meanwhile', async () => {
		const bytes = Buffer.alloc(16 * 1024 * 1024, 'sixteen megabytes');
		const text = wrapped(bytes.toString('base64'), 76, '\n');
		let turns = 0;
		const count = setInterval(() => (turns += 1), 0);
		const audio = await readSource({ text });
		clearInterval(count);
		expect(bytes.equals(audio.bytes)).toBe(true);
		expect(turns).toBeGreaterThan(10);
	});

	test('any bytes, wherever white space stands', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.uint8Array({ minLength: 1, maxLength: 300 }),
				fc.integer({ min: 1, max: 20 }),
				async (bytes, width) => {
					const text = wrapped(Buffer.from(bytes).toString('base64'), width, '\n');
					expect((await readSource({ text })).bytes).toEqual(bytes);
				},
			),
		);
	});
});

describe('data URIs', () => {
	test.each([
		['data:audio/mpeg;base64,', 'audio/mpeg'],
		['DATA:audio/ogg; codecs=opus ; BASE64 ,', 'audio/ogg; codecs=opus'],
		['  data:;base64,', undefined],
	])('%s', async (prefix, contentType) => {
		const audio = await readSource({ text: prefix + BASE64 });
		expect(audio.origin).toBe('base64');
		expect(audio.contentType).toBe(contentType);
		expect(Buffer.from(audio.bytes).equals(BYTES)).toBe(true);
	});

	test('percent-encoded characters are understood, wherever the text is cut', async () => {
		const bytes = Buffer.alloc(1024 * 1024, 0xfb);
		const text = `data:audio/mpeg;base64,${encodeURIComponent(bytes.toString('base64'))}`;
		expect(text).toContain('%2B');
		expect(bytes.equals((await readSource({ text })).bytes)).toBe(true);
	});

	test.each(['data:audio/mpeg,ID3', 'data:audio/mpeg;base64', 'data:'])(
		'%s is not a base64 one',
		async (text) => {
			await expect(readSource({ text })).rejects.toMatchObject({
				code: 'AUDIO_SOURCE',
				message: 'The data URI of the audio is not a base64 one',
			});
		},
	);

	test('an empty one is refused', async () => {
		await expect(readSource({ text: 'data:audio/mpeg;base64,' })).rejects.toMatchObject({
			code: 'AUDIO_SOURCE',
			message: 'The audio is empty',
		});
	});
});

describe('other addresses are not fetched', () => {
	test.each(['file:///etc/passwd', 'ftp://example.com/a.mp3', ' FTP://x', 'blob:https://x/y'])(
		'%s',
		async (text) => {
			await expect(readSource({ text })).rejects.toMatchObject({
				code: 'AUDIO_SOURCE',
				message: expect.stringMatching(/only http and https are fetched/),
			});
		},
	);

	test('the path of a file on Windows', async () => {
		await expect(readSource({ text: 'C:\\alert.mp3' })).rejects.toMatchObject({
			code: 'AUDIO_SOURCE',
			message: expect.stringMatching(/path of a file/),
		});
	});

	test.each(['http://', 'https://a b/', 'http://[::1', `https://x/${'a'.repeat(20_000)}`])(
		'%.30s is not a complete URL',
		async (text) => {
			await expect(readSource({ text })).rejects.toMatchObject({
				code: 'AUDIO_SOURCE',
				message: 'The address of the audio is not a complete URL',
			});
		},
	);
});
