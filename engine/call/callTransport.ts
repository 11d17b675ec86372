import type { BinaryNode } from './stanzas/binaryNode';

/** What WhatsApp says about a telephone number. */
export interface NumberAnswer {
	exists: boolean;
	/** The address under which WhatsApp knows it; its digits may differ from those asked for. */
	jid?: string;
}

export interface EncryptedKeys {
	/** `<to jid><enc/></to>`, for the devices whose encryption succeeded. */
	nodes: BinaryNode[];
}

/**
 * What a call needs of a linked device, and no more. Everything rejects when the connection is gone.
 */
export interface CallTransport {
	/** Whether something can be sent at this moment. */
	readonly isOpen: boolean;
	/** Our own device's hidden id, `user:N@lid`; undefined where the account has none. */
	readonly ownLid: string | undefined;
	/** Asks whether a number is on WhatsApp. Digits only. */
	lookUpNumber(number: string): Promise<NumberAnswer>;
	/** The hidden id that belongs to a telephone address, as far as this device knows it. */
	lidOf(phoneJid: string): Promise<string | undefined>;
	/** The devices of an account; `fresh`: asked of the server, not from a memory of minutes. */
	devicesOf(jid: string, fresh: boolean): Promise<string[]>;
	/** Makes sure that there is a Signal session with each device; `fresh`: with new ones. */
	ensureSessions(devices: readonly string[], fresh: boolean): Promise<void>;
	/** Wraps the key of a call for each device. Devices that fail are left out; none left: rejects. */
	encryptCallKey(devices: readonly string[], callKey: Uint8Array): Promise<EncryptedKeys>;
	/** Our signed device identity, for offers that open a session. */
	deviceIdentity(): Uint8Array;
	/** The token by which a contact lets us reach them, unless there is none or it is too old. */
	tokenOf(lid: string): Promise<Uint8Array | undefined>;
	/**
	 * Gives a contact our token, at most once a week unless `always`.
	 *
	 * @returns whether it was given now
	 */
	issueToken(lid: string, always: boolean): Promise<boolean>;
	/** Resolves when the stanza was handed to the connection. */
	send(node: BinaryNode): Promise<void>;
	/** Tells of every `call`, `receipt` and `ack` of class `call`. Returns how to stop that. */
	onStanza(listener: (node: unknown) => void): () => void;
	/** Tells once when the connection is gone. Returns how to stop that. */
	onClosed(listener: () => void): () => void;
}
