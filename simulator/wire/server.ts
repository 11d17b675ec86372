import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Codecs } from '../codecs';
import type { FaultLog } from '../faults';
import { certificateChain } from './certificate';
import { ChatConnection, type ConnectionHandler } from './connection';
import type { ServerIdentity } from './noise';

const CHAT_PATH = '/ws/chat';
const UPGRADE_REQUIRED = 426;

/** The chat WebSocket of one network. */
export class ChatServer {
	private readonly connections = new Set<ChatConnection>();
	private refusing = false;

	private constructor(
		private readonly http: Server,
		codecs: Codecs,
		identity: ServerIdentity,
		faults: FaultLog,
		handler: ConnectionHandler,
	) {
		// A lost network answers nothing at all: no HTTP status, only a line that breaks.
		http.on('connection', (socket) => {
			if (this.refusing) socket.destroy();
		});
		new WebSocketServer({ server: http, path: CHAT_PATH }).on('connection', (socket) => {
			const connection = new ChatConnection(socket, codecs, identity, faults, handler);
			this.connections.add(connection);
			socket.on('close', () => this.connections.delete(connection));
		});
	}

	/** Listens; port 0 takes a free one. */
	static async listen(
		host: string,
		port: number,
		codecs: Codecs,
		faults: FaultLog,
		handler: ConnectionHandler,
	): Promise<ChatServer> {
		const staticKey = codecs.Curve.generateKeyPair();
		const identity = { staticKey, certificateChain: certificateChain(codecs, staticKey.public) };
		const http = createServer((_request, response) => response.writeHead(UPGRADE_REQUIRED).end());
		const server = new ChatServer(http, codecs, identity, faults, handler);
		http.listen(port, host);
		await once(http, 'listening');
		return server;
	}

	get url(): string {
		const { address, port } = this.http.address() as AddressInfo;
		return `ws://${address}:${port}${CHAT_PATH}`;
	}

	/** Cuts every line; new ones are refused until `admit()`. */
	refuse(): void {
		this.refusing = true;
		for (const connection of this.connections) connection.cut();
	}

	admit(): void {
		this.refusing = false;
	}

	/** Ends every connection and stops listening. */
	async close(): Promise<void> {
		this.refuse();
		const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
		this.http.closeAllConnections();
		await closed;
	}
}
