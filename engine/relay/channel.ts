import type { MediaClock, RandomBytes } from './mediaClock';

/**
 * Why a channel, or the relay behind it, is of no more use. `unreachable`: nobody answered, or the
 * network said no. `refused`: the relay does not serve us. `untrusted`: it is not who it should be.
 * `ended`: it hung up. `fault`: our own side could not go on.
 */
export interface RelayEnd {
	kind: 'ended' | 'fault' | 'refused' | 'unreachable' | 'untrusted';
	reason: string;
}

/** None may throw. Nothing is told after `closed`, nor after the channel was closed by us. */
export interface ChannelEvents {
	open(): void;
	/** One message; the bytes are the receiver's. */
	message(message: Buffer): void;
	/** Once: it never opened, or the other side ended it. */
	closed(end: RelayEnd): void;
}

/** Who we are to ICE (protocol page 04, section 4). */
export interface IceCredentials {
	remoteUfrag: string;
	/** Of the remote side, as text. */
	password: string;
}

/** Messages to and from one UDP port of a relay: unordered, none is sent twice. */
export interface Channel {
	/** The other side has answered at all. */
	readonly answered: boolean;
	/**
	 * Sends one message of at most 1200 bytes; the caller may reuse the bytes afterwards. Before
	 * `open` and after the end it is ignored; when the line is full, RTP and RTCP are dropped.
	 */
	send(message: Uint8Array): void;
	/** From now on, proves itself by connectivity checks; without effect once answered. */
	checkByIce(credentials: IceCredentials): void;
	/** Says goodbye and releases everything. Twice is fine; never rejects. */
	close(): Promise<void>;
}

export interface DialTarget {
	/** IPv4, dotted. */
	address: string;
	port: number;
	/** sha-256 of the certificate (`AA:BB:…`); any is accepted when absent. */
	fingerprint?: string;
	clock: MediaClock;
	random: RandomBytes;
}

/** Begins to connect. No event comes before it has returned; it never throws. */
export type Dial = (target: DialTarget, events: ChannelEvents) => Channel;
