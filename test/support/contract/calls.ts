import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { refused, send } from '../contractServer/testClient';
import type { ContractSubject } from './subject';

const CALL_ID: unknown = expect.stringMatching(/^[0-9A-F]{20,32}$/);
const CLIP = readFileSync(join(__dirname, '../clips/alert.ogg'));
const BASE64 = CLIP.toString('base64');

/** The call routes. */
export function callContract(subject: () => ContractSubject): void {
	describe('a call', () => {
		const fake = (body: unknown, path = '/api/call/fake/main') => send(subject(), path, { body });
		const audio = (body: object) =>
			send(subject(), '/api/call/audio/main', { body: { number: subject().number, ...body } });

		async function refusesAll(
			request: () => ReturnType<typeof send>,
			status: number,
			message: string,
		): Promise<void> {
			const before = subject().callsPlaced();
			expect(await request()).toMatchObject(refused(status, message));
			expect(subject().callsPlaced()).toBe(before);
		}

		it('without sound is placed and answered as documented', async () => {
			const { number } = subject();
			const before = subject().callsPlaced();
			const answer = await fake({ number, duration: 3 });

			expect(answer.status).toBe(200);
			expect(answer.body).toEqual({
				success: true,
				message: 'Call placed successfully',
				callId: CALL_ID,
				number,
				duration: 3,
			});
			expect(subject().callsPlaced()).toBe(before + 1);
		});

		it('gets an id of its own each time', async () => {
			const { number } = subject();
			const first = await fake({ number, duration: 1 });
			const second = await fake({ number, duration: 1 });

			expect(first.body).toMatchObject({ callId: CALL_ID });
			expect(second.body).not.toMatchObject({ callId: (first.body as { callId: string }).callId });
		});

		it.each([{}, { duration: 0 }])('rings for 8 seconds with %j', async (fields) => {
			expect(await fake({ number: subject().number, ...fields })).toMatchObject({
				status: 200,
				body: { duration: 8 },
			});
		});

		it('takes a JID and answers with its number', async () => {
			const { number } = subject();
			expect(await fake({ number: `${number}@s.whatsapp.net`, duration: 1 })).toMatchObject({
				status: 200,
				body: { number },
			});
		});

		it.each([-1, 61])('is refused for %d seconds', async (duration) => {
			await refusesAll(
				() => fake({ number: subject().number, duration }),
				400,
				'Duration must be between 1 and 60 seconds',
			);
		});

		const NUMBER = '5511999999999';
		it.each([
			[{ number: NUMBER, duration: 1.5 }, 'duration must be an integer'],
			[{ number: NUMBER, duration: '8' }, 'duration must be an integer'],
			[{ number: NUMBER, duration: null }, 'duration must be an integer'],
			[{ number: 5511999999999 }, 'number must be a string'],
			[{ number: NUMBER, seconds: 8 }, 'unknown field "seconds"'],
			[{ number: NUMBER, mediaUrl: 'https://example.com/a.ogg' }, 'unknown field "mediaUrl"'],
			[[NUMBER], 'a JSON object is expected'],
			['{"number": ', 'a JSON object is expected'],
			['', 'a JSON object is expected'],
		])('is refused for the body %j', async (body, detail) => {
			await refusesAll(() => fake(body), 400, `Invalid request body: ${detail}`);
		});

		it.each([
			'text/plain',
			'application/x-www-form-urlencoded',
			'application/jsonp',
			'multipart/form-data; boundary=x',
			'nonsense',
		])('is refused as %s', async (contentType) => {
			const answer = await send(subject(), '/api/call/fake/main', {
				body: { number: subject().number },
				headers: { 'content-type': contentType },
			});

			expect(answer).toMatchObject({
				status: 400,
				body: {
					success: false,
					error: { message: expect.stringMatching(/^Invalid request body: /) as unknown },
				},
			});
		});

		it('is taken with a charset in its content type', async () => {
			const answer = await send(subject(), '/api/call/fake/main', {
				body: { number: subject().number, duration: 1 },
				headers: { 'content-type': 'application/json; charset=utf-8' },
			});

			expect(answer.status).toBe(200);
		});

		it.each(['/api/call/fake/', '/api/call/fake/%20'])('needs an instance in %s', async (path) => {
			await refusesAll(
				() => fake({ number: subject().number }, path),
				400,
				'Instance name is required',
			);
		});

		it.each([
			'120363000000000000@g.us',
			'120363000000000000@newsletter',
			'0551199999999',
			'5511999999999999',
			'nobody',
		])('is not placed to %s', async (number) => {
			const before = subject().callsPlaced();
			for (const answer of [await fake({ number }), await audio({ number, mediaBase64: BASE64 })]) {
				expect(answer).toMatchObject({
					status: 400,
					body: {
						success: false,
						error: { message: expect.stringMatching(/^Invalid request body: /) as unknown },
					},
				});
			}
			expect(subject().callsPlaced()).toBe(before);
		});

		it.each([undefined, ''])('needs a number, not %j', async (number) => {
			await refusesAll(() => fake({ number }), 400, 'Number is required');
			await refusesAll(() => audio({ number, mediaBase64: BASE64 }), 400, 'Number is required');
		});

		it('fails on an instance that is not connected', async () => {
			const answer = await send(subject(), '/api/call/fake/other', {
				body: { number: subject().number },
				token: 'other-token',
			});

			expect(answer).toMatchObject({
				status: 500,
				body: {
					success: false,
					error: { message: expect.stringMatching(/not connected/i) as unknown },
				},
			});
		});

		describe('with sound', () => {
			let files: Server;
			let mediaUrl: string;
			beforeAll(async () => {
				files = createServer((_request, response) => response.end(CLIP)).listen(0, '127.0.0.1');
				await once(files, 'listening');
				mediaUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}/alert.ogg`;
			});
			afterAll(() => files.close());

			it.each([
				['an address', () => ({ mediaUrl })],
				['base64 in mediaUrl', () => ({ mediaUrl: BASE64 })],
				['a data URI', () => ({ mediaUrl: `data:audio/ogg;base64,${BASE64}` })],
				[
					'a data URI with a parameter',
					() => ({ mediaUrl: `data:audio/ogg; codecs=opus;base64,${BASE64}` }),
				],
				['base64', () => ({ mediaBase64: BASE64 })],
			])('is placed with %s', async (_what, media) => {
				const answer = await audio(media());

				expect(answer.body).toEqual({
					success: true,
					message: 'Audio call placed',
					callId: CALL_ID,
					number: subject().number,
				});
				expect(answer.status).toBe(200);
			});

			it.each([
				{},
				{ mediaUrl: '', mediaBase64: '' },
				{ mediaUrl: 'https://example.com/alert.ogg', mediaBase64: BASE64 },
			])('is refused unless there is one source', async (media) => {
				await refusesAll(() => audio(media), 400, 'Provide exactly one of mediaUrl or mediaBase64');
			});

			it.each([
				{ mediaBase64: `data:audio/ogg;base64,${BASE64}` },
				{ mediaBase64: 'https://example.com/alert.ogg' },
			])('takes nothing but base64 in mediaBase64', async (media) => {
				await refusesAll(
					() => audio(media),
					400,
					'Invalid request body: mediaBase64 must be base64 without a data URI prefix',
				);
			});

			it.each([
				{ mediaUrl: 'ftp://example.com/alert.ogg' },
				{ mediaUrl: 'http://' },
				{ mediaUrl: '/tmp/alert.ogg' },
				{ mediaUrl: 'data:audio/mpeg,AAAA' },
				{ mediaUrl: 'data:audio/mpeg;base64,' },
				{ mediaUrl: 8 },
				{ mediaBase64: BASE64, duration: 8 },
			])('is refused with %j', async (media) => {
				const before = subject().callsPlaced();
				expect(await audio(media)).toMatchObject({
					status: 400,
					body: {
						success: false,
						error: { message: expect.stringMatching(/^Invalid request body: /) as unknown },
					},
				});
				expect(subject().callsPlaced()).toBe(before);
			});

			it('is refused beyond 64 MB', async () => {
				const mediaBase64 = 'A'.repeat(64 * 1024 * 1024);
				await refusesAll(
					() => audio({ mediaBase64 }),
					413,
					'Invalid request body: larger than 64 MB',
				);
			});
		});
	});
}
