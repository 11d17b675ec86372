import type { BinaryNode } from './codecs';
import type { PublishedKeys } from './keys';
import { lidJid, parseJid, phoneJid } from './wire/jid';

/** One device of an account, simulated or a real client. */
export interface NetworkDevice {
	readonly account: Account;
	/** 0 is the primary phone. */
	readonly id: number;
	/** The number of its key in the account's device list; 0 for the primary. */
	readonly keyIndex: number;
	readonly keys: PublishedKeys;
	/** Hands a stanza over, at once or when the device is back. */
	deliver(stanza: BinaryNode): void;
	/** Whether it decrypts this call key; true for a device of which the network cannot know. */
	opens?(call: IncomingKey): Promise<boolean>;
}

/** A call key on its way to one device. */
export interface IncomingKey {
	callId: string;
	/** Hidden address of the calling device. */
	from: string;
	enc: BinaryNode;
}

/** A WhatsApp account: a number, its hidden id, and its devices. */
export class Account {
	readonly devices = new Map<number, NetworkDevice>();
	/** False for a number that nobody registered. */
	registered = true;
	/** Public identity key of the primary phone: it vouches for the companions. */
	identity: Buffer = Buffer.alloc(0);
	/** What the account lets in; set by the phone that owns it. */
	rules: () => AccountRules = () => ({ blocks: [], requiresToken: false });
	private lastKeyIndex = 0;
	private highestId = 0;

	/**
	 * @param number digits, as WhatsApp writes it in the JID
	 * @param lid digits of the hidden id
	 * @param aliases other ways to dial it: Brazil's ninth digit, Mexico's 1 after 52
	 */
	constructor(
		readonly number: string,
		readonly lid: string,
		readonly aliases: readonly string[],
	) {}

	/** The hidden address of a device. */
	lidOf(device: number): string {
		return lidJid(this.lid, device);
	}

	/** The address of a device by phone number. */
	phoneJidOf(device: number): string {
		return phoneJid(this.number, device);
	}

	/** Adds a device that is there from the beginning. */
	adopt(device: NetworkDevice): void {
		this.devices.set(device.id, device);
		this.highestId = Math.max(this.highestId, device.id);
		this.lastKeyIndex = Math.max(this.lastKeyIndex, device.keyIndex);
	}

	/** Numbers for a device to be linked; they are never used twice, as on WhatsApp. */
	nextDevice(): { id: number; keyIndex: number } {
		return { id: ++this.highestId, keyIndex: ++this.lastKeyIndex };
	}
}

/** Whose calls an account lets in. */
export interface AccountRules {
	/** Numbers that it blocked. */
	blocks: readonly string[];
	/** The error code with which the server refuses offers to it. */
	refuseOffer?: number;
	/** The error code with which the server refuses messages to it. */
	refuseMessage?: number;
	/** Whether an offer needs the account's trusted-contact token. */
	requiresToken: boolean;
}

/** Every account of a network, by number, alias and hidden id. */
export class Directory {
	private readonly byNumber = new Map<string, Account>();
	private readonly byLid = new Map<string, Account>();
	private next = 1;

	/** Registers a number; its hidden id is made up and tells nothing about it. */
	register(number: string, aliases: readonly string[]): Account {
		for (const dialled of [number, ...aliases]) {
			if (this.byNumber.has(dialled)) throw new Error(`${dialled} is registered already`);
		}
		const lid = String(100_000_000_000_000 + this.next++ * 7_919_771_113);
		const account = new Account(number, lid, aliases);
		for (const dialled of [number, ...aliases]) this.byNumber.set(dialled, account);
		this.byLid.set(lid, account);
		return account;
	}

	/** The account behind digits as dialled, with or without the plus sign. */
	dial(number: string): Account | undefined {
		const account = this.byNumber.get(number.replace(/^\+/, ''));
		return account?.registered ? account : undefined;
	}

	/** The account of an address by number or by hidden id, whichever device it names. */
	account(address: string | undefined): Account | undefined {
		const jid = parseJid(address);
		const found = jid?.server === 'lid' ? this.byLid.get(jid.user) : undefined;
		const account =
			jid?.server === 's.whatsapp.net' && this.byNumber.get(jid.user)?.number === jid.user
				? this.byNumber.get(jid.user)
				: found;
		return account?.registered ? account : undefined;
	}

	/** The device of an address; undefined when the account or the device does not exist. */
	device(address: string | undefined): NetworkDevice | undefined {
		return this.account(address)?.devices.get(parseJid(address)?.device ?? 0);
	}
}
