import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { DtlsServer } from 'werift';
import type { RelayCertificate } from '../simulator/relay/certificate';
import { RelayClient, type ClientHost, type RelayGrant } from '../simulator/relay/client';
import { GOOD_CONDITIONS } from '../simulator/relay/conditions';
import { DEFAULT_SETTINGS } from '../simulator/settings';
import { RecordLayer } from './mediaRecords';
import { Association } from './mediaSctp';

const APPLICATION_DATA = 23;
const TICK_MS = 200;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Of werift: no flight is left to be repeated. */
const FLIGHT_OVER = 100;

const { relayAllocationSeconds, relayBindingSeconds, relayPatienceSeconds } = DEFAULT_SETTINGS;

/**
 * A relay for many calls at once: as strict as the simulator's, whose clients it has, on a channel
 * that costs as little as it can. werift makes the handshake alone.
 */
export class BenchRelay implements ClientHost {
	readonly name = 'bench';
	readonly conditions = GOOD_CONDITIONS;
	readonly limits = {
		allocationMs: relayAllocationSeconds * 1000,
		bindingMs: relayBindingSeconds * 1000,
		patienceMs: relayPatienceSeconds * 1000,
	};
	private readonly grants = new Map<string, RelayGrant>();
	private readonly connections = new Map<string, Connection>();
	private readonly socket: Socket = createSocket('udp4');

	/** @param complain is told what clients do wrong */
	constructor(
		private readonly certificate: RelayCertificate,
		readonly complain: (detail: string) => void,
	) {}

	async listen(host: string, port: number): Promise<void> {
		this.socket.bind(port, host);
		await once(this.socket, 'listening');
		this.socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
		this.socket.on('message', (datagram, from) => this.receive(datagram, from));
		setInterval(() => {
			const nowMs = performance.now();
			this.connections.forEach(({ client }) => client.tick(nowMs));
		}, TICK_MS);
	}

	grant(token: Buffer, grant: RelayGrant): void {
		this.grants.set(token.toString('hex'), grant);
	}

	findGrant(token: Buffer): RelayGrant | undefined {
		return this.grants.get(token.toString('hex'));
	}

	private receive(datagram: Buffer, { address, port }: RemoteInfo): void {
		const name = `${address} ${port}`;
		let connection = this.connections.get(name);
		if (connection === undefined) {
			const send = (bytes: Buffer): void => this.socket.send(bytes, port, address);
			connection = new Connection(this, this.certificate, send, () => {
				this.connections.delete(name);
			});
			this.connections.set(name, connection);
		}
		connection.receive(datagram);
	}
}

class Connection {
	readonly client: RelayClient;
	private readonly dtls: DtlsServer;
	private readonly transport: { onData: (datagram: Buffer) => void };
	private readonly association: Association;
	private records: RecordLayer | undefined;

	constructor(
		host: ClientHost,
		{ certPem, keyPem, signatureHash }: RelayCertificate,
		private readonly transmit: (datagram: Buffer) => void,
		end: () => void,
	) {
		const transport = {
			onData: () => undefined,
			send: (datagram: Buffer) => Promise.resolve(transmit(datagram)),
		};
		this.transport = transport;
		this.dtls = new DtlsServer({
			transport: transport as never,
			cert: certPem,
			key: keyPem,
			signatureHash: signatureHash as never,
			extendedMasterSecret: true,
		});
		this.dtls.onConnect.subscribe(() => this.connected());
		this.association = new Association({
			transmit: (packet) => this.records && transmit(this.records.seal(packet)),
			message: (message) => this.client.take(message),
			ended: end,
		});
		this.client = new RelayClient(host, (message) => this.association.send(message), end);
	}

	receive(datagram: Buffer): void {
		if (datagram[0] !== APPLICATION_DATA) {
			this.transport.onData(datagram);
		} else if (this.records !== undefined) {
			this.association.receive(this.records.open(datagram));
		}
	}

	private connected(): void {
		const { cipher, dtls } = this.dtls;
		const { clientNonce, clientWriteKey, serverNonce, serverWriteKey } = cipher.cipher;
		if (!clientNonce || !clientWriteKey || !serverNonce || !serverWriteKey) {
			throw new Error('The handshake left no keys');
		}
		dtls.flight = FLIGHT_OVER;
		this.records = new RecordLayer(
			{ key: serverWriteKey, nonce: serverNonce },
			{ key: clientWriteKey, nonce: clientNonce },
			dtls.recordSequenceNumber,
		);
	}
}
