import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../common/clock';
import type { Phone as PersonsPhone } from '../../simulator';
import { clip } from '../engine/audio/support';
import { BLIP, builtEngine, roundsOf, answered } from '../engine/audioCall/support/studio';
import { audio } from '../nodes/WhatsAppCall/support';
import { eventually } from '../simulator/support/client';
import { built } from './support/built';
import { House, INSTANCE_TOKEN } from './support/house';

const MESSAGE_ID: unknown = expect.stringMatching(/^[0-9A-F]{20,32}$/);
const NOTE_SECONDS = 3;

/** What has sound, through the server as it is built: the threads for sound need JavaScript. */
describe('sound through the server', () => {
	let house: House;
	let files: Server;
	let fileUrl: string;

	beforeAll(async () => {
		files = createServer(({ url }, response) =>
			response.end(
				url === '/text' ? 'no recording' : clip(url === '/mp3' ? 'alert.mp3' : 'alert.ogg'),
			),
		).listen(0, '127.0.0.1');
		await once(files, 'listening');
		fileUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
		house = await House.start({
			build: built.createServer,
			allowPrivateAddresses: true,
			home: { engine: builtEngine, clock: systemClock, secondMs: 100, ringLimitSeconds: 1_000 },
		});
		await house.linked();
	});
	afterEach(async () => house.home.check());
	afterAll(async () => {
		files.close();
		await house.close();
	});

	async function audioCall(to: PersonsPhone, fields: object, query = '?wait=true') {
		const body = { number: to.id, mediaBase64: BLIP.toString('base64'), ...fields };
		return await house.send(`/api/call/audio/main${query}`, { body });
	}

	it('is played, and what the recipient says is kept', async () => {
		const person = house.home.person({
			onCall: 'answer',
			afterSeconds: 2,
			speakTone: { hz: 440, seconds: 1 },
		});
		const { status, body } = await audioCall(person, {
			afterPlaying: 'stay',
			stayOnLine: 2,
			recordRecipient: true,
		});
		expect(status).toBe(200);
		expect(body).toMatchObject({
			success: true,
			message: 'Answered.',
			number: person.id,
			outcome: 'answered',
			endedBy: 'us',
			heard: true,
			audioSeconds: 0.3,
			playedSeconds: 0.3,
			codecSent: 'mlow',
			kind: 'audio',
			state: 'ended',
		});
		const { callId, recording, talkSeconds } = body as Record<string, unknown>;
		expect(talkSeconds).toBeGreaterThanOrEqual(2);
		expect(recording).toBe(`/api/call/main/${String(callId)}/recording`);
		const file = await fetch(`${house.server.url}${String(recording)}`, {
			headers: { token: INSTANCE_TOKEN },
		});
		expect(file.status).toBe(200);
		expect(file.headers.get('content-type')).toBe('audio/ogg');
		expect(
			Buffer.from(await file.arrayBuffer())
				.subarray(0, 4)
				.toString(),
		).toBe('OggS');
		const stranger = await fetch(`${house.server.url}${String(recording)}`);
		expect(stranger.status).toBe(401);
	});

	it('is played for the node, with the options that RyzeAPI has not, and the recording comes along', async () => {
		const person = house.home.person({
			onCall: 'answer',
			afterSeconds: 2,
			speakTone: { hz: 440, seconds: 1 },
		});
		const { error, items, hints } = await audio(house.server, {
			to: person.id,
			audioSource: 'base64',
			audioBase64: BLIP.toString('base64'),
			options: {
				ringAtMostSeconds: 20.5,
				repeatTimes: 2,
				pauseBetweenRepeatsSeconds: 0.5,
				afterPlaying: 'stay',
				stayOnLineSeconds: 2,
				recordRecipient: true,
				recordingBinaryPropertyName: 'answer',
			},
		});
		expect(error).toBeUndefined();
		expect(hints).toEqual([]);
		const [item] = items;
		expect(item?.json).toMatchObject({
			connection: 'ryzeApi',
			outcome: 'answered',
			playedSeconds: 0.6,
			heard: true,
			recording: 'answer',
			recordingSeconds: expect.any(Number) as number,
		});
		expect(item?.binary?.answer).toMatchObject({
			mimeType: 'audio/ogg',
			fileName: 'recording.ogg',
		});
		const ogg = Buffer.from(item?.binary?.answer?.data ?? '', 'base64');
		expect(ogg.toString('latin1', 0, 4)).toBe('OggS');
		const { media } = await answered(person);
		await media.settled();
		expect(roundsOf(media.packets, 300)).toHaveLength(2);
	});

	it('is repeated with the pause that was asked for', async () => {
		const person = house.home.person({ onCall: 'answer' });
		const { body } = await audioCall(person, { repeat: 3, pauseBetweenRepeats: 0.5 });
		expect(body).toMatchObject({ outcome: 'answered', playedSeconds: 0.9 });
		const { media } = await answered(person);
		await media.settled();
		expect(roundsOf(media.packets, 300)).toHaveLength(3);
	});

	it('that nobody answers rings for as long as was asked for', async () => {
		const { body } = await audioCall(house.home.person(), { ringAtMost: 5 });
		expect(body).toMatchObject({ outcome: 'noAnswer', rang: true, audioSeconds: 0.3 });
		const { ringSeconds } = body as { ringSeconds: number };
		expect(ringSeconds).toBeGreaterThanOrEqual(4.5);
		expect(ringSeconds).toBeLessThan(20);
	});

	it.each([
		[{ ringAtMost: 4 }, 'ringAtMost must be from 5 to 60'],
		[{ repeat: 21 }, 'repeat must be from 1 to 20'],
		[{ repeat: 1.5 }, 'repeat must be an integer'],
		[{ afterPlaying: 'wait' }, 'afterPlaying must be "hangUp" or "stay"'],
		[{ stayOnLine: 601 }, 'stayOnLine must be from 1 to 600'],
		[{ recordRecipient: 'yes' }, 'recordRecipient must be a boolean'],
		[
			{ mediaBase64: Buffer.from('no recording at all, but a text').toString('base64') },
			expect.stringContaining('') as unknown as string,
		],
	])('is refused with %j', async (fields, detail) => {
		const person = house.home.person();
		const { status, body } = await audioCall(person, fields);
		expect(status).toBe(400);
		const message =
			typeof detail === 'string' ? `Invalid request body: ${detail}` : (detail as unknown);
		expect(body).toMatchObject({ success: false, error: { message } });
		expect(person.seen.calls).toEqual([]);
	});

	it('that lies nowhere is refused with the reason', async () => {
		const body = { number: house.home.person().id, mediaUrl: 'http://127.0.0.1:1/x.ogg' };
		expect(await house.send('/api/call/audio/main', { body })).toMatchObject({
			status: 500,
			body: { error: { code: 'AUDIO_UNREACHABLE' } },
		});
	});

	it('is sent as a voice note, and answers a message', async () => {
		const person = house.home.person();
		const first = await house.send('/api/message/media/main', {
			body: { number: person.id, mediaType: 'audio', mediaUrl: `${fileUrl}/mp3` },
		});
		expect(first).toMatchObject({
			status: 200,
			body: {
				success: true,
				message: 'Media sent',
				status: 'sent',
				data: { messageId: MESSAGE_ID, status: 'sent' },
			},
		});
		await eventually(() => person.seen.messages.length === 1);
		const [note] = person.seen.messages;
		expect(note).toMatchObject({
			id: (first.body as { data: { messageId: string } }).data.messageId,
			voiceNote: true,
		});
		expect(note?.voice?.seconds).toBeGreaterThanOrEqual(NOTE_SECONDS);
	});

	describe('by the Voice API', () => {
		const CREDENTIALS = { instance_id: 'main', access_token: INSTANCE_TOKEN };

		function voice(query: object, body?: object) {
			const search = new URLSearchParams(
				Object.entries(query).map(([name, value]) => [name, String(value)]),
			);
			return house.send(`/v2/send/voice?${search.toString()}`, {
				method: 'POST',
				body,
				token: null,
			});
		}

		function messageTo(person: PersonsPhone, file = '/ogg', convert = true) {
			return {
				chatId: `${person.id}@c.us`,
				'file[url]': `${fileUrl}${file}`,
				'file[filename]': 'alert.ogg',
				'file[mimetype]': 'audio/ogg; codecs=opus',
				convert,
			};
		}

		it.each(['body', 'query', 'queryAndBody'])(
			'goes out with its parameters in %s',
			async (way) => {
				const person = house.home.person();
				const message = messageTo(person);
				const all = { ...CREDENTIALS, ...message };
				const { status, body } = await (way === 'body'
					? voice({}, all)
					: way === 'query'
						? voice(all)
						: voice(CREDENTIALS, message));
				expect(status).toBe(200);
				await eventually(() => person.seen.messages.length === 1);
				const id = person.seen.messages[0]?.id ?? '';
				expect(body).toMatchObject({
					id: {
						fromMe: true,
						remote: message.chatId,
						id,
						_serialized: `true_${message.chatId}_${id}`,
					},
					hasMedia: true,
					from: `${house.home.own.id}@c.us`,
					to: message.chatId,
					timestamp: expect.any(Number) as unknown,
					hasQuotedMsg: false,
				});
			},
		);

		it('goes out unconverted as what it has to be, and not otherwise', async () => {
			const person = house.home.person();
			expect(
				(await voice({}, { ...CREDENTIALS, ...messageTo(person, '/ogg', false) })).status,
			).toBe(200);
			for (const file of ['/mp3', '/text']) {
				const refused = await voice({}, { ...CREDENTIALS, ...messageTo(person, file, false) });
				expect(refused).toMatchObject({
					status: 400,
					body: { status: 400, error: 'Bad Request' },
				});
			}
			await eventually(() => person.seen.messages.length === 1);
		});
	});

	it('is counted, packet by packet', async () => {
		const { body } = await house.send('/metrics', { token: null });
		const [, packets = '0'] = /^whatsapp_call_packets_total (\d+)$/m.exec(String(body)) ?? [];
		expect(Number(packets)).toBeGreaterThan(10);
		expect(body).toMatch(/^whatsapp_call_packets_late_total \d+$/m);
		expect(body).toMatch(/^whatsapp_call_talk_seconds_count\{kind="audio"\} 3$/m);
	});
});
