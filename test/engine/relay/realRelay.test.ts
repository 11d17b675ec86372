import { setTimeout as wait } from 'node:timers/promises';
import { preloadChannel, RelayPool, type RelayPoolEvents } from '../../../engine/relay';
import { EchoPeer, type EchoPeerOptions } from './support/echoPeer';
import { until } from './support/client';
import { KEY, relay, rtp, SSRCS } from './support/relays';

describe('a pool on real sockets', () => {
	const releases: (() => Promise<unknown>)[] = [];

	async function peer(options: EchoPeerOptions = {}): Promise<EchoPeer> {
		const started = await EchoPeer.start({ grants: true, ...options });
		releases.push(() => started.close());
		return started;
	}

	function pool(ports: readonly number[], events: Partial<RelayPoolEvents>): RelayPool {
		const relays = new RelayPool({
			endpoints: ports.map((port, index) => relay(index + 1, { address: '127.0.0.1', port })),
			key: KEY,
			streamSsrcs: SSRCS,
			events: {
				ready: () => undefined,
				failed: () => undefined,
				packet: () => undefined,
				...events,
			},
		});
		releases.push(() => relays.close());
		relays.start();
		return relays;
	}

	beforeAll(() => preloadChannel());

	afterEach(async () => {
		for (const release of releases.splice(0).reverse()) {
			await release();
		}
	});

	it('is ready within a moment and carries packets both ways', async () => {
		const ports = (await Promise.all([peer(), peer()])).map(({ port }) => port);
		const from = new Set<number>();
		let received: Buffer | undefined;
		let ready = (): void => undefined;
		const allocated = new Promise<void>((resolve) => (ready = resolve));
		const relays = pool(ports, {
			ready,
			packet: (packet, index) => {
				received = packet;
				from.add(index);
			},
		});
		await allocated;
		await wait(1_000);
		relays.send(rtp(3));
		await until(() => from.size === 2);
		expect(received).toEqual(rtp(3));
		relays.delivered(1);
		from.clear();
		relays.send(rtp(4));
		await until(() => from.size > 0);
		await wait(100);
		expect([...from]).toEqual([1]);
	});

	it('turns to ICE by itself when the relay is deaf without', async () => {
		const iceUsername = Buffer.from('auth 1').toString('base64');
		const { port } = await peer({ iceUsername });
		const startedMs = performance.now();
		await new Promise<void>((resolve) => pool([port], { ready: resolve }));
		expect(performance.now() - startedMs).toBeLessThan(20_000);
	});
});
