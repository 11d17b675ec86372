import { startContractServer, type ContractServer } from '../../support/contractServer';
import { CLIP, itemWithBinary, NUMBER, thrown, voice, voiceApi } from './support';

const URL_SOURCE = { audioSource: 'url', audioUrl: 'https://example.com/note.ogg' };

describe('Voice Message > Send', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	describe('over RyzeAPI', () => {
		test('sends a voice note and lifts the message id', async () => {
			const { items, error } = await voice(server, {
				...URL_SOURCE,
				replyTo: ' 3EB0AA ',
				fileName: 'note.ogg',
				mimeType: 'audio/ogg; codecs=opus',
			});
			expect(error).toBeUndefined();
			expect(server.requests[0]).toMatchObject({ path: '/api/message/media/main' });
			expect(server.requests[0]?.body).toEqual({
				number: NUMBER,
				mediaType: 'audio',
				isVoice: true,
				replyTo: '3EB0AA',
				fileName: 'note.ogg',
				mimeType: 'audio/ogg; codecs=opus',
				mediaUrl: 'https://example.com/note.ogg',
			});
			const { messageId } = server.voiceNotes[0] ?? {};
			expect(items[0]?.json).toMatchObject({
				success: true,
				status: 'sent',
				messageId,
				data: { messageId },
				connection: 'ryzeApi',
			});
		});

		test('says nothing of what the user left empty', async () => {
			await voice(server, URL_SOURCE);
			expect(Object.keys(server.requests[0]?.body as object)).toEqual([
				'number',
				'mediaType',
				'isVoice',
				'mediaUrl',
			]);
		});

		test.each([
			['5511999999999@c.us', NUMBER],
			['120363012345678901@g.us', '120363012345678901@g.us'],
			['5511999999999-1609459200@g.us', '5511999999999-1609459200@g.us'],
			['120363012345678901@newsletter', '120363012345678901@newsletter'],
			['123456789@lid', '123456789@lid'],
		])('reaches %s', async (to, number) => {
			const { error } = await voice(server, { ...URL_SOURCE, to });
			expect(error).toBeUndefined();
			expect(server.requests[0]?.body).toMatchObject({ number });
		});
	});

	describe('over the Voice API', () => {
		const parameters = {
			chatId: `${NUMBER}@c.us`,
			'file[url]': 'https://example.com/notes/hello.mp3',
			'file[filename]': 'hello.mp3',
			'file[mimetype]': 'audio/mpeg',
			convert: true,
		};
		const who = { instance_id: 'WAWP1', access_token: 'wawp-token' };

		test('sends all parameters as a JSON object in the body by default', async () => {
			const { items, error } = await voiceApi(server);
			expect(error).toBeUndefined();
			const [request] = server.requests;
			expect(request).toMatchObject({ method: 'POST', path: '/v2/send/voice', query: {} });
			expect(request?.body).toEqual({ ...who, ...parameters });
			const messageId = `true_${NUMBER}@c.us_${server.voiceNotes[0]?.messageId}`;
			expect(items[0]?.json).toMatchObject({
				success: true,
				messageId,
				id: { _serialized: messageId },
				connection: 'voiceApi',
			});
			expect(items[0]?.pairedItem).toEqual({ item: 0 });
		});

		test('sends everything in the query', async () => {
			const { error } = await voiceApi(server, {}, { sendParametersAs: 'query' });
			expect(error).toBeUndefined();
			expect(server.requests[0]?.query).toEqual({ ...who, ...parameters, convert: 'true' });
			expect(server.requests[0]?.rawBody).toHaveLength(0);
		});

		test('sends who in the query and the rest in the body', async () => {
			const { error } = await voiceApi(server, {}, { sendParametersAs: 'queryAndBody' });
			expect(error).toBeUndefined();
			expect(server.requests[0]?.query).toEqual(who);
			expect(server.requests[0]?.body).toEqual(parameters);
		});

		test('tells what the user says of the file, whether to convert, and the reply', async () => {
			await voiceApi(server, {
				convert: false,
				replyTo: 'true_551@c.us_AA',
				fileName: 'x.ogg',
				mimeType: 'audio/ogg',
				to: '120363012345678901@g.us',
			});
			expect(server.requests[0]?.body).toEqual({
				...who,
				chatId: '120363012345678901@g.us',
				'file[url]': 'https://example.com/notes/hello.mp3',
				'file[filename]': 'x.ogg',
				'file[mimetype]': 'audio/ogg',
				convert: false,
				reply_to: 'true_551@c.us_AA',
			});
		});

		test.each([
			['https://example.com/a%20b.ogg', 'a b.ogg', 'audio/ogg; codecs=opus'],
			['https://example.com/%E0%A4%A.wav?x=1', '%E0%A4%A.wav', 'audio/wav'],
			['https://example.com/stream', 'voice.ogg', 'audio/ogg; codecs=opus'],
			['https://example.com/', 'voice.ogg', 'audio/ogg; codecs=opus'],
		])('names the file of %s', async (audioUrl, fileName, mimeType) => {
			await voiceApi(server, { audioUrl });
			expect(server.requests[0]?.body).toMatchObject({
				'file[filename]': fileName,
				'file[mimetype]': mimeType,
			});
		});

		test.each([
			[
				{ audioSource: 'base64', audioBase64: CLIP.toString('base64') },
				'NOT_SUPPORTED',
				'RyzeAPI Server',
			],
			[{ to: '123456789@lid' }, 'NOT_SUPPORTED', 'RyzeAPI Server'],
			[{ audioUrl: 'http://example.com/a.mp3' }, 'AUDIO_SOURCE', 'https://'],
		])(
			'refuses %p before any request and names the alternative',
			async (given, code, alternative) => {
				const error = thrown(await voiceApi(server, given));
				expect(error.code).toBe(code);
				expect(error.hint).toContain(alternative);
				expect(server.requests).toHaveLength(0);
			},
		);

		test('an upstream error inside a 2xx is a failure with its message', async () => {
			server.failNext({
				kind: 'answer',
				status: 200,
				body: { wawp_upstream_error: { message: 'session is not ready' } },
			});
			const error = thrown(await voiceApi(server));
			expect(error.code).toBe('SERVER_ERROR');
			expect(error.message).toContain('session is not ready');
		});

		test('a wrong access token is named, and never shown', async () => {
			const result = await voiceApi(
				server,
				{},
				{ accessToken: 'not-the-right-one', sendParametersAs: 'query' },
			);
			expect(thrown(result).code).toBe('UNAUTHORIZED');
			expect(result.stored).not.toContain('not-the-right-one');
		});

		test('an answer without a message id is no success', async () => {
			server.failNext({ kind: 'answer', status: 200, body: { hello: 'world' } });
			expect(thrown(await voiceApi(server)).code).toBe('MAYBE_PLACED');
		});
	});

	test('binary files need the connection that takes them', async () => {
		const { error } = await voice(server, {}, { items: [itemWithBinary(CLIP)] });
		expect(error).toBeUndefined();
	});
});
