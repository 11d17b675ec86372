import type { Phone } from '../../simulator';
import { lidJid } from '../../simulator/wire/jid';
import { child, children, node } from '../../simulator/wire/node';
import { listen, makeOffer, sendOffer, sendTerminate, type OfferParts } from './support/caller';
import { eventually } from './support/client';
import { quietBaileys } from './support/quiet';
import { World } from './support/world';

describe('the network is strict', () => {
	let world: World;
	let phone: Phone;

	beforeAll(async () => {
		quietBaileys();
		// Phones of earlier tests ring on, and keep quiet about it.
		world = await World.start({ ringLimitSeconds: 10_000 });
	});

	beforeEach(() => {
		phone = world.addPhone({ devices: 2 });
	});

	afterEach(async () => world.check());

	afterAll(async () => world.close());

	/** Sends a spoiled offer; answers the error code and the faults. */
	async function refusal(spoil: (offer: OfferParts) => void) {
		const offer = await makeOffer(world.client, phone);
		spoil(offer);
		const ack = await sendOffer(world.client, offer, 300);
		expect(phone.seen.calls).toEqual([]);
		const kinds = world.network.takeFaults().map(({ kind }) => kind);
		return { code: ack?.attrs.error, answered: ack !== undefined, kinds };
	}

	it.each<[string, (offer: OfferParts) => void]>([
		['children in another order', ({ content }) => content.reverse()],
		['no capability', ({ content }) => content.splice(2, 1)],
		['an unknown child', ({ content }) => content.push(node('voip_settings'))],
		['another attribute', ({ attributes }) => (attributes.count = '0')],
		['somebody else as creator', ({ attributes }) => (attributes['call-creator'] = phone.lid)],
		['a short call-id', ({ attributes }) => (attributes['call-id'] = 'ABCD')],
		['no count', ({ content }) => delete firstEnc(content)?.attrs.count],
	])('refuses an offer with %s as 439', async (_name, spoil) => {
		expect(await refusal(spoil)).toEqual({ code: '439', answered: true, kinds: ['offer'] });
	});

	it.each<[string, (offer: OfferParts) => void]>([
		['an unknown device', ({ content }) => (firstTo(content).attrs.jid = lidJid('1234567', 5))],
		['the number as address', ({ envelope }) => (envelope.to = phone.jid)],
		['a device as address', ({ envelope }) => (envelope.to = phone.lid.replace('@', ':3@'))],
		['a device twice', ({ content }) => children(content[3]).push(firstTo(content))],
		['a broken session', () => phone.reinstall(3)],
		['a removed device', () => phone.removeDevice(3)],
		[
			'somebody else’s identity',
			({ content }) => (content[5] = node('device-identity', {}, Buffer.from([1]))),
		],
	])('refuses an offer with %s as 479', async (_name, spoil) => {
		expect(await refusal(spoil)).toEqual({ code: '479', answered: true, kinds: ['offer'] });
	});

	it('takes the offer once the sessions are fresh after a 479', async () => {
		expect((await refusal(() => phone.reinstall())).code).toBe('479');
		await world.client.socket.assertSessions([phone.lid], true);
		const ack = await sendOffer(world.client, await makeOffer(world.client, phone));
		expect(ack?.attrs.error).toBeUndefined();
	});

	it('drops a call without an id', async () => {
		const { answered, kinds } = await refusal(({ envelope }) => delete envelope.id);
		await eventually(() => kinds.length > 0 || world.network.faults.list.length > 0);
		expect([...kinds, ...world.network.takeFaults().map(({ kind }) => kind)]).toEqual(['call']);
		expect(answered).toBe(false);
	});

	it('does not answer a pkmsg without device identity', async () => {
		const answer = await refusal(({ content }) => content.pop());
		expect(answer).toEqual({ code: undefined, answered: false, kinds: ['offer'] });
	});

	it('counts bare and doubled acks', async () => {
		const { socket } = world.client;
		const heard = listen(world.client);
		await sendOffer(world.client, await makeOffer(world.client, phone));
		await eventually(() => heard.calls.length === 2 && world.network.unacknowledged.length === 0);
		const { id, from } = heard.calls[0]?.attrs ?? {};
		await socket.sendNode(node('ack', { class: 'call', id, to: from }));
		await socket.sendNode(node('ack', { id, to: from }));
		await eventually(() => world.network.faults.list.length === 2);
		expect(world.network.takeFaults().map(({ kind }) => kind)).toEqual(['ack', 'ack']);
	});

	it('counts terminates with an own reason, to the unrung, doubled, or after a decline', async () => {
		const offer = await makeOffer(world.client, phone);
		await sendOffer(world.client, offer);
		await sendTerminate(world.client, offer, phone.lid, 'because');
		await sendTerminate(world.client, offer, phone.lid);
		await sendTerminate(world.client, offer, phone.jid);
		await eventually(() => world.network.faults.list.length === 3);
		await phone.setScript({ onCall: 'decline' });
		const heard = listen(world.client);
		const second = await makeOffer(world.client, phone);
		await sendOffer(world.client, second);
		await eventually(() => heard.calls.find((call) => child(call, 'reject')));
		await eventually(() => world.network.unacknowledged.length === 0);
		await sendTerminate(world.client, second, phone.lid.replace('@', ':3@'), 'rejected_elsewhere');
		await sendTerminate(world.client, second, phone.lid);
		await eventually(() => world.network.faults.list.length === 4);
		expect(world.network.takeFaults().every(({ kind }) => kind === 'call')).toBe(true);
	});

	it('counts what it does not know', async () => {
		const { socket } = world.client;
		const iq = node('iq', { to: '@s.whatsapp.net', xmlns: 'w:g2', type: 'get' });
		await expect(socket.query(iq)).rejects.toThrow('feature-not-implemented');
		await socket.sendNode(node('spam'));
		await eventually(() => world.network.faults.list.length === 2);
		const kinds = world.network.takeFaults().map(({ kind }) => kind);
		expect(kinds).toEqual(['unexpected-iq', 'unexpected-stanza']);
	});
});

function firstTo(content: OfferParts['content']) {
	const [to] = children(content[3]);
	if (!to) throw new Error('no destination');
	return to;
}

function firstEnc(content: OfferParts['content']) {
	return child(firstTo(content), 'enc');
}
