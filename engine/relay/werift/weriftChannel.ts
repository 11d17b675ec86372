import type {
	Channel,
	ChannelEvents,
	Dial,
	DialTarget,
	IceCredentials,
	RelayEnd,
} from '../channel';
import { classifyDatagram } from '../demux';
import { DtlsLink } from './dtlsLink';
import { IceChecks } from './iceChecks';
import { loadWerift, type LoadedWerift } from './load';
import { SctpLink } from './sctpLink';
import { UdpLink } from './udpLink';

/** UDP, DTLS 1.2 and SCTP by werift's parts, without ICE unless asked for. */
export const dialWerift: Dial = (target, events) => new WeriftChannel(target, events);

class WeriftChannel implements Channel {
	answered = false;
	private over = false;
	private isOpen = false;
	private udp: UdpLink | undefined;
	private dtls: DtlsLink | undefined;
	private sctp: SctpLink | undefined;
	private ice: IceChecks | undefined;
	/** Asked for before there was a socket. */
	private credentials: IceCredentials | undefined;
	private closing: Promise<void> | undefined;

	constructor(
		private readonly target: DialTarget,
		private readonly events: ChannelEvents,
	) {
		loadWerift()
			.then((loaded) => this.connect(loaded))
			.catch((error: unknown) => {
				const reason = error instanceof Error ? error.message : 'unknown';
				this.end({ kind: 'fault', reason: `the channel could not be made: ${reason}` });
			});
	}

	send(message: Uint8Array): void {
		this.sctp?.send(message);
	}

	checkByIce(credentials: IceCredentials): void {
		if (this.answered || this.over || this.ice !== undefined) {
			return;
		}
		const { dtls, udp } = this;
		if (dtls === undefined || udp === undefined) {
			this.credentials = credentials;
			return;
		}
		const { address, clock, port, random } = this.target;
		this.ice = new IceChecks({
			credentials,
			address,
			port,
			clock,
			random,
			transmit: (datagram) => udp.send(datagram),
			answered: () => dtls.retry(),
		});
		this.ice.start();
		dtls.retry();
	}

	close(): Promise<void> {
		this.closing ??= this.release();
		return this.closing;
	}

	private connect(loaded: LoadedWerift): void {
		if (this.over) {
			return;
		}
		const { address, clock, fingerprint, port } = this.target;
		const udp = new UdpLink(address, port, {
			connected: () => this.startHandshake(),
			datagram: (datagram) => this.receive(datagram),
			failed: (code) => this.socketFailed(code),
		});
		const dtls = new DtlsLink(loaded, clock, fingerprint, (datagram) => udp.send(datagram), {
			connected: () => this.sctp?.start(),
			data: (packet) => this.sctp?.receive(packet),
			ended: (end) => this.end(end),
		});
		this.udp = udp;
		this.dtls = dtls;
		this.sctp = new SctpLink(loaded.werift, (packet) => dtls.send(packet), {
			open: () => {
				this.isOpen = true;
				this.events.open();
			},
			message: (message) => this.events.message(message),
			ended: (end) => this.end(end),
		});
	}

	private startHandshake(): void {
		this.dtls?.start();
		if (this.credentials !== undefined) {
			this.checkByIce(this.credentials);
		}
	}

	private receive(datagram: Buffer): void {
		switch (classifyDatagram(datagram)) {
			case 'dtls':
				this.answered = true;
				this.dtls?.receive(datagram);
				return;
			case 'stun':
				this.ice?.receive(datagram);
				return;
			case undefined:
				return;
		}
	}

	/** An open channel outlives a network that is away for a moment, but not a port that closed. */
	private socketFailed(code: string): void {
		if (!this.isOpen || code === 'ECONNREFUSED') {
			this.end({ kind: 'unreachable', reason: code });
		}
	}

	private end(end: RelayEnd): void {
		if (!this.over) {
			void this.close();
			this.events.closed(end);
		}
	}

	private async release(): Promise<void> {
		this.over = true;
		this.ice?.stop();
		await this.sctp?.close();
		this.dtls?.close();
		await this.udp?.close();
	}
}
