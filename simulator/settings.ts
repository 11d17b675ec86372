import type { RelayConditions } from './relay/conditions';

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
	/** How many relays there are, 0 to 4; fixed when the network starts. */
	relays: number;
	/** The port that te2 names; each relay also listens on 3480. 0 takes a free one. Fixed at the start. */
	relayPort: number;
	/** What relays start with that do not work well; later changes go to `network.relays`. */
	relayConditions: Partial<RelayConditions>;
	/**
	 * What an offer's ack says of the relays: everything, nothing, no tokens, IPv6 addresses only; or
	 * nothing, and everything in a later stanza of this name (page 02 section 5).
	 */
	relayBlock: 'full' | 'none' | 'noTokens' | 'ipv6' | 'relaylatency' | 'transport';
	/** Script seconds that the ack of an offer takes: phones may be faster. */
	ackSeconds: number;
	/** Script seconds after the ack that the later stanza takes. */
	lateRelaySeconds: number;
	/** Real seconds that an allocation lives after an Allocate or a ping (page 04: about 4). */
	relayAllocationSeconds: number;
	/** Real seconds between a relay's Binding Requests, and those after which an unanswered client is dropped. */
	relayBindingSeconds: number;
	relayPatienceSeconds: number;
	/** Length of the tag of audio packets, 1 to 20 (`warp_mi_tag_len`). */
	warpTagBytes: number;
	/** Whether a phone speaks over every relay, or only over the first that brings it something. */
	phoneSpeaksOver: 'all' | 'first';
	/** Whether phones keep what they hear, or only check and count it: for many calls at once. */
	hearing: 'decode' | 'count';
	/** What becomes of messages of clients: they are taken, swallowed without a word, or the line breaks. */
	onMessage: 'take' | 'ignore' | 'cut';
	/** Media host that `media_conn` names; the network's own when absent. */
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
	relays: 2,
	relayPort: 3478,
	relayConditions: {},
	relayBlock: 'full',
	ackSeconds: 0,
	lateRelaySeconds: 1,
	relayAllocationSeconds: 4,
	relayBindingSeconds: 1,
	relayPatienceSeconds: 4,
	warpTagBytes: 4,
	phoneSpeaksOver: 'all',
	hearing: 'decode',
	onMessage: 'take',
};
