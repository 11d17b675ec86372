import type { proto } from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };
import type { Phone } from '../../../simulator';
import { Control } from '../../../simulator/control';
import { eventually } from '../support/client';
import { quietBaileys } from '../support/quiet';
import { World } from '../support/world';
import { ask, post, recorded, sealed, sha256 } from './support';

type Audio = proto.Message.IAudioMessage;

let world: World;
let phone: Phone;
let note: Awaited<ReturnType<typeof recorded>>;

beforeAll(async () => {
	note = await recorded();
	quietBaileys();
	world = await World.start();
});
beforeEach(() => {
	quietBaileys();
	phone = world.addPhone();
});
afterEach(async () => world.check());
afterAll(async () => world.close());

/** Uploads a file with a real client's permission, and makes the message for it. */
async function message(file = note.ogg, blobOf = sealed): Promise<Audio> {
	const { media } = world.network;
	const { auth, hosts } = await world.client.socket.refreshMediaConn(true);
	expect(hosts).toMatchObject([{ hostname: media.name }]);
	const { blob, mediaKey } = blobOf(file);
	const { body } = await post(media, blob, { auth });
	const { direct_path: directPath, url } = JSON.parse(body) as Record<string, string>;
	return {
		url,
		directPath,
		mediaKey,
		mediaKeyTimestamp: Math.floor(Date.now() / 1000),
		fileSha256: sha256(file),
		fileEncSha256: sha256(blob),
		fileLength: file.length,
		mimetype: 'audio/ogg; codecs=opus',
		ptt: true,
		seconds: note.seconds,
		waveform: note.waveform,
	};
}

/** Sends it to the phone, and waits until that and our own phone have it. */
async function send(audioMessage: Audio): Promise<void> {
	const { own, client } = world;
	const before = own.seen.messages.length;
	await client.socket.relayMessage(phone.jid, { audioMessage }, {});
	await eventually(() => phone.seen.messages.length > 0 && own.seen.messages.length > before);
}

/** The faults of both phones. */
function faults(reason: string): object[] {
	const fault = { kind: 'voice', detail: expect.stringContaining(reason) as string };
	return [fault, fault];
}

describe('a phone that gets a voice note', () => {
	it('fetches it, plays it and keeps it', async () => {
		await send(await message());
		expect(phone.seen.messages).toMatchObject([
			{
				voiceNote: true,
				voice: {
					seconds: 9,
					byteLength: note.ogg.length,
					waveform: [...note.waveform],
					sha256: sha256(note.ogg).toString('hex'),
				},
			},
		]);
		expect(phone.voiceOf(0).equals(note.ogg)).toBe(true);
		expect(() => phone.voiceOf(1)).toThrow('has no voice note 1');
	});

	it.each<[string, (audio: Audio) => Partial<Audio>]>([
		['fileSha256 is not', () => ({ fileSha256: Buffer.alloc(32) })],
		['fileEncSha256 is not', () => ({ fileEncSha256: Buffer.alloc(32) })],
		['the MAC is wrong', () => ({ mediaKey: Buffer.alloc(32) })],
		['has not 32 bytes', () => ({ mediaKey: Buffer.alloc(31) })],
		['not of today', () => ({ mediaKeyTimestamp: 1_700_000_000 })],
		['fileLength is not', () => ({ fileLength: 1 })],
		['are announced', ({ seconds }) => ({ seconds: (seconds ?? 0) + 1 })],
		['64 bars', ({ waveform }) => ({ waveform: waveform?.slice(1) })],
		['64 bars', () => ({ waveform: new Uint8Array(64).fill(101) })],
		['64 bars', () => ({ waveform: undefined })],
		['MIME type', () => ({ mimetype: 'audio/ogg' })],
		['leads to no', () => ({ directPath: '/o1/v/t24/else' })],
		['does not belong', () => ({ url: 'https://mmg.whatsapp.net/x' })],
	])('says that "%s" when it is so', async (reason, change) => {
		const audio = await message();
		await send({ ...audio, ...change(audio) });
		expect(phone.seen.messages[0]?.voice).toBeUndefined();
		expect(world.network.takeFaults()).toMatchObject(faults(reason));
	});

	it('says when it would not play', async () => {
		const noise = Buffer.from('OggS and nothing more');
		await send(await message(noise));
		expect(world.network.takeFaults()).toMatchObject(faults('does not play: there is no page'));
	});
});

describe('a group', () => {
	it('is known to its members alone', async () => {
		const { own, network, client } = world;
		const group = network.addGroup([own, phone]);
		const { participants, addressingMode } = await client.socket.groupMetadata(group);
		expect(participants.map(({ id }) => id)).toEqual([own.lid, phone.lid]);
		expect(addressingMode).toBe('lid');
		const others = network.addGroup([phone]);
		await expect(client.socket.groupMetadata(others)).rejects.toMatchObject({ data: 403 });
	});

	it('gets texts and voice notes by sender keys, in order and on every device', async () => {
		const second = world.addPhone({ devices: 2 });
		const group = world.network.addGroup([world.own, phone, second]);
		await world.client.socket.sendMessage(group, { text: 'one' });
		await world.client.socket.sendMessage(group, { text: 'two' });
		await world.client.socket.relayMessage(group, { audioMessage: await message() }, {});
		await eventually(() => second.seen.messages.length === 6 && phone.seen.messages.length === 3);
		expect(phone.seen.messages).toMatchObject([{ text: 'one' }, { text: 'two' }, { voice: {} }]);
		expect(new Set(second.seen.messages.map(({ device }) => device))).toEqual(new Set([0, 3]));
	});
});

describe('the HTTP control', () => {
	it('gives the file, makes groups and channels, and spoils uploads', async () => {
		const { network, own } = world;
		const control = await Control.listen(network, '127.0.0.1', 0);
		const ofControl = async (path: string, body?: object) =>
			await fetch(`${control.url}${path}`, {
				...(body !== undefined && {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify(body),
				}),
			});
		try {
			await send(await message());
			const voice = await ofControl(`/phones/${phone.id}/messages/0/voice`);
			expect(voice.headers.get('content-type')).toBe('audio/ogg');
			expect(Buffer.from(await voice.arrayBuffer()).equals(note.ogg)).toBe(true);
			const group = await ofControl('/groups', { participants: [own.id, phone.id] });
			expect(await group.json()).toEqual({ jid: expect.stringMatching(/@g\.us$/) as string });
			const channel = await ofControl('/channels', { admins: [own.id], followers: [phone.id] });
			expect(await channel.json()).toEqual({
				jid: expect.stringMatching(/@newsletter$/) as string,
			});
			expect((await ofControl('/groups', { participants: ['1'] })).status).toBe(404);
			await ofControl('/faults', { kind: 'uploads', uploads: 'refuse' });
			expect((await post(network.media, Buffer.from('x'))).status).toBe(500);
			await ofControl('/faults', { kind: 'uploads', uploads: 'take' });
			expect((await ofControl('/faults', { kind: 'uploads', uploads: 'eat' })).status).toBe(400);
			expect((await ask(network.media, '/')).status).toBe(404);
		} finally {
			await control.close();
		}
	});
});
