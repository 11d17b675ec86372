import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { EventChannels } from '../../server/events/channels';
import { eventually } from '../simulator/support/client';

const OWNER = {
	name: 'main',
	stored: { token: 'secret', webSocket: { enabled: true, events: [] } },
};
const BIG = 'x'.repeat(64 * 1024);

describe('the listeners of an instance', () => {
	let server: Server;
	let channels: EventChannels;
	let port: number;
	const open: { destroy(): void }[] = [];

	beforeAll(async () => {
		channels = new EventChannels(() => 'http://example.test');
		const upgrades = new WebSocketServer({ noServer: true });
		server = createServer().on('upgrade', (request, socket, head) =>
			upgrades.handleUpgrade(request, socket, head, (webSocket) => channels.add(OWNER, webSocket)),
		);
		await once(server.listen(0, '127.0.0.1'), 'listening');
		({ port } = server.address() as AddressInfo);
	});
	afterAll(async () => {
		open.forEach((one) => one.destroy());
		await channels.close();
		server.close();
	});

	/** Opens a channel and then reads nothing any more. */
	async function openSilently(): Promise<Socket> {
		const socket = connect(port, '127.0.0.1');
		open.push(socket);
		socket.on('error', () => undefined);
		socket.write(
			'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
				'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
		);
		await once(socket, 'data');
		socket.pause();
		return socket;
	}

	it('that stop reading are cut off before much piles up, and the others hear everything', async () => {
		const good = new WebSocket(`ws://127.0.0.1:${port}`);
		open.push({ destroy: () => good.terminate() });
		let heard = 0;
		good.on('message', () => (heard += 1));
		await once(good, 'open');
		await openSilently();
		await eventually(() => channels.count === 2);

		let sent = 0;
		const before = process.memoryUsage().external;
		await eventually(() => {
			// The kernel takes some megabytes for a reader that does not read; then they pile up here.
			channels.send(OWNER, 'call.update', { text: BIG });
			sent += 1;
			return channels.count === 1;
		});
		await eventually(() => heard === sent);
		expect(process.memoryUsage().external - before).toBeLessThan(16 * 1024 * 1024);
	});
});
