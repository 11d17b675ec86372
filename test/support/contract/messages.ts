import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, refused, send } from '../contractServer/testClient';
import type { ContractSubject } from './subject';

const BASE64 = readFileSync(join(__dirname, '../clips/alert.ogg')).toString('base64');
const MESSAGE_ID: unknown = expect.stringMatching(/^[0-9A-F]{20,32}$/);

/** The media message, for voice notes. */
export function messageContract(subject: () => ContractSubject): void {
	describe('a voice note', () => {
		const note = (fields: object, instance = 'main', token = 'instance-token') =>
			send(subject(), `/api/message/media/${instance}`, {
				body: {
					number: subject().number,
					mediaType: 'audio',
					mediaBase64: BASE64,
					...fields,
				},
				token,
			});

		it('is sent', async () => {
			const before = subject().notesSent();
			const answer = await note({ isVoice: true, duration: 4, waveform: [0, 50], delay: 0.5 });

			expect(answer).toMatchObject({
				status: 200,
				body: { success: true, status: 'sent', data: { messageId: MESSAGE_ID } },
			});
			await eventually(() => subject().notesSent() === before + 1);
		});

		it.each([
			[{ number: '' }, 'Number is required'],
			[{ mediaType: undefined }, 'Invalid request body: mediaType must be "audio"'],
			[{ mediaType: 'voice' }, 'Invalid request body: mediaType must be "audio"'],
			[{ isVoice: 'true' }, 'Invalid request body: isVoice must be a boolean'],
			[{ duration: 3.5 }, 'Invalid request body: duration must be an integer'],
			[{ duration: -1 }, 'Invalid request body: duration and delay must not be negative'],
			[{ delay: -1 }, 'Invalid request body: duration and delay must not be negative'],
			[{ delay: '1' }, 'Invalid request body: delay must be a number'],
			[{ waveform: ['1'] }, 'Invalid request body: waveform must be a list of numbers'],
			[{ waveform: '1' }, 'Invalid request body: waveform must be a list of numbers'],
			[{ caption: 'hello' }, 'Invalid request body: unknown field "caption"'],
			[{ mediaUrl: 'https://example.com/' }, 'Provide exactly one of mediaUrl or mediaBase64'],
			[{ mediaBase64: undefined }, 'Provide exactly one of mediaUrl or mediaBase64'],
		])('is refused with %j', async (fields, message) => {
			const before = subject().notesSent();
			expect(await note(fields)).toMatchObject(refused(400, message));
			expect(subject().notesSent()).toBe(before);
		});

		it.each(['+55 11', 'status@broadcast'])('is not sent to %s', async (number) => {
			expect(await note({ number })).toMatchObject({ status: 400, body: { success: false } });
		});

		it('fails on an instance that is not connected', async () => {
			expect(await note({}, 'other', 'other-token')).toMatchObject({
				status: 500,
				body: {
					success: false,
					error: { message: expect.stringMatching(/not connected/i) as unknown },
				},
			});
		});
	});
}
