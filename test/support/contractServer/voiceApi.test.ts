import { startContractServer, type ContractServer } from './index';
import { send } from './testClient';

const CREDENTIALS = { instance_id: 'WAWP1', access_token: 'wawp-token' };
const MESSAGE = {
	chatId: '5511999999999@c.us',
	'file[url]': 'https://example.com/alert.ogg',
	'file[filename]': 'alert.ogg',
	'file[mimetype]': 'audio/ogg; codecs=opus',
	convert: true,
};
const ALL = { ...CREDENTIALS, ...MESSAGE };
const MESSAGE_ID = /^3EB0[0-9A-F]{16}$/;

let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer({ now: () => 1_700_000_000_500 });
});

afterEach(() => server.reset());

afterAll(() => server.close());

function voice(query: Record<string, unknown>, body?: unknown, headers?: Record<string, string>) {
	const search = new URLSearchParams(
		Object.entries(query).map(([name, value]) => [name, String(value)]),
	);
	const path = search.size === 0 ? '/v2/send/voice' : `/v2/send/voice?${search.toString()}`;
	return send(server, path, { method: 'POST', body, token: null, headers });
}

it('answers with the documented message object', async () => {
	const { status, body } = await voice({}, ALL);

	const messageId = server.voiceNotes[0]?.messageId ?? '';
	expect(messageId).toMatch(MESSAGE_ID);
	expect(status).toBe(200);
	expect(body).toMatchObject({
		id: {
			fromMe: true,
			remote: MESSAGE.chatId,
			id: messageId,
			_serialized: `true_${MESSAGE.chatId}_${messageId}`,
		},
		ack: expect.any(Number) as unknown,
		hasMedia: true,
		timestamp: 1_700_000_000,
		from: expect.stringMatching(/^\d+@c\.us$/) as unknown,
		to: MESSAGE.chatId,
		fromMe: true,
		hasQuotedMsg: false,
	});
	expect(Object.keys(body as object).sort()).toEqual(
		(
			'_data mediaKey id ack hasMedia body type timestamp from to deviceType isForwarded ' +
			'forwardingScore isStatus isStarred fromMe hasQuotedMsg hasReaction vCards mentionedIds ' +
			'groupMentions isGif links'
		)
			.split(' ')
			.sort(),
	);
});

it.each<[string, Record<string, unknown>, unknown]>([
	['all in the body', {}, ALL],
	['all in the query', ALL, undefined],
	['the credentials in the query and the rest in the body', CREDENTIALS, MESSAGE],
])('takes its parameters with %s', async (_way, query, body) => {
	expect((await voice(query, body)).status).toBe(200);
	expect(server.voiceNotes).toEqual([
		{
			api: 'voiceApi',
			instance: 'WAWP1',
			messageId: expect.stringMatching(MESSAGE_ID) as unknown,
			parameters: ALL,
		},
	]);
});

it.each(['120363000000000000@g.us', '120363000000000000@newsletter'])(
	'sends to %s',
	async (chatId) => {
		expect(await voice({}, { ...ALL, chatId })).toMatchObject({
			status: 200,
			body: { to: chatId },
		});
	},
);

it('knows the message it replies to', async () => {
	expect(await voice({}, { ...ALL, reply_to: '3EB0AA' })).toMatchObject({
		status: 200,
		body: { hasQuotedMsg: true },
	});
});

const MIXED =
	'Send all parameters in the body, all in the query, or only instance_id and access_token in the query';

it.each<[string, Record<string, unknown>, unknown]>([
	['Missing parameter: instance_id', {}, { ...ALL, instance_id: undefined }],
	['Missing parameter: access_token', {}, { ...ALL, access_token: '' }],
	['Missing parameter: chatId', {}, CREDENTIALS],
	['Missing parameter: chatId', CREDENTIALS, undefined],
	['Missing parameter: file[url]', {}, { ...ALL, 'file[url]': undefined }],
	['Missing parameter: file[filename]', {}, { ...ALL, 'file[filename]': undefined }],
	['Missing parameter: file[mimetype]', {}, { ...ALL, 'file[mimetype]': undefined }],
	['Missing parameter: convert', {}, { ...ALL, convert: undefined }],
	['chatId must end with @c.us, @g.us or @newsletter', {}, { ...ALL, chatId: '5511999999999' }],
	[
		'chatId must end with @c.us, @g.us or @newsletter',
		{},
		{ ...ALL, chatId: '5511999999999@s.whatsapp.net' },
	],
	['file[url] must be an HTTPS URL', {}, { ...ALL, 'file[url]': 'http://example.com/a.ogg' }],
	['file[url] must be an HTTPS URL', {}, { ...ALL, 'file[url]': 'T2dnUw==' }],
	['convert must be a boolean', {}, { ...ALL, convert: 'true' }],
	['convert must be true or false', { ...ALL, convert: 1 }, undefined],
	['chatId must be a string', {}, { ...ALL, chatId: 5511999999999 }],
	['Unknown parameter: file', {}, { ...ALL, file: { url: 'https://example.com/a.ogg' } }],
	['Unknown parameter: caption', { ...ALL, caption: 'x' }, undefined],
	[MIXED, { ...CREDENTIALS, chatId: MESSAGE.chatId }, MESSAGE],
	[MIXED, { instance_id: 'WAWP1' }, ALL],
	['Invalid request body: a JSON object is expected', {}, 'nonsense'],
])('refuses with 400 %s', async (message, query, body) => {
	expect(await voice(query, body)).toMatchObject({
		status: 400,
		body: { status: 400, message, error: 'Bad Request' },
	});
	expect(server.voiceNotes).toEqual([]);
});

it('refuses a body that is not sent as JSON', async () => {
	const form = { 'content-type': 'application/x-www-form-urlencoded' };

	expect(await voice({}, ALL, form)).toMatchObject({ status: 400, body: { status: 400 } });
});

it.each([
	{ access_token: 'wrong' },
	{ instance_id: 'WAWP2' },
	{ access_token: 'wrong', chatId: undefined, 'file[url]': undefined },
])('refuses bad credentials before it looks at the rest: %j', async (fields) => {
	expect(await voice({}, { ...ALL, ...fields })).toMatchObject({
		status: 401,
		body: { status: 401, message: 'Invalid access token', error: 'Unauthorized' },
	});
	expect(server.voiceNotes).toEqual([]);
});

it.each([
	['GET', '/v2/send/voice'],
	['POST', '/v2/send/audio'],
])('has no %s %s', async (method, path) => {
	expect(await send(server, path, { method })).toMatchObject({
		status: 404,
		body: { status: 404, message: 'Not found', error: 'Not Found' },
	});
});
