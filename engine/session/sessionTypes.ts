import type { CallError } from '../../common/errors';
import type { Clock } from '../../common/clock';
import type { AuthenticationState, BaileysEventMap, StoreCodec } from './baileysTypes';

/** Where messages go. Never given a key, a token or a QR text. */
export interface SessionLogger {
	debug(message: string, details?: Record<string, unknown>): void;
	info(message: string, details?: Record<string, unknown>): void;
	warn(message: string, details?: Record<string, unknown>): void;
}

type SessionEvent = 'connection.update' | 'creds.update';

/** What this room uses of a socket of Baileys. Whoever places calls uses the rest. */
export interface SessionSocket {
	ev: {
		on<E extends SessionEvent>(event: E, listener: (data: BaileysEventMap[E]) => void): void;
	};
	end(error: Error | undefined): Promise<void> | void;
	logout(): Promise<void>;
	requestPairingCode(number: string): Promise<string>;
}

/** Opens sockets; `baileysPort` is the real one. */
export interface SocketPort<S extends SessionSocket> {
	/** Loads what the store needs. Called before the first socket. */
	codec(): Promise<StoreCodec>;
	/** Makes a socket that connects at once. */
	makeSocket(auth: AuthenticationState): S | Promise<S>;
}

export interface SessionOptions<S extends SessionSocket> {
	/** Folder that holds all sessions. */
	data: string;
	name: string;
	passphrase?: string;
	port: SocketPort<S>;
	/** How long a connection stays open after its last use, in milliseconds; one minute by default. */
	keepWarmMs?: number;
	clock?: Clock;
	logger?: SessionLogger;
	/** From 0 to 1, for the jitter of the back-off. */
	random?: () => number;
}

export interface Identity {
	/** The account's number, digits only. */
	number: string;
	/** The account's hidden id, `…@lid`, when it is known. */
	lid?: string;
}

export type SessionState =
	| 'unlinked'
	| 'linking'
	/** Linked; the connection is opened by the next use. */
	| 'linked'
	| 'connecting'
	| 'connected'
	| 'loggedOut'
	| 'restricted';

export interface LastError {
	code: CallError['code'];
	message: string;
	/** ISO 8601, UTC. */
	at: string;
}

export interface SessionStatus extends Partial<Identity> {
	state: SessionState;
	lastError?: LastError;
}

/** What to show to whoever holds the phone. */
export type LinkOffer =
	/** `qr` is the text of the QR code. */
	| { method: 'qr'; qr: string; expiresAt: number }
	/** `code` has eight characters, to be typed on the phone. */
	| { method: 'code'; code: string; phone: string; expiresAt: number };

export type LinkStep = ({ state: 'linking' } & LinkOffer) | ({ state: 'linked' } & Identity);
