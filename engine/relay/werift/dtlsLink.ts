import type { DtlsClient } from 'werift';
import type { RelayEnd } from '../channel';
import type { MediaClock } from '../mediaClock';
import { ContentType, type DtlsRecord, recordsOf, RECORD_HEADER_BYTES } from './dtlsRecords';
import { Flights } from './flights';
import type { LoadedWerift } from './load';
import { provesIdentity } from './peerIdentity';

const SERVER_KEY_EXCHANGE = 12;
const ALERT_WARNING = 1;
const ALERT_FATAL = 2;
const CLOSE_NOTIFY = 0;
/** Of werift's own count: the last messages of our handshake. */
const FINAL_FLIGHT = 5;

/** What werift types as private. */
interface Handshake {
	flight5: object | undefined;
}

type Transport = DtlsClient['options']['transport'];
type Plaintext = Parameters<DtlsClient['cipher']['encryptPacket']>[0];

export interface DtlsLinkEvents {
	connected(): void;
	data(plain: Buffer): void;
	/** Once. */
	ended(end: RelayEnd): void;
}

/**
 * The client of a DTLS 1.2 connection. werift makes the handshake; its way of repeating flights
 * leaves timers behind, and its way of reading alerts is wrong for encrypted ones: both are ours,
 * and so is what is done with records once the connection stands.
 */
export class DtlsLink {
	private readonly client: DtlsClient;
	private readonly transport: Transport;
	private readonly flights: Flights;
	private connected = false;
	private over = false;
	private keyExchange: Buffer | undefined;

	constructor(
		{ werift, certificate }: LoadedWerift,
		clock: MediaClock,
		private readonly fingerprint: string | undefined,
		private readonly transmit: (datagram: Buffer) => void,
		private readonly events: DtlsLinkEvents,
	) {
		this.flights = new Flights(clock, transmit);
		this.transport = {
			type: 'udp',
			address: { address: '0.0.0.0', family: 'IPv4', port: 0 },
			closed: false,
			onData: () => undefined,
			send: (datagram) => this.takeFlight(datagram),
			close: () => Promise.resolve(),
		};
		this.client = new werift.DtlsClient({
			transport: this.transport,
			cert: certificate.certPem,
			key: certificate.privateKey,
			signatureHash: certificate.signatureHash,
			extendedMasterSecret: true,
		});
		this.client.onConnect.subscribe(() => this.finishHandshake());
		this.keepKeyExchange();
	}

	/** Sends the ClientHello. */
	start(): void {
		this.client.connect().catch(() => undefined);
	}

	/** Sends what is unanswered once more, at once. */
	retry(): void {
		this.flights.again();
	}

	receive(datagram: Buffer): void {
		for (const record of recordsOf(datagram)) {
			if (this.over) {
				return;
			}
			try {
				this.receiveRecord(record);
			} catch {
				// A record that cannot be read is dropped (RFC 6347, section 4.1.2.7).
			}
		}
	}

	/** Ignored unless connected. */
	send(plain: Buffer): void {
		if (this.connected && !this.over) {
			this.transmit(this.seal(ContentType.applicationData, plain));
		}
	}

	/** Says goodbye once. */
	close(): void {
		if (this.over) {
			return;
		}
		if (this.connected) {
			const alert = Buffer.from([ALERT_WARNING, CLOSE_NOTIFY]);
			this.transmit(this.seal(ContentType.alert, alert));
		}
		this.over = true;
		this.flights.stop();
	}

	/** werift's flights end here: it goes on when the other side answers, and sleeps for nothing. */
	private takeFlight(datagram: Buffer): never {
		const { flight, lastMessage } = this.client.dtls;
		if (!this.connected && !this.over) {
			this.flights.take(flight === FINAL_FLIGHT ? lastMessage : [datagram]);
		}
		throw new Error('the flight was taken');
	}

	private receiveRecord(record: DtlsRecord): void {
		const encrypted = record.epoch > 0;
		// Once connected, whoever forges the sender's address could say anything in clear text.
		if (this.connected && !encrypted) {
			return;
		}
		if (record.contentType === ContentType.alert) {
			this.receiveAlert(encrypted ? this.open(record) : record.fragment);
		} else if (record.contentType === ContentType.applicationData) {
			// Before `connected`, the relay's Finished is still on its way.
			if (this.connected) {
				this.events.data(this.open(record));
			}
		} else if (
			record.contentType === ContentType.handshake ||
			record.contentType === ContentType.changeCipherSpec
		) {
			this.transport.onData(record.bytes, ['0.0.0.0', 0]);
		}
	}

	private receiveAlert(alert: Buffer): void {
		const [level, description] = [alert[0], alert[1]];
		if (level === ALERT_FATAL || description === CLOSE_NOTIFY) {
			const goodbye = description === CLOSE_NOTIFY;
			this.end({
				kind: 'ended',
				reason: goodbye ? 'the relay closed the connection' : `DTLS alert ${description}`,
			});
		}
	}

	private finishHandshake(): void {
		if (this.connected || this.over) {
			return;
		}
		this.flights.stop();
		this.connected = true;
		// Where a message was lost, werift still waits to make its last flight, and would make it a
		// second time, with other keys, when the repetition has long led to a connection.
		(this.client as unknown as Handshake).flight5 = undefined;
		if (this.fingerprint !== undefined && !this.isTrusted(this.fingerprint)) {
			this.end({ kind: 'untrusted', reason: 'the relay has an unknown certificate' });
			return;
		}
		this.keyExchange = undefined;
		this.events.connected();
	}

	private isTrusted(fingerprint: string): boolean {
		const { localRandom, remoteRandom } = this.client.cipher;
		return provesIdentity(
			{
				certificate: this.client.remoteCertificate,
				keyExchange: this.keyExchange,
				clientRandom: localRandom.serialize(),
				serverRandom: remoteRandom.serialize(),
			},
			fingerprint,
		);
	}

	private keepKeyExchange(): void {
		const handle = this.client.onHandleHandshakes;
		this.client.onHandleHandshakes = async (messages) => {
			const message = messages.find(({ msg_type: type }) => type === SERVER_KEY_EXCHANGE);
			this.keyExchange ??= message && Buffer.from(message.fragment);
			await handle(messages);
		};
	}

	private end(end: RelayEnd): void {
		if (!this.over) {
			this.close();
			this.events.ended(end);
		}
	}

	private open({ bytes, fragment, contentType, epoch }: DtlsRecord): Buffer {
		return this.client.cipher.decryptPacket({
			recordLayerHeader: {
				contentType,
				protocolVersion: this.client.dtls.version,
				epoch,
				sequenceNumber: bytes.readUIntBE(5, 6),
				contentLen: fragment.length,
			},
			fragment,
		} as Plaintext);
	}

	private seal(contentType: number, plain: Buffer): Buffer {
		const { dtls, cipher } = this.client;
		dtls.recordSequenceNumber += 1;
		const header = {
			contentType,
			protocolVersion: dtls.version,
			epoch: dtls.epoch,
			sequenceNumber: dtls.recordSequenceNumber,
			contentLen: plain.length,
		};
		const { fragment } = cipher.encryptPacket({
			recordLayerHeader: header,
			fragment: plain,
		} as Plaintext);
		const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + fragment.length);
		record.writeUInt8(contentType, 0);
		record.writeUInt8(dtls.version.major, 1);
		record.writeUInt8(dtls.version.minor, 2);
		record.writeUInt16BE(header.epoch, 3);
		record.writeUIntBE(header.sequenceNumber, 5, 6);
		record.writeUInt16BE(fragment.length, 11);
		record.set(fragment, RECORD_HEADER_BYTES);
		return record;
	}
}
