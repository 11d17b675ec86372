import { randomBytes } from 'node:crypto';
import type { RelayEnd, RelayEndpoint } from '../../../engine/relay';
import { RelayConnection } from '../../../engine/relay/relayConnection';
import { build, StunType, xorAddress } from '../../../engine/relay/stun';
import { findAttribute } from '../../../engine/relay/stunParser';
import { FakeDial } from './support/fakeDial';
import { FakeMediaClock } from './support/fakeMediaClock';
import { addressOf, KEY, relay, rtp, SSRCS } from './support/relays';

const ADDRESS = addressOf(1);

function connect(changes: Partial<RelayEndpoint> = {}) {
	const clock = new FakeMediaClock();
	const net = new FakeDial();
	const packets: Buffer[] = [];
	const ends: RelayEnd[] = [];
	let allocations = 0;
	const connection = new RelayConnection({
		endpoint: relay(1, changes),
		key: KEY,
		streamSsrcs: SSRCS,
		dial: net.dial,
		clock,
		random: randomBytes,
		events: {
			allocated: () => (allocations += 1),
			packet: (packet) => packets.push(packet),
			ended: (end) => ends.push(end),
		},
	});
	connection.start();
	return { clock, connection, ends, net, packets, allocations: () => allocations };
}

describe('a connection to one relay', () => {
	it('dials both ports and keeps the one that opens first', () => {
		const { net } = connect();
		expect(net.channels.map(({ name }) => name)).toEqual([`${ADDRESS}:3478`, `${ADDRESS}:3480`]);
		net.to(ADDRESS, 3480).open();
		expect(net.to(ADDRESS, 3478).closed).toBe(true);
		expect(net.to(ADDRESS, 3480).closed).toBe(false);
	});

	it('dials 3480 once', () => {
		expect(connect({ port: 3480 }).net.channels).toHaveLength(1);
	});

	it('asks for service at once, then pings, and repeats both every second', () => {
		const { clock, net, allocations } = connect();
		const channel = net.to(ADDRESS);
		channel.open();
		expect(channel.sent).toHaveLength(2);
		const [request, ping] = channel.sent;
		channel.answer();
		clock.advance(999);
		expect(channel.sent).toHaveLength(2);
		clock.advance(1);
		expect(channel.sent).toHaveLength(4);
		expect(channel.sent[2]).toEqual(request);
		expect(channel.sent[3]).not.toEqual(ping);
		expect(channel.stun(StunType.ping)).toHaveLength(2);
		clock.advance(60_000);
		expect(channel.stun(StunType.allocate)).toHaveLength(62);
		channel.answer();
		expect(allocations()).toBe(1);
	});

	it('repeats what is not answered a few times in the first second', () => {
		const { clock, net, allocations } = connect();
		const channel = net.to(ADDRESS);
		channel.open();
		clock.advance(250);
		expect(channel.stun(StunType.allocate)).toHaveLength(2);
		expect(channel.stun(StunType.ping)).toHaveLength(2);
		channel.pong();
		clock.advance(500);
		expect(channel.stun(StunType.allocate)).toHaveLength(4);
		expect(channel.stun(StunType.ping)).toHaveLength(2);
		expect(allocations()).toBe(0);
		channel.answer();
		expect(allocations()).toBe(1);
		clock.advance(249);
		expect(channel.stun(StunType.allocate)).toHaveLength(4);
	});

	it('waits a second at most for a sign that its ping arrived', () => {
		const { clock, net, allocations } = connect();
		const channel = net.to(ADDRESS);
		channel.open();
		const [request] = channel.stun(StunType.allocate);
		channel.deliver(build(StunType.allocateSuccess, request?.transactionId ?? randomBytes(12), {}));
		clock.advance(999);
		expect(channel.stun(StunType.allocate)).toHaveLength(1);
		expect(channel.stun(StunType.ping)).toHaveLength(4);
		expect(allocations()).toBe(0);
		clock.advance(1);
		expect(allocations()).toBe(1);
	});

	it('names the address and port of the server, whichever port answered', () => {
		const { net } = connect();
		net.to(ADDRESS, 3480).open();
		const [request] = net.to(ADDRESS, 3480).stun(StunType.allocate);
		expect(request && findAttribute(request, 0x0016)).toEqual(xorAddress(ADDRESS, 3478));
	});

	it('takes a plain success for an answer, but only to its own question', () => {
		const { net, allocations } = connect();
		const channel = net.to(ADDRESS);
		channel.open();
		channel.deliver(build(StunType.allocateSuccess, randomBytes(12), {}));
		expect(allocations()).toBe(0);
		channel.answer(StunType.bindingSuccess);
		expect(allocations()).toBe(1);
	});

	it('answers the relay and asks it nothing', () => {
		const { net } = connect();
		const channel = net.to(ADDRESS);
		channel.open();
		const id = randomBytes(12);
		channel.deliver(build(StunType.bindingRequest, id, {}));
		expect(channel.stun(StunType.bindingSuccess)).toMatchObject([{ transactionId: id }]);
		expect(channel.stun(StunType.bindingRequest)).toHaveLength(0);
	});

	it('hands on RTP and RTCP, and nothing else', () => {
		const { net, packets } = connect();
		const channel = net.to(ADDRESS);
		channel.open();
		const rtcp = Buffer.from([0x80, 200, 0, 0]);
		for (const message of [rtp(), rtcp, Buffer.from([0x09, 1]), Buffer.alloc(0), randomBytes(1)]) {
			channel.deliver(message);
		}
		expect(packets).toEqual([rtp(), rtcp]);
	});

	it('gives up when it is refused', () => {
		const { clock, net, ends } = connect();
		net.to(ADDRESS).open();
		net.to(ADDRESS).refuse(486);
		expect(ends).toEqual([{ kind: 'refused', reason: 'the relay refused its service (486)' }]);
		expect(net.channels.every(({ closed }) => closed)).toBe(true);
		expect(clock.waiting).toBe(0);
	});

	it('asks again with the other port when 3480 refuses, once', () => {
		const { net, ends } = connect();
		const channel = net.to(ADDRESS, 3480);
		channel.open();
		channel.refuse(400);
		expect(ends).toEqual([]);
		const request = channel.stun(StunType.allocate).at(-1);
		expect(request && findAttribute(request, 0x0016)).toEqual(xorAddress(ADDRESS, 3480));
		channel.refuse(400);
		expect(ends).toHaveLength(1);
	});

	it('does not ask again after an error of the relay itself', () => {
		const { net, ends } = connect();
		net.to(ADDRESS, 3480).open();
		net.to(ADDRESS, 3480).refuse(500);
		expect(ends).toMatchObject([{ kind: 'refused' }]);
	});

	it('gives up without an answer to Allocate in 10 s', () => {
		const { clock, net, ends } = connect();
		net.to(ADDRESS).open();
		clock.advance(9999);
		expect(ends).toEqual([]);
		clock.advance(1);
		expect(ends).toMatchObject([{ kind: 'unreachable' }]);
	});

	it('gives up when nothing opens in 12 s', () => {
		const { clock, net, ends } = connect();
		clock.advance(11_999);
		expect(ends).toEqual([]);
		clock.advance(1);
		expect(ends).toEqual([{ kind: 'unreachable', reason: 'nobody answered' }]);
		expect(net.channels.every(({ closed }) => closed)).toBe(true);
		expect(clock.waiting).toBe(0);
	});

	it('gives up at once when both ports fail, and says the clearer reason', () => {
		const { net, ends } = connect();
		net.to(ADDRESS, 3480).end('untrusted', 'certificate');
		expect(ends).toEqual([]);
		net.to(ADDRESS, 3478).end('unreachable', 'ECONNREFUSED');
		expect(ends).toEqual([{ kind: 'untrusted', reason: 'certificate' }]);
	});

	it('turns to ICE after 3 s of silence on both ports', () => {
		const { clock, net } = connect();
		clock.advance(2999);
		expect(net.to(ADDRESS).ice).toEqual([]);
		clock.advance(1);
		const credentials = {
			remoteUfrag: Buffer.from('auth 1').toString('base64'),
			password: KEY,
		};
		expect(net.channels.map(({ ice }) => ice)).toEqual([[credentials], [credentials]]);
	});

	it('stays without ICE when one port answers', () => {
		const { clock, net } = connect();
		net.to(ADDRESS, 3480).answered = true;
		clock.advance(4000);
		expect(net.channels.flatMap(({ ice }) => ice)).toEqual([]);
	});

	it('names the token to ICE where there is no other', () => {
		const { clock, net } = connect({ authToken: undefined });
		clock.advance(3000);
		const { ice } = net.to(ADDRESS);
		expect(ice[0]?.remoteUfrag).toBe(Buffer.from('token 1').toString('base64'));
	});

	it.each([
		{ address: 'relay.example' },
		{ address: '2001:db8::1' },
		{ port: 0 },
		{ port: 70_000 },
	])('does not dial %j', (changes) => {
		const { clock, net, ends } = connect(changes);
		expect(ends).toEqual([]);
		clock.advance(0);
		expect(ends).toMatchObject([{ kind: 'fault' }]);
		expect(net.channels).toEqual([]);
	});

	it('is silent once closed', async () => {
		const { clock, connection, net, ends, packets } = connect();
		const channel = net.allocate(ADDRESS);
		await connection.close();
		channel.deliver(rtp());
		channel.end();
		expect([ends, packets]).toEqual([[], []]);
		expect(clock.waiting).toBe(0);
	});
});
