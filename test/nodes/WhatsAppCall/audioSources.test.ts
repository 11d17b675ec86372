import type { IDataObject } from 'n8n-workflow';
import { startContractServer, type ContractServer } from '../../support/contractServer';
import { audio, CLIP, itemWithBinary, NUMBER, thrown, voice } from './support';

const URL_OF_CLIP = 'https://example.com/alert.mp3';
const ONE_MEGABYTE = 1024 * 1024;

describe('audio sources', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	const received = () => server.requests.at(-1)?.body as IDataObject;
	const receivedBytes = () => Buffer.from(String(received().mediaBase64), 'base64');

	test('a binary file arrives byte for byte as mediaBase64', async () => {
		const { items, error } = await audio(server, {}, { items: [itemWithBinary(CLIP)] });
		expect(error).toBeUndefined();
		expect(receivedBytes().equals(CLIP)).toBe(true);
		expect(Object.keys(received())).toEqual(['number', 'mediaBase64']);
		expect(items[0]?.json).toMatchObject({
			success: true,
			message: 'Audio call placed',
			callId: server.calls[0]?.callId,
			number: NUMBER,
			outcome: 'placed',
			connection: 'ryzeApi',
		});
	});

	test('the field of the binary file can be chosen', async () => {
		await audio(
			server,
			{ binaryPropertyName: 'recording' },
			{ items: [itemWithBinary(CLIP, 'recording')] },
		);
		expect(receivedBytes().equals(CLIP)).toBe(true);
	});

	test.each([0, 1, 2, 3, 4, 49_151, 49_152, 49_153, 98_305])(
		'a file of %i bytes and one more keeps its length through the stream',
		async (length) => {
			const bytes = Buffer.alloc(length + 1, 'x');
			await audio(server, {}, { items: [itemWithBinary(bytes)] });
			expect(receivedBytes().equals(bytes)).toBe(true);
			const request = server.requests.at(-1);
			expect(request?.headers['content-length']).toBe(String(request?.rawBody.length));
		},
	);

	test('a URL arrives as mediaUrl, untouched', async () => {
		await audio(server, { audioSource: 'url', audioUrl: ` ${URL_OF_CLIP}?a=1&b=%20 ` });
		expect(received()).toEqual({ number: NUMBER, mediaUrl: `${URL_OF_CLIP}?a=1&b=%20` });
	});

	test.each([
		['plain base64', CLIP.toString('base64')],
		['base64 with line breaks', CLIP.toString('base64').replace(/(.{76})/g, '$1\r\n')],
		['base64 without its padding', CLIP.toString('base64').replace(/=+$/, '')],
		['a data URI', `data:audio/mpeg;base64,${CLIP.toString('base64')}`],
		['a data URI with parameters', `data:audio/ogg; codecs=opus;base64,${CLIP.toString('base64')}`],
	])('%s arrives as mediaBase64 without a prefix', async (_name, audioBase64) => {
		const { error } = await audio(server, { audioSource: 'base64', audioBase64 });
		expect(error).toBeUndefined();
		expect(Object.keys(received())).toEqual(['number', 'mediaBase64']);
		expect(String(received().mediaBase64)).toMatch(/^[A-Za-z0-9+/]+=*$/);
		expect(receivedBytes().equals(CLIP)).toBe(true);
	});

	describe('what bad input gets, before any request', () => {
		afterEach(() => expect(server.requests).toHaveLength(0));

		test.each<[string, IDataObject, string]>([
			['an empty URL', { audioSource: 'url', audioUrl: '={{ "" }}' }, '"Audio URL" is empty'],
			[
				'a file address',
				{ audioSource: 'url', audioUrl: 'file:///etc/passwd' },
				'not an http(s) URL',
			],
			['an ftp address', { audioSource: 'url', audioUrl: 'ftp://x/a.mp3' }, 'not an http(s) URL'],
			['no address at all', { audioSource: 'url', audioUrl: 'hello' }, '"hello"'],
			[
				'a data URI as URL',
				{ audioSource: 'url', audioUrl: 'data:audio/mpeg;base64,AAAA' },
				'data URI',
			],
			['empty base64', { audioSource: 'base64', audioBase64: ' ' }, '"Audio Base64" is empty'],
			[
				'an empty data URI',
				{ audioSource: 'base64', audioBase64: 'data:audio/mpeg;base64,' },
				'empty',
			],
			[
				'text that is not base64',
				{ audioSource: 'base64', audioBase64: 'Hällo' },
				'"ä" stands where it cannot',
			],
			['URL-safe base64', { audioSource: 'base64', audioBase64: 'AA-_' }, '"-" stands where'],
			[
				'padding in the middle',
				{ audioSource: 'base64', audioBase64: 'AA==AAAA' },
				'"=" stands where',
			],
			['base64 that was cut', { audioSource: 'base64', audioBase64: 'AAAAA' }, 'end is missing'],
			[
				'a data URI with text',
				{ audioSource: 'base64', audioBase64: 'data:text/plain,hi' },
				'not a base64 one',
			],
			['a URL as base64', { audioSource: 'base64', audioBase64: URL_OF_CLIP }, 'holds a URL'],
			['an unknown source', { audioSource: 'telepathy' }, '"telepathy"'],
		])('%s', async (_name, parameters, said) => {
			const error = thrown(await audio(server, parameters));
			expect(error.code).toBe('AUDIO_SOURCE');
			expect(error.message).toContain(said);
			expect(error.hint).not.toBe('');
		});

		test('a binary field that the item lacks: the error says which it has', async () => {
			const item = {
				json: {},
				binary: { ...itemWithBinary(CLIP, 'file').binary, ...itemWithBinary(CLIP, 'cover').binary },
			};
			const error = thrown(await audio(server, {}, { items: [item] }));
			expect(error.code).toBe('AUDIO_SOURCE');
			expect(error.message).toBe('The item has no binary field "data"; it has "file", "cover"');
		});

		test('an item without binary fields, and an inherited name', async () => {
			expect(thrown(await audio(server)).message).toContain('it has no binary fields');
			const error = thrown(await audio(server, { binaryPropertyName: 'constructor' }));
			expect(error.code).toBe('AUDIO_SOURCE');
		});

		test('no binary field named', async () => {
			const error = thrown(
				await audio(server, { binaryPropertyName: '={{ "" }}' }, { items: [itemWithBinary(CLIP)] }),
			);
			expect(error.message).toContain('"Input Binary Field" is empty, and the item has "data"');
		});

		test('an empty binary file', async () => {
			const error = thrown(await audio(server, {}, { items: [itemWithBinary(Buffer.alloc(0))] }));
			expect(error.message).toBe('The binary field "data" is empty');
		});

		test.each<[string, IDataObject]>([
			['binary', {}],
			[
				'base64',
				{ audioSource: 'base64', audioBase64: Buffer.alloc(ONE_MEGABYTE + 1).toString('base64') },
			],
		])('a %s file above the limit: the error names both sizes', async (_name, parameters) => {
			const error = thrown(
				await audio(
					server,
					{ ...parameters, options: { maximumAudioSizeMb: 1 } },
					{ items: [itemWithBinary(Buffer.alloc(ONE_MEGABYTE + 1))] },
				),
			);
			expect(error.code).toBe('AUDIO_TOO_LARGE');
			expect(error.message).toBe('The audio has 1.1 MB, and at most 1 MB are sent');
			expect(error.hint).toContain('Maximum Audio Size');
		});
	});

	test('a file of exactly the limit goes through', async () => {
		const bytes = Buffer.alloc(ONE_MEGABYTE, 7);
		const { error } = await audio(
			server,
			{ options: { maximumAudioSizeMb: 1 } },
			{ items: [itemWithBinary(bytes)] },
		);
		expect(error).toBeUndefined();
		expect(receivedBytes().equals(bytes)).toBe(true);
	});

	test('a voice note takes the same sources', async () => {
		await voice(server, {}, { items: [itemWithBinary(CLIP)] });
		expect(receivedBytes().equals(CLIP)).toBe(true);
		await voice(server, { audioSource: 'url', audioUrl: URL_OF_CLIP });
		expect(received().mediaUrl).toBe(URL_OF_CLIP);
	});
});
