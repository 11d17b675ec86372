import type { RelayEndpoint } from '../../../engine/relay';
import { RelayPool } from '../../../engine/relay';
import { FakeDial } from './support/fakeDial';
import { FakeMediaClock } from './support/fakeMediaClock';
import { addressOf, KEY, relay, rtp, SSRCS } from './support/relays';

function pool(endpoints: readonly RelayEndpoint[]) {
	const clock = new FakeMediaClock();
	const net = new FakeDial();
	const told: string[] = [];
	const packets: [number, Buffer][] = [];
	const relays = new RelayPool({
		endpoints,
		key: KEY,
		streamSsrcs: SSRCS,
		dial: net.dial,
		clock,
		events: {
			ready: () => told.push('ready'),
			failed: (reason) => told.push(reason),
			packet: (packet, from) => packets.push([from, packet]),
		},
	});
	relays.start();
	/** To which relays one packet goes. */
	const recipients = (): number[] => {
		const before = net.channels.map(({ media }) => media.length);
		relays.send(rtp());
		return net.channels
			.filter(({ media }, index) => media.length > (before[index] ?? 0))
			.map(({ target }) => Number(target.address.split('.')[3]));
	};
	const dialled = (): number[] => [
		...new Set(net.channels.map(({ target }) => Number(target.address.split('.')[3]))),
	];
	return { clock, dialled, net, packets, recipients, relays, told };
}

const THREE = [relay(1), relay(2), relay(3)];

describe('the choice of relays', () => {
	it('tries four at once, in the order of preference', () => {
		const { dialled } = pool([
			relay(1, { isFna: true }),
			relay(2, { authToken: undefined }),
			relay(3, { roundTripMs: 40 }),
			relay(4, { isFna: true, port: 3480 }),
			relay(5, { roundTripMs: 20 }),
			relay(6),
		]);
		expect(dialled()).toEqual([4, 5, 3, 6]);
	});

	it('prefers another relay to another address of the same', () => {
		const { dialled } = pool(
			[1, 2, 3, 4, 5].map((n) => relay(n, { relayId: n < 3 ? 'a' : `${n}` })),
		);
		expect(dialled()).toEqual([1, 3, 4, 5]);
	});

	it('goes on to the next relay when one cannot be had', () => {
		const { clock, dialled, net } = pool([1, 2, 3, 4, 5].map((n) => relay(n)));
		expect(dialled()).toEqual([1, 2, 3, 4]);
		clock.advance(12_000);
		expect(net.channels.map(({ name }) => name)).toContain(`${addressOf(5)}:3480`);
	});
});

describe('the media', () => {
	it('go nowhere before a relay serves us', () => {
		const { net, recipients, told } = pool(THREE);
		net.to(addressOf(1)).open();
		expect(recipients()).toEqual([]);
		expect(told).toEqual([]);
	});

	it('go to all until one delivers, and back after 2 s of silence', () => {
		const { clock, net, recipients, relays, told } = pool(THREE);
		net.allocate(addressOf(1));
		expect(told).toEqual(['ready']);
		net.allocate(addressOf(3), 3480);
		expect(recipients()).toEqual([1, 3]);
		relays.delivered(2);
		expect(recipients()).toEqual([3]);
		clock.advance(2000);
		expect(recipients()).toEqual([3]);
		clock.advance(1);
		expect(recipients()).toEqual([1, 3]);
		relays.delivered(0);
		expect(recipients()).toEqual([1]);
		expect(told).toEqual(['ready']);
	});

	it('include a relay that comes late', () => {
		const { clock, net, recipients, relays } = pool(THREE);
		net.allocate(addressOf(1));
		relays.delivered(0);
		clock.advance(5000);
		net.allocate(addressOf(2));
		expect(recipients()).toEqual([1, 2]);
	});

	it('go once to a relay that comes while another one delivers, so that it bridges too', () => {
		const { net, recipients, relays } = pool(THREE);
		net.allocate(addressOf(1));
		expect(recipients()).toEqual([1]);
		relays.delivered(0);
		net.allocate(addressOf(2));
		expect(recipients()).toEqual([1, 2]);
		expect(recipients()).toEqual([1]);
	});

	it('are not drawn to a relay that does not serve us', () => {
		const { net, recipients, relays } = pool(THREE);
		net.allocate(addressOf(1));
		relays.delivered(1);
		relays.delivered(99);
		expect(recipients()).toEqual([1]);
	});

	it('come with the number of their relay', () => {
		const { net, packets } = pool(THREE);
		net.allocate(addressOf(2)).deliver(rtp(9));
		expect(packets).toEqual([[1, rtp(9)]]);
	});
});

describe('relays that fail', () => {
	it('switches to another when the one that delivers dies, and dials it again', () => {
		const { clock, net, recipients, relays, told } = pool(THREE);
		const first = net.allocate(addressOf(1));
		net.allocate(addressOf(2));
		relays.delivered(0);
		clock.advance(1000);
		first.end();
		expect(recipients()).toEqual([2]);
		expect(net.to(addressOf(1))).toBe(first);
		clock.advance(4000);
		expect(net.to(addressOf(1))).not.toBe(first);
		net.allocate(addressOf(1));
		expect(recipients().sort()).toEqual([1, 2]);
		expect(told).toEqual(['ready']);
	});

	it('dials a relay at most every 5 s', () => {
		const { clock, net } = pool([relay(1)]);
		for (let death = 0; death < 4; death += 1) {
			net.allocate(addressOf(1)).end();
			clock.advance(4999);
			expect(net.channels).toHaveLength(2 * (death + 1));
			clock.advance(1);
			expect(net.channels).toHaveLength(2 * (death + 2));
		}
	});

	it('tries the whole list twice, then says so once', async () => {
		const { clock, net, told, relays } = pool(THREE);
		clock.advance(12_000);
		expect(net.channels).toHaveLength(12);
		clock.advance(11_999);
		expect(told).toEqual([]);
		clock.advance(1);
		expect(told).toEqual(['relay unreachable (UDP egress 3478/3480): nobody answered']);
		relays.add([relay(7)]);
		clock.advance(60_000);
		await relays.close();
		expect(told).toHaveLength(1);
		expect(net.channels).toHaveLength(12);
		expect(clock.waiting).toBe(0);
	});

	it('does not come back to a relay that refused', () => {
		const { clock, net, told } = pool([relay(1)]);
		net.to(addressOf(1)).open();
		net.to(addressOf(1)).refuse(401);
		clock.advance(0);
		expect(told).toEqual(['the relay refused its service (401)']);
		expect(net.channels).toHaveLength(2);
	});

	it('keeps the others when one is refused', () => {
		const { clock, net, told, recipients } = pool(THREE);
		net.to(addressOf(1)).open();
		net.to(addressOf(1)).refuse(401);
		clock.advance(1000);
		net.allocate(addressOf(2));
		clock.advance(60_000);
		expect(recipients()).toEqual([2]);
		expect(told).toEqual(['ready']);
	});

	it('says that there are none', () => {
		const { clock, told } = pool([]);
		expect(told).toEqual([]);
		clock.advance(0);
		expect(told).toEqual(['there is no relay']);
	});

	it('fails in a call when the last relay is gone for good', () => {
		const { clock, net, told } = pool([relay(1)]);
		net.allocate(addressOf(1)).end('ended', 'the relay shut the channel');
		clock.advance(5000);
		net.to(addressOf(1), 3478).end('unreachable', 'ECONNREFUSED');
		net.to(addressOf(1), 3480).end('unreachable', 'ECONNREFUSED');
		clock.advance(5000);
		net.to(addressOf(1), 3478).end('unreachable', 'ECONNREFUSED');
		net.to(addressOf(1), 3480).end('unreachable', 'ECONNREFUSED');
		clock.advance(0);
		expect(told).toEqual(['ready', 'relay unreachable (UDP egress 3478/3480): ECONNREFUSED']);
	});
});

describe('relays that are added', () => {
	it('are dialled while none serves us', () => {
		const { dialled, relays } = pool([relay(1)]);
		relays.add([relay(1), relay(2)]);
		expect(dialled()).toEqual([1, 2]);
	});

	it('save a pool that just lost its last hope', () => {
		const { clock, net, relays, told } = pool([]);
		relays.add([relay(2)]);
		clock.advance(0);
		net.allocate(addressOf(2));
		expect(told).toEqual(['ready']);
	});

	it('wait while one serves us, and are dialled when it dies', () => {
		const { clock, dialled, net, relays } = pool([relay(1)]);
		const first = net.allocate(addressOf(1));
		relays.add([relay(2)]);
		clock.advance(30_000);
		expect(dialled()).toEqual([1]);
		first.end();
		expect(dialled()).toEqual([1, 2]);
	});
});

describe('a pool that is closed', () => {
	it('closes everything and is silent', async () => {
		const { clock, net, relays, told, recipients, packets } = pool(THREE);
		const first = net.allocate(addressOf(1));
		net.allocate(addressOf(2)).end();
		await relays.close();
		await relays.close();
		relays.start();
		first.deliver(rtp());
		relays.delivered(0);
		expect(recipients()).toEqual([]);
		clock.advance(60_000);
		expect(net.channels.every(({ closed }) => closed)).toBe(true);
		expect(told).toEqual(['ready']);
		expect(packets).toEqual([]);
		expect(clock.waiting).toBe(0);
	});
});
