import { createSocket, type Socket } from 'node:dgram';

export interface UdpLinkEvents {
	connected(): void;
	datagram(datagram: Buffer): void;
	/** `code` as of Node.js, such as ECONNREFUSED when the port is closed. */
	failed(code: string): void;
}

/** A socket of its own, connected to one port of one relay: the kernel drops what others send. */
export class UdpLink {
	private readonly socket: Socket;
	private connected = false;
	private closed = false;
	private readonly sent = (error: Error | null): void => {
		if (error) {
			this.fail(error);
		}
	};

	constructor(
		address: string,
		port: number,
		private readonly events: UdpLinkEvents,
	) {
		this.socket = createSocket('udp4');
		this.socket.on('error', (error) => this.fail(error));
		this.socket.on('message', (datagram) => {
			if (!this.closed) {
				this.events.datagram(datagram);
			}
		});
		this.socket.once('connect', () => {
			if (!this.closed) {
				this.connected = true;
				this.events.connected();
			}
		});
		this.socket.connect(port, address);
	}

	send(datagram: Uint8Array): void {
		if (!this.connected || this.closed) {
			return;
		}
		try {
			this.socket.send(datagram, this.sent);
		} catch (error) {
			this.fail(error);
		}
	}

	/** What was sent before still leaves; resolves when the socket is gone. Never rejects. */
	async close(): Promise<void> {
		if (this.closed) {
			return;
		}
		this.closed = true;
		await new Promise<void>((resolve) => {
			try {
				this.socket.close(() => resolve());
			} catch {
				// Closed already, by an error of its own.
				resolve();
			}
		});
	}

	private fail(error: unknown): void {
		if (!this.closed) {
			this.events.failed((error as NodeJS.ErrnoException).code ?? 'unknown');
		}
	}
}
