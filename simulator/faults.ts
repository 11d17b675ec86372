/** Something a client did that WhatsApp would not expect of it. */
export interface Fault {
	/** ISO 8601, UTC. */
	at: string;
	/** Stable name, for tests to match on. */
	kind: FaultKind;
	/** What exactly, for a person to read. Holds no key and no message content. */
	detail: string;
}

export type FaultKind =
	| 'handshake'
	| 'login'
	| 'pairing'
	| 'unexpected-stanza'
	| 'unexpected-iq'
	| 'pre-keys'
	| 'message'
	| 'ack'
	| 'offer'
	| 'call'
	| 'decryption'
	/** What a client does at a relay. */
	| 'relay'
	/** What a phone hears of a client. */
	| 'media'
	/** What a client does at the media host. */
	| 'upload'
	/** What is wrong with a voice note. */
	| 'voice'
	| 'simulator';

/** Every fault of a network, in order. A test that ends with faults has failed. */
export class FaultLog {
	readonly list: Fault[] = [];

	add(kind: FaultKind, detail: string): void {
		this.list.push({ at: new Date().toISOString(), kind, detail });
	}

	/** The faults so far, which are forgotten: for a test that provokes them. */
	take(): Fault[] {
		return this.list.splice(0);
	}
}
