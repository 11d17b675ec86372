import { startContractServer, type ContractServer } from './index';
import { send } from './testClient';

/** Answers, and where it is stricter; what any server refuses is in ../contract/voiceApi.ts. */

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

function voice(query: Record<string, unknown>, body?: unknown) {
	const search = new URLSearchParams(
		Object.entries(query).map(([name, value]) => [name, String(value)]),
	);
	const path = search.size === 0 ? '/v2/send/voice' : `/v2/send/voice?${search.toString()}`;
	return send(server, path, { method: 'POST', body, token: null });
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

it.each<[string, Record<string, unknown>]>([
	['Missing parameter: file[filename]', { ...ALL, 'file[filename]': undefined }],
	['Missing parameter: file[mimetype]', { ...ALL, 'file[mimetype]': undefined }],
	['Missing parameter: convert', { ...ALL, convert: undefined }],
	[
		'chatId must end with @c.us, @g.us or @newsletter',
		{ ...ALL, chatId: '5511999999999@s.whatsapp.net' },
	],
	['file[url] must be an HTTPS URL', { ...ALL, 'file[url]': 'http://example.com/a.ogg' }],
])('refuses with 400 %s, which the server of this package lets pass', async (message, body) => {
	expect(await voice({}, body)).toMatchObject({
		status: 400,
		body: { status: 400, message, error: 'Bad Request' },
	});
	expect(server.voiceNotes).toEqual([]);
});
