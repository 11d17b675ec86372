import type { WebSocket } from 'ws';
import type { BinaryNode, Codecs } from '../codecs';
import type { FaultLog } from '../faults';
import { encodeFrame, FrameReader } from './frames';
import { node } from './node';
import { NoiseResponder, type ServerIdentity } from './noise';

/** Who connected: the Noise static key and the bytes of its ClientPayload. */
export interface Arrival {
	staticKey: Buffer;
	payload: Buffer;
}

/** What the network does with a connection. */
export interface ConnectionHandler {
	arrived(connection: ChatConnection, arrival: Arrival): Promise<void>;
	received(connection: ChatConnection, stanza: BinaryNode): Promise<void>;
	sent(connection: ChatConnection, stanza: BinaryNode): void;
	closed(connection: ChatConnection): void;
}

/** One client on the chat socket: handshake, then stanzas in order, both ways. */
export class ChatConnection {
	private readonly frames = new FrameReader();
	private readonly noise: NoiseResponder;
	private state: 'hello' | 'finish' | 'open' | 'closed' = 'hello';
	private work: Promise<void> = Promise.resolve();

	constructor(
		private readonly socket: WebSocket,
		private readonly codecs: Codecs,
		identity: ServerIdentity,
		private readonly faults: FaultLog,
		private readonly handler: ConnectionHandler,
	) {
		this.noise = new NoiseResponder(codecs, identity);
		socket.on('message', (data: Buffer) => this.read(data));
		socket.on('error', () => socket.terminate());
		socket.on('close', () => {
			this.state = 'closed';
			handler.closed(this);
		});
	}

	get isOpen(): boolean {
		return this.state === 'open';
	}

	/** Sends a stanza; does nothing when the connection has ended. */
	send(stanza: BinaryNode): void {
		if (this.state !== 'open') return;
		const frame = this.noise.encrypt(this.codecs.encodeBinaryNode(stanza));
		this.socket.send(encodeFrame(frame));
		this.handler.sent(this, stanza);
	}

	/** Sends a last stanza, if any, then `<xmlstreamend>`, and closes. */
	end(last?: BinaryNode): void {
		if (last) this.send(last);
		this.send(node('xmlstreamend'));
		if (this.state === 'open') this.state = 'closed';
		this.socket.close();
	}

	/** Closes with a `<stream:error>`: 401 and 440 with their conflict child, others by code only. */
	streamError(code: number): void {
		const conflict: Record<number, string> = { 401: 'device_removed', 440: 'replaced' };
		const type = conflict[code];
		const child = type === undefined ? undefined : [node('conflict', { type })];
		// The code of "replaced" travels in the conflict child alone.
		this.end(node('stream:error', { code: code === 440 ? undefined : String(code) }, child));
	}

	/** Cuts the line as a lost network does: no word, no close frame. */
	cut(): void {
		this.state = 'closed';
		this.socket.terminate();
	}

	private read(data: Buffer): void {
		this.work = this.work.then(async () => {
			try {
				for (const frame of this.frames.push(data)) await this.handle(frame);
			} catch (error) {
				const open = this.state === 'open';
				this.faults.add(open ? 'simulator' : 'handshake', describe(error));
				if (!open) this.cut();
			}
		});
	}

	private async handle(frame: Buffer): Promise<void> {
		if (this.state === 'closed') return;
		const { HandshakeMessage } = this.codecs.proto;
		if (this.state === 'hello') {
			const ephemeral = HandshakeMessage.decode(frame).clientHello?.ephemeral;
			if (!ephemeral) throw new Error('The first frame is no ClientHello');
			this.socket.send(encodeFrame(this.noise.hello(ephemeral)));
			this.state = 'finish';
		} else if (this.state === 'finish') {
			const finish = HandshakeMessage.decode(frame).clientFinish;
			if (!finish?.static || !finish.payload)
				throw new Error('The second frame is no ClientFinish');
			const arrival = this.noise.finish(finish.static, finish.payload);
			this.state = 'open';
			await this.handler.arrived(this, arrival);
		} else {
			const stanza = await this.codecs.decodeBinaryNode(this.noise.decrypt(frame));
			await this.handler.received(this, stanza);
		}
	}
}

function describe(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
