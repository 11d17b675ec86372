import { SessionRecord, type SignalStorage } from 'libsignal';
import type { Codecs } from '../codecs';
import { KEY_TYPE, PublishedKeys } from '../keys';
import type { KeyPair } from '../wire/certificate';

const SIGNED_KEY_ID = 1;

interface SignalPair {
	privKey: Buffer;
	pubKey: Buffer;
}

/** The private keys and the sessions of one simulated device, in memory. */
export class SignalStore implements SignalStorage {
	readonly identity: KeyPair;
	readonly registrationId: number;
	readonly published: PublishedKeys;
	private readonly signedKey: KeyPair;
	private readonly oneTime = new Map<number, KeyPair>();
	private readonly sessions = new Map<string, string>();
	private nextOneTime = 1;

	constructor(
		private readonly codecs: Codecs,
		oneTimeKeys: number,
		identity?: KeyPair,
	) {
		this.identity = identity ?? codecs.Curve.generateKeyPair();
		this.registrationId = codecs.generateRegistrationId() + 1;
		const signed = codecs.signedKeyPair(
			{ private: this.identity.private, public: this.identity.public },
			SIGNED_KEY_ID,
		);
		this.signedKey = signed.keyPair;
		this.published = new PublishedKeys(this.registrationId, Buffer.from(this.identity.public), {
			id: SIGNED_KEY_ID,
			value: Buffer.from(signed.keyPair.public),
			signature: Buffer.from(signed.signature),
		});
		this.publishOneTimeKeys(oneTimeKeys);
	}

	/** Makes one-time keys and gives their public halves to the server. */
	publishOneTimeKeys(count: number): void {
		for (let made = 0; made < count; made++) {
			const pair = this.codecs.Curve.generateKeyPair();
			this.oneTime.set(this.nextOneTime, pair);
			this.published.oneTime.set(this.nextOneTime, Buffer.from(pair.public));
			this.nextOneTime++;
		}
	}

	/** Forgets every session, as a phone does that was set up anew. */
	forgetSessions(): void {
		this.sessions.clear();
	}

	loadSession(id: string): Promise<SessionRecord | undefined> {
		const stored = this.sessions.get(id);
		if (stored === undefined) return Promise.resolve(undefined);
		// The record's own serialised form is plain data, whatever its type says.
		return Promise.resolve(SessionRecord.deserialize(JSON.parse(stored) as Uint8Array));
	}

	storeSession(id: string, session: SessionRecord): Promise<void> {
		this.sessions.set(id, JSON.stringify(session.serialize()));
		return Promise.resolve();
	}

	isTrustedIdentity(): boolean {
		return true;
	}

	loadPreKey(id: number | string): Promise<SignalPair | undefined> {
		const pair = this.oneTime.get(Number(id));
		return Promise.resolve(pair && signalPair(pair));
	}

	removePreKey(id: number): void {
		this.oneTime.delete(id);
	}

	loadSignedPreKey(): SignalPair {
		return signalPair(this.signedKey);
	}

	getOurRegistrationId(): number {
		return this.registrationId;
	}

	getOurIdentity(): SignalPair {
		return signalPair(this.identity);
	}
}

function signalPair(pair: KeyPair): SignalPair {
	return {
		privKey: Buffer.from(pair.private),
		pubKey: Buffer.concat([KEY_TYPE, pair.public]),
	};
}
