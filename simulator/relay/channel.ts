import {
	DtlsServer,
	Event,
	RTCSctpTransport,
	type RTCDtlsTransport,
	type RTCSctpTransport as Sctp,
} from 'werift';
import type { RelayCertificate } from './certificate';

const SCTP_PORT = 5000;
const MAX_MESSAGE_BYTES = 65_536;
const STREAM = 0;
const BINARY = 53;
const QUEUE_LIMIT = 256;
const FLIGHT_OVER = 100;
const ALERT = 21;
const CLOSE_NOTIFY = Buffer.from([1, 0]);
const DTLS_1_2 = { major: 254, minor: 253 };
/** State of an association, as werift numbers them: after a SHUTDOWN of the client. */
const SHUTTING_DOWN = [6, 7, 8];

/** The parts of werift's SCTP that its types hide, and the one that has to be mended (page 08). */
interface Association {
	handleData(data: Buffer): Promise<void>;
	maybeAbandon(chunk: SentChunk): boolean;
	outboundQueue: unknown[];
	setState(state: number): void;
}
interface SentChunk {
	abandoned?: boolean;
	retransmit?: boolean;
	maxRetransmits?: number;
	sentCount: number;
}
type Plaintext = Parameters<DtlsServer['cipher']['encryptPacket']>[0];

/** What a channel tells its relay. */
export interface ChannelEvents {
	/** A message on the one stream. */
	message(message: Buffer): void;
	/** Something that does not belong into the channel. */
	odd(detail: string): void;
	closed(): void;
}

/**
 * The relay's end of one client's connection: DTLS server, SCTP server, one stream that nobody opens
 * (page 04 section 3).
 */
export class Channel {
	private readonly dtls: DtlsServer;
	private readonly transport: {
		type: string;
		closed: boolean;
		address: { address: string; family: string; port: number };
		onData: (data: Buffer) => void;
		send: (data: Buffer) => Promise<void>;
		close: () => Promise<void>;
	};
	private readonly sctp: Sctp;
	private closed = false;
	private connected = false;

	/** @param hello the client random of the handshake that opened it, in hex */
	constructor(
		readonly hello: string,
		certificate: RelayCertificate,
		sendDatagram: (datagram: Buffer) => void,
		private readonly events: ChannelEvents,
	) {
		this.transport = {
			type: 'udp',
			closed: false,
			address: { address: '', family: 'IPv4', port: 0 },
			onData: () => undefined,
			send: (data) => Promise.resolve(sendDatagram(data)),
			close: () => Promise.resolve(),
		};
		this.dtls = new DtlsServer({
			transport: this.transport as never,
			cert: certificate.certPem,
			key: certificate.keyPem,
			signatureHash: certificate.signatureHash as never,
			extendedMasterSecret: true,
		});
		this.sctp = this.startSctp();
		this.dtls.onConnect.subscribe(() => (this.connected = true));
		this.dtls.onError.subscribe(() => undefined);
		this.dtls.onClose.subscribe(() => this.shut());
		this.dtls.onData.subscribe((data) => {
			if (this.closed) return;
			this.association.handleData(data).catch(() => events.odd('SCTP that cannot be read'));
		});
	}

	/** Whether the handshake is over. */
	get isConnected(): boolean {
		return this.connected;
	}

	/** Takes a datagram of the client. */
	receive(datagram: Buffer): void {
		if (this.closed) return;
		try {
			this.transport.onData(datagram);
		} catch {
			// What is no DTLS record is dropped.
		}
	}

	/** Sends a message: unordered, never again. Too many of them at once are dropped. */
	send(message: Buffer): void {
		if (this.closed || this.association.outboundQueue.length > QUEUE_LIMIT) return;
		const reliability = { ordered: false, maxRetransmits: 0 };
		this.sctp.sctp.send(STREAM, BINARY, message, reliability).catch(() => undefined);
	}

	/** Ends it the loud way: the client is told on both layers. */
	async end(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		await this.sctp.stop().catch(() => undefined);
		if (this.connected) this.notifyClose();
		this.dtls.dtls.flight = FLIGHT_OVER;
		this.events.closed();
	}

	/** Ends it without a word. */
	shut(): void {
		if (this.closed) return;
		this.closed = true;
		this.sctp.sctp.setState(1);
		// Otherwise the handshake goes on to repeat itself.
		this.dtls.dtls.flight = FLIGHT_OVER;
		this.events.closed();
	}

	private get association(): Association {
		return this.sctp.sctp as unknown as Association;
	}

	private startSctp(): Sctp {
		const carrier = {
			id: 'relay',
			iceTransport: { role: 'controlled' },
			onStateChange: new Event(),
			dataReceiver: () => undefined,
			sendData: (data: Buffer) => this.dtls.send(data).catch(() => undefined),
		};
		const sctp = new RTCSctpTransport(SCTP_PORT, MAX_MESSAGE_BYTES);
		sctp.setDtlsTransport(carrier as unknown as RTCDtlsTransport);
		// werift's own reader rejects in the void on a protocol that it does not know.
		sctp.sctp.onReceive.allUnsubscribe();
		sctp.sctp.onReceive.subscribe((stream, protocol, data) => this.take(stream, protocol, data));
		sctp.sctp.stateChanged.closed.subscribe(() => this.shut());
		const association = sctp.sctp as unknown as Association;
		association.maybeAbandon = abandon;
		const setState = association.setState.bind(association);
		association.setState = (state) => {
			setState(state);
			if (SHUTTING_DOWN.includes(state)) setImmediate(() => this.shut());
		};
		sctp.start(SCTP_PORT).catch(() => undefined);
		return sctp;
	}

	private take(stream: number, protocol: number, data: Buffer): void {
		if (this.closed) return;
		if (stream !== STREAM || protocol !== BINARY) {
			return this.events.odd(`a message on stream ${stream} with the protocol ${protocol}`);
		}
		this.events.message(data);
	}

	private notifyClose(): void {
		const header = {
			contentType: ALERT,
			protocolVersion: DTLS_1_2,
			epoch: 1,
			sequenceNumber: ++this.dtls.dtls.recordSequenceNumber,
			contentLen: CLOSE_NOTIFY.length,
		};
		const plain = { recordLayerHeader: header, fragment: CLOSE_NOTIFY } as Plaintext;
		const { fragment } = this.dtls.cipher.encryptPacket(plain);
		const record = Buffer.alloc(13);
		record.writeUInt8(ALERT, 0);
		record.writeUInt16BE(0xfefd, 1);
		record.writeUInt16BE(header.epoch, 3);
		record.writeUIntBE(header.sequenceNumber, 5, 6);
		record.writeUInt16BE(fragment.length, 11);
		void this.transport.send(Buffer.concat([record, fragment]));
	}
}

/** werift takes 0 retransmissions for any number of them, and gives up the wrong chunk. */
function abandon(chunk: SentChunk): boolean {
	if (chunk.abandoned) return true;
	if (chunk.maxRetransmits === undefined || chunk.sentCount <= chunk.maxRetransmits) return false;
	chunk.abandoned = true;
	chunk.retransmit = false;
	return true;
}
