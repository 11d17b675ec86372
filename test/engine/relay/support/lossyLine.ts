import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** DTLS content type, and where a handshake message in clear text says its own. */
const HANDSHAKE = 22;
const TYPE_AT = 13;

/** Passes datagrams of one client on to a port of loopback, and loses some. */
export class LossyLine {
	/** 0 to 1, in both directions. */
	loss = 0;
	/** Loses the first datagram of the server with a handshake message of this type. */
	losesHandshake: number | undefined;
	private readonly client: Socket = createSocket('udp4');
	private readonly server: Socket = createSocket('udp4');
	private clientPort = 0;
	private seed = 1;

	static async to(port: number): Promise<LossyLine> {
		const line = new LossyLine();
		line.client.on('message', (datagram, from) => {
			line.clientPort = from.port;
			line.pass(() => line.server.send(datagram, port, '127.0.0.1'));
		});
		line.server.on('message', (datagram) => {
			if (datagram[0] === HANDSHAKE && datagram[TYPE_AT] === line.losesHandshake) {
				line.losesHandshake = undefined;
				return;
			}
			line.pass(() => line.client.send(datagram, line.clientPort, '127.0.0.1'));
		});
		line.client.bind(0, '127.0.0.1');
		line.server.bind(0, '127.0.0.1');
		await Promise.all([once(line.client, 'listening'), once(line.server, 'listening')]);
		return line;
	}

	get port(): number {
		return this.client.address().port;
	}

	async close(): Promise<void> {
		await Promise.all(
			[this.client, this.server].map(
				(socket) => new Promise<void>((resolve) => socket.close(() => resolve())),
			),
		);
	}

	private pass(send: () => void): void {
		this.seed = (Math.imul(this.seed, 1_103_515_245) + 12_345) & 0x7fffffff;
		if (this.seed / 0x7fffffff >= this.loss) {
			send();
		}
	}
}
