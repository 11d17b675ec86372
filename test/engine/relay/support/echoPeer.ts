import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { DtlsServer, RTCDtlsTransport, RTCSctpTransport } from 'werift';
import { classifyDatagram } from '../../../../engine/relay/demux';
import { build, buildIceAnswer, StunType } from '../../../../engine/relay/stun';
import { findAttribute, parseStun } from '../../../../engine/relay/stunParser';

type Werift = typeof import('werift');

interface Session {
	proven: boolean;
	dtls: DtlsServer;
	transport: DtlsServer['options']['transport'];
	sctp: RTCSctpTransport;
}

type Plaintext = Parameters<DtlsServer['cipher']['encryptPacket']>[0];

/** What werift types as private. */
interface Inner {
	localTsn: number;
	lastSackedTsn: number;
	maybeAbandon(chunk: { abandoned: boolean }): boolean;
}

export interface EchoPeerOptions {
	/** Deaf until a connectivity check with this user name comes. */
	iceUsername?: string;
	/** Grants every Allocate request. */
	grants?: boolean;
	/** Never answers. */
	silent?: boolean;
}

/** A small relay on loopback: DTLS, SCTP, and every message of stream 0 comes back. */
export class EchoPeer {
	readonly messages: Buffer[] = [];
	readonly sessions = new Map<string, Session>();
	checks = 0;
	private socket: Socket = createSocket('udp4');

	private constructor(
		private readonly werift: Werift,
		private readonly certificate: Awaited<
			ReturnType<Werift['RTCDtlsTransport']['SetupCertificate']>
		>,
		private readonly options: EchoPeerOptions,
	) {}

	static async start(options: EchoPeerOptions = {}): Promise<EchoPeer> {
		const werift = await import('werift');
		const certificate = await werift.RTCDtlsTransport.SetupCertificate();
		const peer = new EchoPeer(werift, certificate, options);
		peer.socket.on('message', (datagram, from) => peer.receive(datagram, from));
		peer.socket.on('error', () => undefined);
		peer.socket.bind(0, '127.0.0.1');
		await once(peer.socket, 'listening');
		return peer;
	}

	get port(): number {
		return this.socket.address().port;
	}

	/** As `AA:BB:…`. */
	get fingerprint(): string {
		return this.certificate.getFingerprints()[0]?.value ?? '';
	}

	/** Sends one raw datagram to everybody who is known. */
	sendRaw(datagram: Buffer): void {
		for (const name of this.sessions.keys()) {
			const [address, port] = name.split(' ');
			this.socket.send(datagram, Number(port), address);
		}
	}

	/** Puts bytes where SCTP packets belong. */
	async say(packet: Buffer): Promise<void> {
		await Promise.all([...this.sessions.values()].map(({ dtls }) => dtls.send(packet)));
	}

	/** `kind` as SCTP's payload protocol identifier. */
	async sayMessage(stream: number, kind: number, message: Buffer): Promise<void> {
		for (const { sctp } of this.sessions.values()) {
			await sctp.sctp.send(stream, kind, message, { ordered: false });
		}
	}

	/** Ends all associations, as a relay that has enough. */
	async hangUp(): Promise<void> {
		await Promise.all([...this.sessions.values()].map(({ sctp }) => sctp.stop()));
	}

	/** Sends DTLS's close_notify and nothing else. */
	sayGoodbye(): Promise<void> {
		for (const { dtls, transport } of this.sessions.values()) {
			const header = {
				contentType: 21,
				protocolVersion: dtls.dtls.version,
				epoch: dtls.dtls.epoch,
				sequenceNumber: (dtls.dtls.recordSequenceNumber += 1),
			};
			const plain = { recordLayerHeader: header, fragment: Buffer.from([1, 0]) };
			const { fragment } = dtls.cipher.encryptPacket(plain as unknown as Plaintext);
			const start = Buffer.from('15fefd00010000000000000000', 'hex');
			start.writeUIntBE(header.sequenceNumber, 5, 6);
			start.writeUInt16BE(fragment.length, 11);
			void transport.send(Buffer.concat([start, fragment]));
		}
		return Promise.resolve();
	}

	/** As if one message had been lost and given up in silence. */
	skipOne(): void {
		for (const { sctp } of this.sessions.values()) {
			innerOf(sctp).localTsn += 1;
		}
	}

	/** Messages that the other side has not acknowledged without a gap. */
	get unacknowledged(): number {
		const inner = [...this.sessions.values()].map(({ sctp }) => innerOf(sctp));
		return Math.max(...inner.map(({ localTsn, lastSackedTsn }) => localTsn - 1 - lastSackedTsn));
	}

	async close(): Promise<void> {
		await this.hangUp();
		await new Promise<void>((resolve) => this.socket.close(() => resolve()));
	}

	private receive(datagram: Buffer, from: RemoteInfo): void {
		const { iceUsername, silent = false } = this.options;
		if (silent) {
			return;
		}
		const session = this.sessionOf(from);
		if (classifyDatagram(datagram) === 'dtls') {
			if (iceUsername === undefined || session.proven) {
				session.transport.onData(datagram, [from.address, from.port]);
			}
			return;
		}
		const check = parseStun(datagram);
		const username = check && findAttribute(check, 0x0006)?.toString();
		if (check?.type === StunType.bindingRequest && username?.split(':')[0] === iceUsername) {
			this.checks += 1;
			session.proven = true;
			const answer = buildIceAnswer(check.transactionId, from.address, from.port, 'key');
			this.socket.send(answer, from.port, from.address);
		}
	}

	private answerTo(message: Buffer): Buffer {
		const request = parseStun(message);
		return this.options.grants === true && request?.type === StunType.allocate
			? build(StunType.allocateSuccess, request.transactionId, {})
			: message;
	}

	private sessionOf({ address, port }: RemoteInfo): Session {
		const name = `${address} ${port}`;
		const session = this.sessions.get(name) ?? this.newSession(address, port);
		this.sessions.set(name, session);
		return session;
	}

	private newSession(address: string, port: number): Session {
		const { certificate, werift } = this;
		const transport: Session['transport'] = {
			type: 'udp',
			address: { address, family: 'IPv4', port },
			closed: false,
			onData: () => undefined,
			send: (datagram) => {
				try {
					this.socket.send(datagram, port, address);
				} catch {
					// Closed meanwhile.
				}
				return Promise.resolve();
			},
			close: () => Promise.resolve(),
		};
		const dtls = new werift.DtlsServer({
			transport,
			cert: certificate.certPem,
			key: certificate.privateKey,
			signatureHash: certificate.signatureHash,
			extendedMasterSecret: true,
		});
		const sctp = new werift.RTCSctpTransport(5000, 65_536);
		const below = {
			id: 'peer',
			iceTransport: { role: 'controlled' },
			onStateChange: new werift.Event<[string]>(),
			dataReceiver: ignore,
			sendData: (packet: Buffer) => dtls.send(packet),
		};
		sctp.setDtlsTransport(below as unknown as RTCDtlsTransport);
		innerOf(sctp).maybeAbandon = (chunk) => (chunk.abandoned = true);
		sctp.sctp.onReceive.allUnsubscribe();
		sctp.sctp.onReceive.subscribe((_stream, _kind, message) => {
			this.messages.push(message);
			const answer = this.answerTo(message);
			void sctp.sctp.send(0, 53, answer, { maxRetransmits: 0, ordered: false });
		});
		dtls.onData.subscribe((packet) => below.dataReceiver(packet));
		sctp.start(5000).catch(() => undefined);
		return { proven: false, dtls, transport, sctp };
	}
}

function ignore(packet: Buffer): void {
	void packet;
}

function innerOf({ sctp }: RTCSctpTransport): Inner {
	return sctp as unknown as Inner;
}
