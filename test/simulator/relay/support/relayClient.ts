import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import {
	DtlsClient,
	Event,
	RTCDataChannel,
	RTCDataChannelParameters,
	RTCDtlsTransport,
	RTCSctpTransport,
} from 'werift';
import { describeStreams } from '../../../../simulator/relay/allocation';
import { ATTRIBUTE, readStun, STUN, writeStun, xorAddress } from '../../../../simulator/relay/stun';
import type { StunMessage } from '../../../../simulator/relay/stun';
import { eventually } from '../../support/client';

/** Where and as whom a test dials a relay. */
export interface Dial {
	host: string;
	/** The port of te2, which the Allocate names whatever port was dialled. */
	port: number;
	dialled?: number;
	callId: string;
	/** The caller's device, as keys are derived for it. */
	caller: string;
	key: string;
	token: Buffer;
}

/** A client as page 04 section 3 describes it, with nothing that an engine would add. */
export class RelayClient {
	readonly stun: StunMessage[] = [];
	readonly media: Buffer[] = [];
	/** Whether it answers Binding Requests. */
	answers = true;
	closed = false;
	private channel!: RTCDataChannel;
	private dtls!: DtlsClient;
	private sctp!: RTCSctpTransport;
	private readonly timers: NodeJS.Timeout[] = [];

	private constructor(
		readonly socket: Socket,
		readonly dial: Dial,
	) {}

	/** Opens a socket, and no more. */
	static async prepare(dial: Dial): Promise<RelayClient> {
		const socket = createSocket('udp4');
		socket.on('error', () => undefined);
		socket.connect(dial.dialled ?? dial.port, dial.host);
		await once(socket, 'connect');
		return new RelayClient(socket, dial);
	}

	/** Opens a channel. */
	static async open(dial: Dial): Promise<RelayClient> {
		const client = await RelayClient.prepare(dial);
		await client.connect();
		return client;
	}

	async connect(): Promise<void> {
		const { certPem, privateKey, signatureHash } = await RTCDtlsTransport.SetupCertificate();
		const transport = {
			type: 'udp',
			closed: false,
			address: this.socket.address(),
			onData: (() => undefined) as (data: Buffer) => void,
			send: (data: Buffer) => this.sendRaw(data),
			close: () => Promise.resolve(),
		};
		this.dtls = new DtlsClient({
			transport: transport as never,
			cert: certPem,
			key: privateKey,
			signatureHash,
			extendedMasterSecret: true,
		});
		this.socket.on('message', (data) => {
			const [first = 0] = data;
			if (first >= 20 && first <= 63) transport.onData(data);
			else {
				const message = readStun(data);
				if (message) this.stun.push(message);
			}
		});
		this.dtls.onError.subscribe(() => undefined);
		this.dtls.onClose.subscribe(() => (this.closed = true));
		const connected = new Promise<void>((resolve) => this.dtls.onConnect.subscribe(resolve));
		this.dtls.connect().catch(() => undefined);
		await connected;
		await this.openChannel();
	}

	get remoteCertificate(): Buffer | undefined {
		return this.dtls.remoteCertificate;
	}

	/** The Allocate of page 04 section 5; parts of it may be replaced. */
	allocation(
		over: { token?: Buffer; streams?: Buffer; address?: Buffer; key?: string; id?: Buffer } = {},
	): Buffer {
		const { callId, caller, host, port, key, token } = this.dial;
		const attributes = [
			{ type: ATTRIBUTE.token, value: over.token ?? token },
			{ type: ATTRIBUTE.streams, value: over.streams ?? describeStreams(callId, caller) },
			{ type: ATTRIBUTE.relayAddress, value: over.address ?? xorAddress(host, port) },
		];
		return writeStun(STUN.allocate, over.id ?? randomBytes(12), attributes, over.key ?? key);
	}

	/** Allocates and pings once. */
	async enter(): Promise<Buffer> {
		const allocation = this.allocation();
		this.send(allocation);
		await this.heard(STUN.allocateSuccess);
		this.ping();
		await this.heard(STUN.pong);
		return allocation;
	}

	/** Allocates, and stays alive as a client has to. */
	async stay(): Promise<void> {
		const allocation = await this.enter();
		this.timers.push(
			setInterval(() => {
				this.send(allocation);
				this.ping();
			}, 1000),
		);
	}

	ping(): void {
		this.send(writeStun(STUN.ping, randomBytes(12)));
	}

	send(message: Buffer): void {
		this.channel.send(message);
	}

	/** Sends with any stream and protocol. */
	async sendOdd(stream: number, protocol: number, message: Buffer): Promise<void> {
		await this.sctp.sctp.send(stream, protocol, message, { ordered: false });
	}

	sendRaw(datagram: Buffer): Promise<void> {
		return new Promise((resolve) => this.socket.send(datagram, () => resolve()));
	}

	/** The first message of this type; it is taken off the list. */
	async heard(type: number): Promise<StunMessage> {
		const message = await eventually(() => this.stun.find((one) => one.type === type));
		this.stun.splice(this.stun.indexOf(message), 1);
		return message;
	}

	/** Goes away, with or without a word. */
	async close(quietly = false): Promise<void> {
		for (const timer of this.timers) clearInterval(timer);
		// Otherwise an unfinished handshake goes on to repeat itself.
		if (this.dtls) this.dtls.dtls.flight = 100;
		if (this.sctp && !quietly) await this.sctp.stop();
		else this.sctp?.sctp.setState(1);
		await new Promise((resolve) => setImmediate(resolve));
		if (this.socket.address()) await new Promise<void>((done) => this.socket.close(() => done()));
	}

	private async openChannel(): Promise<void> {
		const carrier = {
			id: 'client',
			iceTransport: { role: 'controlling' },
			onStateChange: new Event(),
			dataReceiver: (() => undefined) as (data: Buffer) => void,
			sendData: (data: Buffer) => this.dtls.send(data).catch(() => undefined),
		};
		this.sctp = new RTCSctpTransport(5000, 65_536);
		this.sctp.setDtlsTransport(carrier as never);
		this.dtls.onData.subscribe((data) => carrier.dataReceiver(data));
		this.channel = new RTCDataChannel(
			this.sctp,
			new RTCDataChannelParameters({
				label: 'pre-negotiated',
				negotiated: true,
				id: 0,
				ordered: false,
				maxRetransmits: 0,
			}),
			false,
		);
		this.channel.onMessage.subscribe((message) => this.take(message as Buffer));
		this.sctp.sctp.stateChanged.closed.subscribe(() => (this.closed = true));
		await this.sctp.start(5000);
		await new Promise<void>((resolve) =>
			this.channel.stateChanged.subscribe((state) => {
				if (state === 'open') resolve();
			}),
		);
	}

	private take(message: Buffer): void {
		const stun = readStun(message);
		if (!stun) {
			this.media.push(message);
			return;
		}
		this.stun.push(stun);
		if (stun.type === STUN.bindingRequest && this.answers) {
			this.send(writeStun(STUN.bindingSuccess, stun.id, [], this.dial.key, true));
		}
	}
}
