import { createHash } from 'node:crypto';
import { startContractServer, type ContractServer } from './contractServer';
import { refused, send } from './contractServer/testClient';

const NUMBER = '5511999999999';
const CALL_ID = /^3EB0[0-9A-F]{16}$/;
const BASE64 = Buffer.from('not really a recording').toString('base64');

let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
});

afterEach(() => server.reset());

afterAll(() => server.close());

describe('a fake call', () => {
	const call = (body: unknown, path = '/api/call/fake/main') => send(server, path, { body });

	it('is placed and answered as documented', async () => {
		const answer = await call({ number: NUMBER, duration: 60 });

		const callId: unknown = expect.stringMatching(CALL_ID);
		expect(answer).toMatchObject({ status: 200 });
		expect(answer.body).toEqual({
			success: true,
			message: 'Call placed successfully',
			callId,
			number: NUMBER,
			duration: 60,
		});
		expect(server.calls).toEqual([
			{ kind: 'fake', instance: 'main', callId, number: NUMBER, duration: 60 },
		]);
		expect(answer.body).toMatchObject({ callId: server.calls[0]?.callId });
	});

	it('fails on an instance that is not connected', async () => {
		server.setInstanceState('main', 'connecting');

		expect(await call({ number: NUMBER })).toMatchObject(
			refused(500, 'instance is not connected (connecting)'),
		);
		expect(server.calls).toEqual([]);
	});
});

describe('an audio call', () => {
	const call = (body: unknown) => send(server, '/api/call/audio/main', { body });

	it.each([
		{ mediaUrl: 'https://example.com/alert.ogg' },
		{ mediaUrl: 'http://127.0.0.1:8080/alert.ogg' },
		{ mediaUrl: BASE64 },
		{ mediaUrl: `data:audio/mpeg;base64,${BASE64}` },
		{ mediaUrl: `data:audio/ogg; codecs=opus;base64,${BASE64}` },
		{ mediaBase64: BASE64 },
	])('is placed with %j', async (media) => {
		const answer = await call({ number: NUMBER, ...media });

		const callId: unknown = expect.stringMatching(CALL_ID);
		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({
			success: true,
			message: 'Audio call placed',
			callId,
			number: NUMBER,
		});
		expect(server.calls).toEqual([
			{ kind: 'audio', instance: 'main', callId, number: NUMBER, ...media },
		]);
	});

	const notBase64 = 'mediaBase64 must be base64 without a data URI prefix';
	const notMedia = 'mediaUrl must be an http(s) URL, base64 or a data URI';
	it.each([
		[{ mediaBase64: `data:audio/mpeg;base64,${BASE64}` }, notBase64],
		[{ mediaBase64: 'https://example.com/alert.ogg' }, notBase64],
		[{ mediaBase64: 'AAAAA' }, notBase64],
		[{ mediaBase64: 'AA=AAA==' }, notBase64],
		[{ mediaBase64: 'A-_A' }, notBase64],
		[{ mediaBase64: 'AAAA\nAAAA' }, notBase64],
		[{ mediaUrl: 'ftp://example.com/alert.ogg' }, notMedia],
		[{ mediaUrl: 'http://' }, notMedia],
		[{ mediaUrl: '/tmp/alert.ogg' }, notMedia],
		[{ mediaUrl: 'data:audio/mpeg,AAAA' }, notMedia],
		[{ mediaUrl: 'data:audio/mpeg;base64,' }, notMedia],
		[{ mediaUrl: 8 }, 'mediaUrl must be a string'],
		[{ mediaBase64: BASE64, duration: 8 }, 'unknown field "duration"'],
	])('is refused with %j', async (media, detail) => {
		expect(await call({ number: NUMBER, ...media })).toMatchObject(
			refused(400, `Invalid request body: ${detail}`),
		);
		expect(server.calls).toEqual([]);
	});

	it('takes 20 MB as base64', async () => {
		const audio = Buffer.alloc(20 * 1024 * 1024, 'a recording');
		const mediaBase64 = audio.toString('base64');

		expect(await call({ number: NUMBER, mediaBase64 })).toMatchObject({ status: 200 });
		const kept = Buffer.from(server.calls[0]?.mediaBase64 ?? '', 'base64');
		expect(sha256(kept)).toBe(sha256(audio));
	});
});

describe.each(['fake', 'audio'])('the recipient of a call to /api/call/%s', (kind) => {
	const call = (number: string | undefined) =>
		send(server, `/api/call/${kind}/main`, {
			body: { number, ...(kind === 'audio' ? { mediaBase64: BASE64 } : {}) },
		});

	it.each([
		'120363000000000000@g.us',
		'123456789012345@lid',
		'120363000000000000@newsletter',
		`${NUMBER}@c.us`,
		`+${NUMBER}`,
		'+55 11 99999-9999',
		'0551199999999',
		'5511999999999999',
		'nobody',
	])('is not %s', async (number) => {
		expect(await call(number)).toMatchObject(
			refused(
				400,
				'Invalid request body: number must be a plain number like 5511999999999 or 5511999999999@s.whatsapp.net',
			),
		);
		expect(server.calls).toEqual([]);
	});
});

describe('a voice note', () => {
	const note = (fields: object) =>
		send(server, '/api/message/media/main', {
			body: { number: NUMBER, mediaType: 'audio', mediaBase64: BASE64, ...fields },
		});

	it('is sent with all documented fields', async () => {
		const parameters = {
			number: NUMBER,
			mediaType: 'audio',
			mediaUrl: 'https://example.com/alert.ogg',
			isVoice: true,
			mimeType: 'audio/ogg; codecs=opus',
			fileName: 'alert.ogg',
			duration: 4,
			waveform: [0, 50, 100],
			delay: 1.5,
			replyTo: '3EB0AAAA',
			replyPrivate: false,
		};
		const answer = await send(server, '/api/message/media/main', { body: parameters });

		const messageId: unknown = expect.stringMatching(CALL_ID);
		expect(answer.status).toBe(200);
		expect(answer.body).toMatchObject({ success: true, status: 'sent', data: { messageId } });
		expect(server.voiceNotes).toEqual([
			{ api: 'ryzeApi', instance: 'main', messageId, parameters },
		]);
	});

	it.each([
		`${NUMBER}@s.whatsapp.net`,
		'120363000000000000@g.us',
		'5511999999999-1600000000@g.us',
		'123456789012345@lid',
		'120363000000000000@newsletter',
	])('goes to %s', async (number) => {
		expect((await note({ number })).status).toBe(200);
	});

	it.each([
		[{ number: '' }, 'Number is required'],
		[{ number: '+55 11' }, 'Invalid request body: number must be a plain number or a JID'],
		[
			{ number: 'status@broadcast' },
			'Invalid request body: number must be a plain number or a JID',
		],
	])('is refused with %j', async (fields, message) => {
		expect(await note(fields)).toMatchObject(refused(400, message));
		expect(server.voiceNotes).toEqual([]);
	});

	it('fails on an instance that is not connected', async () => {
		server.setInstanceState('main', 'loggedout');

		expect((await note({})).status).toBe(500);
		expect(server.voiceNotes).toEqual([]);
	});
});

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
