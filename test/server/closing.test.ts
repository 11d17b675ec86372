import { once } from 'node:events';
import { connect } from 'node:net';
import { eventsOf, House } from './support/house';

describe('a server that is closed', () => {
	let house: House;

	beforeEach(async () => {
		house = await House.start();
		await house.linked();
	});
	afterEach(async () => {
		await house.home.check();
		await house.close();
	});

	it('hangs up, answers who waits, tells its listeners, and disconnects', async () => {
		const listener = await house.listen();
		const closed = once(listener.webSocket, 'close');
		const person = house.home.person();
		const call = house.fake(person, { duration: 60 }, '?wait=true');
		const waiting = house.fake(house.home.person(), { duration: 60 });
		await house.rings();
		const startedAt = Date.now();
		const { server } = house;
		await Promise.all([server.close(), server.close()]);
		expect(Date.now() - startedAt).toBeLessThan(20_000);

		expect(await call).toMatchObject({
			status: 200,
			body: { outcome: 'cancelled', endedBy: 'us' },
		});
		expect(await waiting).toMatchObject({ status: 500, body: { error: { code: 'CANCELLED' } } });
		expect((await closed)[0]).toBe(1001);
		expect(eventsOf(listener).at(-1)?.data).toMatchObject({
			type: 'terminated',
			outcome: 'cancelled',
		});
		expect(person.seen.calls).toMatchObject([{ missed: true, endedBy: 'caller' }]);
		expect(house.home.connections).toBe(0);
		await server.closed;
		await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
		await house.open();
	});

	it('does not wait for listeners that say nothing', async () => {
		const { port, url } = house.server;
		await house.send('/api/events/websocket/main', { body: { enabled: true } });
		const socket = connect(port, new URL(url).hostname);
		socket.write(
			'GET /ws/main HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\ntoken: instance-token\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
		);
		await once(socket, 'data');
		const startedAt = Date.now();
		await house.server.close();
		expect(Date.now() - startedAt).toBeLessThan(20_000);
		socket.destroy();
		await house.open();
	});
});
