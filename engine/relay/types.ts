/** A relay as the server names it (protocol page 02, section 5; page 04, section 2). */
export interface RelayEndpoint {
	/** Tells relays apart: several addresses may belong to one. */
	relayId: string;
	relayName: string;
	/** IPv4, dotted. */
	address: string;
	/** UDP port as the server names it. */
	port: number;
	/** A relay inside the network of an internet provider. */
	isFna: boolean;
	/** What the Allocate request presents. */
	token: Uint8Array;
	/** Behind the user name of the ICE check; absent where the relay has none. */
	authToken?: Uint8Array;
	/** Round-trip time that the server measured to this client, in milliseconds. */
	roundTripMs?: number;
}

/** What an acknowledged offer says about media. */
export interface RelayBlock {
	/** ASCII text: the key of STUN's message integrity, and the password of ICE. Not to be decoded. */
	key: string;
	/** Length of the tag of media packets, 1 to 20 bytes. */
	tagBytes: number;
	endpoints: RelayEndpoint[];
}
