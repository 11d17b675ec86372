import { ProtocolAddress, SessionBuilder, SessionCipher, type SessionRecord } from 'libsignal';
import type { BinaryNode, Codecs } from '../codecs';
import { KEY_TYPE } from '../keys';
import type { KeyPair } from '../wire/certificate';
import { parseJid } from '../wire/jid';
import { bytes, child, uint } from '../wire/node';
import { SignalStore } from './signalStore';

/** The parts of a session and of the cipher that libsignal's types leave out. */
interface Session {
	indexInfo: { closed: number; baseKey: Buffer };
}
interface OpenRecord extends SessionRecord {
	getSessions(): Session[];
	getOpenSession(): Session | undefined;
}
interface OpenCipher extends SessionCipher {
	doDecryptWhisperMessage(ciphertext: Buffer, session: Session): Promise<Buffer>;
}

export interface Ciphertext {
	type: 'pkmsg' | 'msg';
	content: Buffer;
}

/**
 * The Signal side of one simulated device. libsignal prints sessions and failed attempts, keys
 * included; the ways that print are gone around here, so that nothing appears on the console.
 */
export class SignalDevice {
	store: SignalStore;
	private work: Promise<unknown> = Promise.resolve();

	constructor(
		private readonly codecs: Codecs,
		private readonly oneTimeKeys: number,
		identity?: KeyPair,
	) {
		this.store = new SignalStore(codecs, oneTimeKeys, identity);
	}

	/** New keys all over, as after installing WhatsApp anew: old sessions of others are broken. */
	reinstall(): void {
		this.store = new SignalStore(this.codecs, this.oneTimeKeys);
	}

	/** Plain text of an `<enc>` from `sender`, without the padding. Throws when it does not decrypt. */
	decrypt(sender: string, type: string, ciphertext: Buffer): Promise<Buffer> {
		return this.inOrder(async () => {
			const address = addressOf(sender);
			const cipher = new SessionCipher(this.store, address) as OpenCipher;
			if (type === 'pkmsg') {
				await this.closeOpenSession(address, ciphertext);
				return unpad(await cipher.decryptPreKeyWhisperMessage(ciphertext));
			}
			if (type !== 'msg') throw new Error(`unknown enc type ${type}`);
			return unpad(await this.decryptWithAny(address, cipher, ciphertext));
		});
	}

	/** Encrypts for a device; without a session the bundle (`<user>` of a prekey answer) makes one. */
	encrypt(recipient: string, plaintext: Buffer, bundle: () => BinaryNode): Promise<Ciphertext> {
		return this.inOrder(async () => {
			const address = addressOf(recipient);
			const record = await this.store.loadSession(address.toString());
			if (!record?.haveOpenSession()) await this.startSession(address, bundle());
			const cipher = new SessionCipher(this.store, address);
			const { type, body } = await cipher.encrypt(pad(plaintext));
			return { type: type === 3 ? 'pkmsg' : 'msg', content: Buffer.from(body, 'binary') };
		});
	}

	private inOrder<T>(task: () => Promise<T>): Promise<T> {
		const result = this.work.then(task);
		this.work = result.catch(() => undefined);
		return result;
	}

	private async decryptWithAny(
		address: ProtocolAddress,
		cipher: OpenCipher,
		ciphertext: Buffer,
	): Promise<Buffer> {
		const attempts = (await this.record(address))?.getSessions().length ?? 0;
		for (let attempt = 0; attempt < attempts; attempt++) {
			// A failed attempt leaves its record half changed: each works on a fresh one.
			const record = await this.record(address);
			const session = record?.getSessions()[attempt];
			if (!record || !session) break;
			try {
				const plaintext = await cipher.doDecryptWhisperMessage(ciphertext, session);
				await this.store.storeSession(address.toString(), record);
				return plaintext;
			} catch {
				continue;
			}
		}
		throw new Error('no session decrypts it');
	}

	/** libsignal prints the session that a new one replaces: it is closed before libsignal sees it. */
	private async closeOpenSession(address: ProtocolAddress, pkmsg: Buffer): Promise<void> {
		const record = await this.record(address);
		const open = record?.getOpenSession();
		if (!record || !open || pkmsg.includes(open.indexInfo.baseKey)) return;
		open.indexInfo.closed = Date.now();
		await this.store.storeSession(address.toString(), record);
	}

	private async record(address: ProtocolAddress): Promise<OpenRecord | undefined> {
		return (await this.store.loadSession(address.toString())) as OpenRecord | undefined;
	}

	private async startSession(address: ProtocolAddress, bundle: BinaryNode): Promise<void> {
		const key = (parent: BinaryNode | undefined) => ({
			keyId: uint(child(parent, 'id')) ?? 0,
			publicKey: Buffer.concat([KEY_TYPE, bytes(child(parent, 'value')) ?? Buffer.alloc(0)]),
		});
		const skey = child(bundle, 'skey');
		const oneTime = child(bundle, 'key');
		const session = {
			registrationId: uint(child(bundle, 'registration')) ?? 0,
			identityKey: Buffer.concat([KEY_TYPE, bytes(child(bundle, 'identity')) ?? Buffer.alloc(0)]),
			signedPreKey: {
				...key(skey),
				signature: bytes(child(skey, 'signature')) ?? Buffer.alloc(0),
			},
			preKey: oneTime && key(oneTime),
		};
		// libsignal takes a bundle without a one-time key; its types do not say so.
		await new SessionBuilder(this.store, address).initOutgoing(
			session as Parameters<SessionBuilder['initOutgoing']>[0],
		);
	}
}

/** The name of a session: one per device and per kind of address. */
function addressOf(jid: string): ProtocolAddress {
	const parsed = parseJid(jid);
	if (!parsed) throw new Error(`no address: ${jid}`);
	return new ProtocolAddress(
		`${parsed.server === 'lid' ? 'lid' : 'pn'}-${parsed.user}`,
		parsed.device,
	);
}

/** Between 1 and 16 bytes that each hold their number (page 02 section 3). */
function pad(plaintext: Buffer): Buffer {
	const length = 1 + Math.floor(Math.random() * 16);
	return Buffer.concat([plaintext, Buffer.alloc(length, length)]);
}

/** Takes the padding off; throws when it is none. */
export function unpad(padded: Buffer): Buffer {
	const length = padded.at(-1) ?? 0;
	const padding = padded.subarray(-length);
	if (length < 1 || length > 16 || padding.some((byte) => byte !== length)) {
		throw new Error('the padding is not 1 to 16 bytes that hold their number');
	}
	return padded.subarray(0, -length);
}
