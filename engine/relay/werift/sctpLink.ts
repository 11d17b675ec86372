import type { RTCDtlsTransport, RTCSctpTransport } from 'werift';
import type { RelayEnd } from '../channel';
import { classifyMessage } from '../demux';
import type { Werift } from './load';

const SCTP_PORT = 5000;
const LARGEST_MESSAGE_BYTES = 65_536;
/** What werift sends in one piece: a message of several pieces cannot be given up as one. */
const LARGEST_SENT_BYTES = 1200;
const STREAM = 0;
const PPID_TEXT = 51;
const PPID_BINARY = 53;
const QUEUE_LIMIT = 256;
/** RFC 9260, section 16: werift has the 3 s of its predecessor, too long for a lost INIT. */
const INITIAL_RTO_SECONDS = 1;
/** RFC 9260, section 7.2.1: speech needs less than this, and must not wait for acknowledgements. */
const SMALLEST_WINDOW_BYTES = 4380;
/** A relay that never says that it gave a message up would make every packet dearer than the last. */
const LONGEST_GAP = 128;
const ESTABLISHED = 4;
const UNRELIABLE = { expiry: undefined, maxRetransmits: 0, ordered: false };
const DONE = Promise.resolve();

type Sctp = RTCSctpTransport['sctp'];

interface DataChunk {
	abandoned: boolean;
	retransmit: boolean;
	sentCount: number;
	maxRetransmits?: number;
}

/** What werift keeps to itself, or types as private. */
interface Association {
	cwnd: number;
	rto: number;
	transmitting: boolean;
	sackMisOrdered: Set<number>;
	sackDuplicates: number[];
	sackPacketCount: number;
	sackImmediate: boolean;
	scheduleSack(): Promise<void>;
	maybeAbandon(chunk: DataChunk): boolean;
	handleData(packet: Buffer): Promise<void>;
}

export interface SctpLinkEvents {
	open(): void;
	message(message: Buffer): void;
	/** Once. */
	ended(end: RelayEnd): void;
}

/**
 * Stream 0 of an SCTP association that we begin: unordered, without repetition, and without the
 * opening of a data channel, since both sides know it (protocol page 04, section 3).
 */
export class SctpLink {
	private readonly transport: RTCSctpTransport;
	private readonly sctp: Sctp;
	private readonly association: Association;
	private isOpen = false;
	private over = false;
	private readonly afterPacket = (): void => {
		// werift answers a SHUTDOWN and tells nobody.
		if (this.isOpen && (this.sctp.associationState as number) !== ESTABLISHED) {
			this.end('the relay shut the channel');
		} else if (this.association.sackMisOrdered.size > LONGEST_GAP) {
			this.skipGaps();
		}
	};

	constructor(
		werift: Werift,
		transmit: (packet: Buffer) => void,
		private readonly events: SctpLinkEvents,
	) {
		this.transport = new werift.RTCSctpTransport(SCTP_PORT, LARGEST_MESSAGE_BYTES);
		const dtls = {
			id: 'dtls',
			// Makes us the one who begins.
			iceTransport: { role: 'controlling' },
			onStateChange: new werift.Event<[string]>(),
			dataReceiver: () => undefined,
			sendData: (packet: Buffer) => {
				transmit(packet);
				return DONE;
			},
		};
		this.transport.setDtlsTransport(dtls as unknown as RTCDtlsTransport);
		this.sctp = this.transport.sctp;
		this.association = this.sctp as unknown as Association;
		correct(this.association);
		// werift's own receiver rejects, unheard, on kinds of messages that it does not know.
		this.sctp.onReceive.allUnsubscribe();
		this.sctp.onReceive.subscribe((stream, kind, message) => {
			if (!this.over && stream === STREAM && (kind === PPID_BINARY || kind === PPID_TEXT)) {
				this.events.message(message);
			}
		});
		this.sctp.stateChanged.connected.subscribe(() => this.opened());
		this.sctp.stateChanged.closed.subscribe(() => this.end('the relay aborted the channel'));
		this.sctp.onReconfigStreams.subscribe((streams) => {
			if (streams.includes(STREAM)) {
				this.end('the relay reset the channel');
			}
		});
	}

	start(): void {
		this.transport.start(SCTP_PORT).catch(() => undefined);
	}

	receive(packet: Buffer): void {
		if (!this.over) {
			// Not by werift's own way in: that one hears no rejection.
			this.association.handleData(packet).then(this.afterPacket, this.afterPacket);
		}
	}

	send(message: Uint8Array): void {
		if (!this.isOpen || this.over || message.length > LARGEST_SENT_BYTES) {
			return;
		}
		const waiting = this.sctp.outboundQueue.length;
		if (waiting >= QUEUE_LIMIT && classifyMessage(message) !== 'stun') {
			return;
		}
		// What leaves at once is encrypted before we return; what waits must not change meanwhile.
		const bytes =
			waiting > 0 || this.association.transmitting
				? Buffer.from(message)
				: Buffer.from(message.buffer, message.byteOffset, message.length);
		this.sctp.send(STREAM, PPID_BINARY, bytes, UNRELIABLE).catch(() => undefined);
	}

	/** Aborts the association and stops werift's timers. Never rejects. */
	async close(): Promise<void> {
		this.over = true;
		await this.transport.stop().catch(() => undefined);
	}

	private opened(): void {
		if (!this.over && !this.isOpen) {
			this.isOpen = true;
			this.events.open();
		}
	}

	private end(reason: string): void {
		if (!this.over) {
			this.over = true;
			this.events.ended({ kind: 'ended', reason });
		}
	}

	/** As if the relay had said that it gave up what is missing (RFC 3758). */
	private skipGaps(): void {
		const tsns = [...this.association.sackMisOrdered];
		const newest = tsns.reduce((best, tsn) => (((tsn - best) | 0) > 0 ? tsn : best));
		const chunk = { cumulativeTsn: newest, streams: [] };
		this.sctp.receiveForwardTsnChunk(
			chunk as unknown as Parameters<Sctp['receiveForwardTsnChunk']>[0],
		);
	}
}

function correct(association: Association): void {
	association.rto = INITIAL_RTO_SECONDS;
	// werift takes 0 retransmissions for any number of them, and gives up the wrong message.
	association.maybeAbandon = (chunk) => {
		if (chunk.abandoned) {
			return true;
		}
		if (chunk.maxRetransmits === undefined || chunk.sentCount <= chunk.maxRetransmits) {
			return false;
		}
		chunk.abandoned = true;
		chunk.retransmit = false;
		return true;
	};
	// werift acknowledges every packet; every second will do (RFC 9260, section 6.2).
	const scheduleSack = association.scheduleSack.bind(association);
	association.scheduleSack = () => {
		const { sackDuplicates, sackMisOrdered, sackPacketCount } = association;
		if (sackPacketCount < 2 && sackMisOrdered.size === 0 && sackDuplicates.length === 0) {
			association.sackImmediate = false;
		}
		return scheduleSack();
	};
	let cwnd = association.cwnd;
	Object.defineProperty(association, 'cwnd', {
		get: () => Math.max(cwnd, SMALLEST_WINDOW_BYTES),
		set: (bytes: number) => {
			cwnd = bytes;
		},
	});
}
