import { join } from 'node:path';
import type { Phone } from '../../../engine';
import { CLIPS } from '../audio/support';
import { eventually } from '../../simulator/support/client';
import { call, OWN_NUMBER, type Home } from '../phone/support/home';
import { leftovers, likeness, received, send, startHome, voiceNote, workshop } from './support';

let home: Home;
let phone: Phone;

beforeAll(async () => {
	home = await startHome();
	phone = await home.linked();
});
afterEach(async () => home.check());
afterAll(async () => {
	await home.close();
	await workshop.close();
	expect(await leftovers()).toEqual([]);
});

describe('a voice note to a person', () => {
	it('reaches every device as a recording that plays', async () => {
		const person = home.person({}, { devices: 2 });
		const result = await send(phone, person);
		expect(result).toEqual({
			messageId: expect.stringMatching(/^3EB0[0-9A-F]+$/) as string,
			jid: person.jid,
			status: 'sent',
			seconds: expect.closeTo(8.6, 0) as number,
		});
		await received(person, 2);
		for (const message of person.seen.messages) {
			expect(message).toMatchObject({
				id: result.messageId,
				voiceNote: true,
				voice: { seconds: 9, audioSeconds: expect.closeTo(result.seconds, 2) as number },
			});
			expect(message.replyTo).toBeUndefined();
		}
		expect(Math.max(...(person.seen.messages[0]?.voice?.waveform ?? []))).toBeGreaterThan(50);
	});

	it('is heard as it was recorded', async () => {
		const person = home.person();
		await send(phone, person);
		await received(person);
		expect(await likeness(person.voiceOf(0), join(CLIPS, 'alert.mp3'))).toBeGreaterThan(0.9);
	});

	it('passes a recording of WhatsApp through byte for byte', async () => {
		const person = home.person();
		const bytes = await voiceNote();
		await send(phone, person, { audio: { bytes } });
		await received(person);
		expect(person.voiceOf(0).equals(bytes)).toBe(true);
	});

	it('goes to the number that WhatsApp knows, with or without the ninth digit', async () => {
		const number = '551187654321';
		const person = home.network.addPhone({ number, aliases: ['5511987654321'] });
		expect(await send(phone, '5511987654321')).toMatchObject({ jid: `${number}@s.whatsapp.net` });
		await received(person);
	});

	it('goes to a hidden id', async () => {
		const person = home.person();
		expect(await send(phone, person.lid)).toMatchObject({ jid: person.lid });
		await received(person);
	});

	it('goes to our own phone, with the number of the account or of somebody else', async () => {
		const before = home.own.seen.messages.length;
		expect(await send(phone, OWN_NUMBER)).toMatchObject({ jid: home.own.jid });
		await received(home.own, before + 1);
		const person = home.person();
		const { messageId } = await send(phone, person);
		const copy = await eventually(() => home.own.seen.messages.find(({ id }) => id === messageId));
		expect(copy).toMatchObject({ voiceNote: true, voice: { seconds: 9 } });
	});

	it('does not wait for a call, and several go at once', async () => {
		const called = home.person({ onCall: 'ignore' });
		const stop = new AbortController();
		const calling = call(phone, called, { ringSeconds: 60, signal: stop.signal });
		await eventually(() => called.seen.calls[0]?.state === 'ringing');
		const people = [home.person(), home.person(), home.person()];
		const results = await Promise.all(people.map((person) => send(phone, person)));
		expect(new Set(results.map(({ messageId }) => messageId)).size).toBe(3);
		for (const person of people) await received(person);
		stop.abort();
		expect(await calling).toMatchObject({ outcome: 'cancelled' });
	});

	it('finds the new devices of somebody when the old ones are gone', async () => {
		const person = home.person({}, { devices: 2 });
		await send(phone, person);
		await received(person, 2);
		person.removeDevice(3);
		const { messageId } = await send(phone, person);
		await received(person, 3);
		expect(person.seen.messages[2]).toMatchObject({ id: messageId, device: 0 });
		expect(home.network.takeFaults()).toMatchObject([{ kind: 'message' }]);
	});
});
