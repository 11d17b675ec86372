import { setTimeout as wait } from 'node:timers/promises';
import type { Phone } from '../../../engine';
import type { Phone as PersonsPhone } from '../../../simulator';
import { systemClock, type Clock } from '../../../common/clock';
import { eventually } from '../../simulator/support/client';
import type { Home } from '../phone/support/home';
import { leftovers, received, send, startHome, workshop } from './support';

/** Waits are short where nothing but a time limit can end them. */
let speed = 1;
const clock: Clock = {
	now: () => Date.now(),
	sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / speed, signal),
};

let home: Home;
let phone: Phone;
let person: PersonsPhone;

beforeAll(async () => {
	home = await startHome({ clock });
	phone = await home.linked();
});
beforeEach(() => {
	person = home.person();
});
afterEach(async () => {
	speed = 1;
	const { media, settings } = home.network;
	media.uploads = 'take';
	media.attempts = 0;
	settings.onMessage = 'take';
	delete settings.mediaHost;
	await home.check();
});
afterAll(async () => {
	await home.close();
	await workshop.close();
	expect(await leftovers()).toEqual([]);
});

/** The error of a voice note, and that nobody got it. */
async function failure(sending: Promise<unknown>): Promise<unknown> {
	const error: unknown = await sending.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	await wait(50);
	expect(person.seen.messages).toEqual([]);
	return error;
}

describe('nothing is sent', () => {
	test.each([
		['refuse', 'the media server answered with status 500', 2],
		['hang', 'the media server did not answer in time', 2],
		['break', 'UND_ERR_SOCKET', 2],
	] as const)('when the media server does this: %s', async (uploads, reason, attempts) => {
		speed = uploads === 'hang' ? 100 : 1;
		home.network.media.uploads = uploads;
		expect(await failure(send(phone, person))).toMatchObject({
			code: 'NETWORK_UNREACHABLE',
			message: `The voice note could not be uploaded: ${reason}`,
			hint: expect.stringContaining('Nothing was sent') as string,
		});
		expect(home.network.media.attempts).toBe(attempts);
		home.network.media.uploads = 'take';
		speed = 1;
		await send(phone, person);
		await received(person);
	});

	test('when no media server can be reached, or names a strange one', async () => {
		home.network.settings.mediaHost = '127.0.0.1:9';
		expect(await failure(send(phone, person))).toMatchObject({
			code: 'NETWORK_UNREACHABLE',
			message: expect.stringContaining('ECONNREFUSED') as string,
		});
		home.network.settings.mediaHost = 'evil.example/?';
		expect(await failure(send(phone, person))).toMatchObject({
			code: 'NETWORK_UNREACHABLE',
			message: expect.stringContaining('names no server') as string,
		});
	});

	test('when the audio cannot be read: not even a connection is made', async () => {
		await phone.close();
		const bytes = Buffer.from('this is no audio');
		expect(await failure(send(phone, person, { audio: { bytes } }))).toMatchObject({
			code: expect.stringMatching(/^AUDIO_/) as string,
		});
		expect(home.connections).toBe(0);
	});

	test('when nobody has the number', async () => {
		const nobody = home.person({}, { onWhatsApp: false });
		expect(await failure(send(phone, nobody))).toMatchObject({ code: 'NOT_ON_WHATSAPP' });
		expect(await failure(send(phone, '999999999999999@lid'))).toMatchObject({
			code: 'RECIPIENT_UNREACHABLE',
		});
		expect(home.network.media.attempts).toBe(0);
	});

	test('when the session is not linked', async () => {
		const other = home.open({ name: 'other' });
		expect(await failure(send(other, person))).toMatchObject({ code: 'NOT_LINKED' });
	});

	test('when the phone removed the device', async () => {
		const other = await home.linked({ name: 'another' });
		home.network.logOut(home.own);
		await eventually(async () => (await other.status()).state !== 'connected');
		expect(await failure(send(other, person))).toMatchObject({ code: 'LOGGED_OUT' });
		phone = await home.linked();
	});

	test.each([
		[463, 'ACCOUNT_RESTRICTED'],
		[479, 'OFFER_REFUSED'],
		[500, 'OFFER_REFUSED'],
	])('when WhatsApp refuses it with %i', async (refuseMessage, code) => {
		await person.setScript({ refuseMessage });
		expect(await failure(send(phone, person))).toMatchObject({
			code,
			message: expect.stringContaining(String(refuseMessage)) as string,
		});
	});
});

describe('cancelled', () => {
	test('before the beginning, and during the upload: nothing is sent', async () => {
		const signal = AbortSignal.abort();
		expect(await failure(send(phone, person, { signal }))).toMatchObject({ code: 'CANCELLED' });
		home.network.media.uploads = 'hang';
		const stop = new AbortController();
		const sending = send(phone, person, { signal: stop.signal });
		const failed = failure(sending);
		await eventually(() => home.network.media.attempts === 1);
		stop.abort();
		expect(await failed).toMatchObject({ code: 'CANCELLED' });
	});

	test('by closing the phone', async () => {
		home.network.media.uploads = 'hang';
		const failed = failure(send(phone, person));
		await eventually(() => home.network.media.attempts === 1);
		await phone.close();
		expect(await failed).toMatchObject({ code: 'CANCELLED' });
		expect(home.connections).toBe(0);
	});
});

describe('nobody knows whether it was sent', () => {
	test.each(['ignore', 'cut'] as const)('when the server does this: %s', async (onMessage) => {
		home.network.settings.onMessage = onMessage;
		speed = 100;
		expect(await failure(send(phone, person))).toMatchObject({
			code: 'MAYBE_PLACED',
			message: expect.stringContaining('may or may not') as string,
		});
	});
});

test('a connection that breaks during the upload: nothing is sent', async () => {
	home.network.media.uploads = 'hang';
	const failed = failure(send(phone, person));
	await eventually(() => home.network.media.attempts === 1);
	home.network.media.uploads = 'take';
	home.network.cut();
	expect(await failed).toMatchObject({ code: 'NETWORK_UNREACHABLE' });
	home.network.restore();
	await send(phone, person);
	await received(person);
});
