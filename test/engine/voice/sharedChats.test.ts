import type { Phone } from '../../../engine';
import type { Home } from '../phone/support/home';
import { received, send, startHome, voiceNote, workshop } from './support';

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
});

describe('a voice note to a group', () => {
	it('is read by every device of everybody in it, the first one and the next ones', async () => {
		const ana = home.person({}, { devices: 3 });
		const ben = home.person();
		const group = home.network.addGroup([home.own, ana, ben]);
		const before = home.own.seen.messages.length;
		for (const round of [1, 2, 3]) {
			const result = await send(phone, group);
			expect(result).toMatchObject({ jid: group, status: 'sent' });
			await received(ana, 3 * round);
			await received(ben, round);
			await received(home.own, before + round);
			const voice = expect.objectContaining({ seconds: 9 }) as object;
			expect(ben.seen.messages[round - 1]).toMatchObject({
				id: result.messageId,
				from: group,
				participant: home.own.lid.replace('@', ':1@'),
				voice,
			});
		}
	});

	it('reaches a device that came later', async () => {
		const ana = home.person();
		const members = [home.own, ana];
		const group = home.network.addGroup(members);
		await send(phone, group);
		await received(ana);
		ana.reinstall();
		const ben = home.person();
		const other = home.network.addGroup([...members, ben]);
		await send(phone, other);
		await received(ben);
		// Sessions under the old keys do not decrypt any more: phones ask for the message again.
		expect(home.network.takeFaults()).toMatchObject([{ kind: 'decryption' }]);
	});

	it.each([
		['that does not exist', () => '120363999999999999@g.us', '404'],
		['of others', () => home.network.addGroup([home.person(), home.person()]), '403'],
	])('%s is not sent', async (_what, group, code) => {
		await expect(send(phone, group())).rejects.toMatchObject({
			code: 'RECIPIENT_UNREACHABLE',
			message: expect.stringContaining(code) as string,
		});
	});
});

describe('a voice note to a channel', () => {
	it('reaches its followers as the file itself', async () => {
		const follower = home.person();
		const channel = home.network.addChannel([home.own], [follower]);
		const bytes = await voiceNote();
		const { messageId, jid } = await send(phone, channel, { audio: { bytes } });
		expect(jid).toBe(channel);
		await received(follower);
		expect(follower.seen.messages[0]).toMatchObject({
			id: messageId,
			from: channel,
			voice: { seconds: 9 },
		});
		expect(follower.voiceOf(0).equals(bytes)).toBe(true);
	});

	it('cannot be a reply', async () => {
		const channel = home.network.addChannel([home.own], []);
		const attempts = home.network.media.attempts;
		await expect(send(phone, channel, { replyTo: 'ABC' })).rejects.toMatchObject({
			code: 'INVALID_OPTION',
		});
		expect(home.network.media.attempts).toBe(attempts);
	});

	it('of others is refused', async () => {
		const channel = home.network.addChannel([home.person()], [home.own]);
		await expect(send(phone, channel)).rejects.toMatchObject({
			code: 'RECIPIENT_UNREACHABLE',
			hint: expect.stringContaining('admins') as string,
		});
	});
});

describe('a reply', () => {
	it('to somebody names the message and its author', async () => {
		const person = home.person();
		const theirs = await person.sendText(home.own.id, 'how are you?');
		await send(phone, person, { replyTo: theirs });
		await received(person);
		expect(person.seen.messages[0]?.replyTo).toEqual({
			id: theirs,
			participant: person.jid,
			quotesVoice: false,
		});
	});

	it('to a voice note of our own quotes it', async () => {
		const person = home.person();
		const { messageId } = await send(phone, person);
		await send(phone, person, { replyTo: messageId });
		await received(person, 2);
		expect(person.seen.messages[1]?.replyTo).toEqual({
			id: messageId,
			participant: home.own.jid,
			quotesVoice: true,
		});
		const byLid = await send(phone, person.lid);
		await send(phone, person.lid, { replyTo: byLid.messageId });
		await received(person, 4);
		expect(person.seen.messages[3]?.replyTo).toMatchObject({ participant: home.own.lid });
	});

	it('in a group names the message; its author is known for our own only', async () => {
		const ana = home.person();
		const group = home.network.addGroup([home.own, ana]);
		await send(phone, group, { replyTo: '3A00FF' });
		const { messageId } = await send(phone, group);
		await send(phone, group, { replyTo: messageId });
		await received(ana, 3);
		const replies = ana.seen.messages.map(({ replyTo }) => replyTo);
		expect(replies).toEqual([
			{ id: '3A00FF', participant: group, quotesVoice: false },
			undefined,
			{ id: messageId, participant: home.own.lid, quotesVoice: true },
		]);
	});
});
