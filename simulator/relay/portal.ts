import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** One UDP port of a relay. */
export class Portal {
	private open = true;

	private constructor(
		private readonly socket: Socket,
		readonly port: number,
	) {}

	/** Listens; port 0 takes a free one. Rejects when the port is taken. */
	static async listen(
		host: string,
		port: number,
		take: (portal: Portal, datagram: Buffer, from: RemoteInfo) => void,
	): Promise<Portal> {
		const socket = createSocket('udp4');
		const listening = once(socket, 'listening');
		socket.bind(port, host);
		try {
			await listening;
		} catch (error) {
			socket.close();
			throw error;
		}
		const portal = new Portal(socket, socket.address().port);
		// A client that is gone makes the system answer with an error, which is nobody's concern.
		socket.on('error', () => undefined);
		socket.on('message', (datagram, from) => take(portal, datagram, from));
		return portal;
	}

	send(datagram: Buffer, to: { address: string; port: number }): void {
		if (this.open) this.socket.send(datagram, to.port, to.address, () => undefined);
	}

	async close(): Promise<void> {
		if (!this.open) return;
		this.open = false;
		await new Promise<void>((resolve) => this.socket.close(() => resolve()));
	}
}
