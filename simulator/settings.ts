/** What a test may change about a network; every field has a default. */
export interface Settings {
	/** Milliseconds of one second of the scripts, of QR codes and of rings: 20 makes tests fast. */
	secondMs: number;
	/** Seconds that the first QR code is good for (page 09: about 60). */
	firstQrSeconds: number;
	/** Seconds that each further QR code is good for (page 09: 20). */
	nextQrSeconds: number;
	/** How many QR codes one connection gets. */
	qrCodes: number;
	/** Seconds after which a ringing phone gives up by itself (page 01: about 45). */
	ringLimitSeconds: number;
	/** One-time keys that each device of a phone offers. */
	oneTimeKeys: number;
	/** One-time keys left at which a client is told to upload more (Baileys does below 5). */
	fewOneTimeKeys: number;
	/**
	 * Whom a terminate to the bare LID reaches: 'primary' is the strict reading, in which every other
	 * ringing device has to be told (page 07, question 6).
	 */
	bareTerminate: 'primary' | 'all';
	/** How a stanza names its sending device: in `from`, or in `participant` beside the bare LID (Q14). */
	senderIn: 'from' | 'participant';
	/** Addresses in the relay block of an offer's ack; IPv4. */
	relays: { host: string; port: number }[];
	/** Media host that `media_conn` names. */
	mediaHost?: string;
}

export const DEFAULT_SETTINGS: Settings = {
	secondMs: 1000,
	firstQrSeconds: 60,
	nextQrSeconds: 20,
	qrCodes: 6,
	ringLimitSeconds: 45,
	oneTimeKeys: 20,
	fewOneTimeKeys: 5,
	bareTerminate: 'primary',
	senderIn: 'from',
	relays: [{ host: '127.0.0.1', port: 3478 }],
};
