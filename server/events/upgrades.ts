import type { FastifyInstance } from 'fastify';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

/** Nobody has to say anything here. */
const LONGEST_MESSAGE_BYTES = 64 * 1024;

interface Upgrade {
	socket: Duplex;
	head: Buffer;
}

/**
 * Sends requests for a WebSocket through the same hooks and routes as all others, with a response
 * that the route either uses for a refusal or trades for the socket.
 */
export class Upgrades {
	private readonly waiting = new WeakMap<ServerResponse, Upgrade>();
	private readonly headers = new WeakMap<IncomingMessage, Record<string, unknown>>();
	private readonly webSockets = new WebSocketServer({
		noServer: true,
		maxPayload: LONGEST_MESSAGE_BYTES,
		perMessageDeflate: false,
	});

	constructor(app: FastifyInstance) {
		app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
			const response = new ServerResponse(request);
			response.shouldKeepAlive = false;
			response.assignSocket(socket as Socket);
			response.on('finish', () => socket.end());
			socket.on('error', () => socket.destroy());
			this.waiting.set(response, { socket, head });
			app.routing(request, response);
		});
		this.webSockets.on('headers', (lines, request) => {
			for (const [name, value] of Object.entries(this.headers.get(request) ?? {})) {
				lines.push(`${name}: ${String(value)}`);
			}
		});
	}

	/** Whether the client asked for a WebSocket here. */
	isOne(response: ServerResponse): boolean {
		return this.waiting.has(response);
	}

	/**
	 * Answers the handshake. The response is not to be used any more; a faulty handshake is refused by
	 * `ws` itself.
	 *
	 * @param headers go out with the 101
	 */
	accept(
		request: IncomingMessage,
		response: ServerResponse,
		headers: Record<string, unknown>,
		onOpen: (webSocket: WebSocket) => void,
	): void {
		const upgrade = this.waiting.get(response);
		if (upgrade === undefined) {
			return;
		}
		response.detachSocket(upgrade.socket as Socket);
		this.headers.set(request, headers);
		this.webSockets.handleUpgrade(request, upgrade.socket, upgrade.head, onOpen);
	}
}
