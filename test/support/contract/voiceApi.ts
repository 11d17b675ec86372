import { send } from '../contractServer/testClient';
import type { ContractSubject } from './subject';

const CREDENTIALS = { instance_id: 'main', access_token: 'instance-token' };
const MESSAGE = {
	chatId: '5511999999999@c.us',
	'file[url]': 'https://example.com/alert.ogg',
	'file[filename]': 'alert.ogg',
	'file[mimetype]': 'audio/ogg; codecs=opus',
	convert: true,
};
const ALL = { ...CREDENTIALS, ...MESSAGE };
const MIXED =
	'Send all parameters in the body, all in the query, or only instance_id and access_token in the query';

/** What `POST /v2/send/voice` refuses. */
export function voiceApiContract(subject: () => ContractSubject): void {
	describe('the Voice API', () => {
		function voice(query: object, body?: unknown, headers?: Record<string, string>) {
			const search = new URLSearchParams(
				Object.entries(query).map(([name, value]) => [name, String(value)]),
			);
			const path = search.size === 0 ? '/v2/send/voice' : `/v2/send/voice?${search.toString()}`;
			return send(subject(), path, { method: 'POST', body, token: null, headers });
		}

		it.each<[string, object, unknown]>([
			['Missing parameter: instance_id', {}, { ...ALL, instance_id: undefined }],
			['Missing parameter: access_token', {}, { ...ALL, access_token: '' }],
			['Missing parameter: chatId', {}, CREDENTIALS],
			['Missing parameter: chatId', CREDENTIALS, undefined],
			['Missing parameter: file[url]', {}, { ...ALL, 'file[url]': undefined }],
			['chatId must end with @c.us, @g.us or @newsletter', {}, { ...ALL, chatId: '5511999999999' }],
			['file[url] must be an HTTPS URL', {}, { ...ALL, 'file[url]': 'ftp://example.com/a.ogg' }],
			['file[url] must be an HTTPS URL', {}, { ...ALL, 'file[url]': 'T2dnUw==' }],
			['convert must be a boolean', {}, { ...ALL, convert: 'true' }],
			['convert must be true or false', { ...ALL, convert: 1 }, undefined],
			['chatId must be a string', {}, { ...ALL, chatId: 5511999999999 }],
			['Unknown parameter: file', {}, { ...ALL, file: { url: 'https://example.com/a.ogg' } }],
			['Unknown parameter: caption', { ...ALL, caption: 'x' }, undefined],
			[MIXED, { ...CREDENTIALS, chatId: MESSAGE.chatId }, MESSAGE],
			[MIXED, { instance_id: 'main' }, ALL],
			['Invalid request body: a JSON object is expected', {}, 'nonsense'],
		])('refuses with 400 %s', async (message, query, body) => {
			expect(await voice(query, body)).toMatchObject({
				status: 400,
				body: { status: 400, message, error: 'Bad Request' },
			});
		});

		it('refuses a body that is not sent as JSON', async () => {
			const form = { 'content-type': 'application/x-www-form-urlencoded' };
			expect(await voice({}, ALL, form)).toMatchObject({ status: 400, body: { status: 400 } });
		});

		it.each([
			{ access_token: 'wrong' },
			{ access_token: 'other-token' },
			{ instance_id: 'absent' },
			{ access_token: 'wrong', chatId: undefined, 'file[url]': undefined },
		])('refuses bad credentials before it looks at the rest: %j', async (fields) => {
			expect(await voice({}, { ...ALL, ...fields })).toMatchObject({
				status: 401,
				body: { status: 401, message: 'Invalid access token', error: 'Unauthorized' },
			});
		});

		it.each([
			['GET', '/v2/send/voice'],
			['POST', '/v2/send/audio'],
		])('has no %s %s', async (method, path) => {
			expect(await send(subject(), path, { method })).toMatchObject({
				status: 404,
				body: { status: 404, message: 'Not found', error: 'Not Found' },
			});
		});
	});
}
