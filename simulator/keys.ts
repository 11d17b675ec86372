import { verifySignature } from 'libsignal/src/curve';
import type { BinaryNode } from './codecs';
import { bigEndian, bytes, child, children, node, uint } from './wire/node';

/** Marks a Curve25519 key in Signal's own formats. */
export const KEY_TYPE = Buffer.from([5]);
const KEY_BYTES = 32;
const ID_BYTES = 3;

export interface SignedKey {
	id: number;
	value: Buffer;
	signature: Buffer;
}

/** What the server keeps of one device's keys and hands to whoever wants to write to it. */
export class PublishedKeys {
	readonly oneTime = new Map<number, Buffer>();

	constructor(
		public registrationId: number,
		public identity: Buffer,
		public signed: SignedKey,
	) {}

	/** Throws when the signed prekey is not the identity's. */
	assertSigned(): void {
		assertSigned(this.identity, this.signed);
	}

	/** Keys of an upload or of a retry: `<registration> <identity> <list> <skey>` (Baileys' getNextPreKeysNode). */
	upload(iq: BinaryNode): void {
		const identity = bytes(child(iq, 'identity'));
		if (!identity?.equals(this.identity)) throw new Error('the identity key is not the paired one');
		if (uint(child(iq, 'registration')) !== this.registrationId) {
			throw new Error('the registration id is not the paired one');
		}
		if (!bytes(child(iq, 'type'))?.equals(KEY_TYPE)) throw new Error('the key type is not 5');
		this.rotate(child(iq, 'skey'));
		for (const key of children(child(iq, 'list'), 'key')) {
			const { id, value } = readKey(key);
			this.oneTime.set(id, value);
		}
	}

	/** Replaces the signed prekey. */
	rotate(skey: BinaryNode | undefined): void {
		const signature = bytes(child(skey, 'signature'));
		if (!skey || !signature) throw new Error('the signed prekey is incomplete');
		const signed = { ...readKey(skey), signature };
		assertSigned(this.identity, signed);
		this.signed = signed;
	}

	/** The bundle for one new session; uses up a one-time key, and has none when they ran out. */
	bundle(jid: string): BinaryNode {
		const [oneTime] = this.oneTime;
		if (oneTime) this.oneTime.delete(oneTime[0]);
		return node('user', { jid }, [
			...this.identityNodes(),
			...(oneTime ? [keyNode('key', { id: oneTime[0], value: oneTime[1] })] : []),
		]);
	}

	/** What `<digest>` is answered with. */
	digest(): BinaryNode {
		const ids = [...this.oneTime.keys()].map((id) => node('id', {}, bigEndian(id, ID_BYTES)));
		return node('digest', {}, [...this.identityNodes(), node('list', {}, ids)]);
	}

	private identityNodes(): BinaryNode[] {
		return [
			node('registration', {}, bigEndian(this.registrationId, 4)),
			node('type', {}, KEY_TYPE),
			node('identity', {}, this.identity),
			keyNode('skey', this.signed),
		];
	}
}

/** Whether `signature` is the identity's over a public key or any other text (XEdDSA). */
export function isSignedBy(identity: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
	try {
		return verifySignature(Buffer.concat([KEY_TYPE, identity]), text, signature);
	} catch {
		return false;
	}
}

function assertSigned(identity: Buffer, { value, signature }: SignedKey): void {
	if (!isSignedBy(identity, Buffer.concat([KEY_TYPE, value]), signature)) {
		throw new Error('the signed prekey is not signed by the identity key');
	}
}

function readKey(key: BinaryNode): { id: number; value: Buffer } {
	const id = uint(child(key, 'id'));
	const value = bytes(child(key, 'value'));
	if (id === undefined || value?.length !== KEY_BYTES)
		throw new Error(`<${key.tag}> is incomplete`);
	return { id, value };
}

function keyNode(tag: string, key: { id: number; value: Buffer; signature?: Buffer }): BinaryNode {
	return node(tag, {}, [
		node('id', {}, bigEndian(key.id, ID_BYTES)),
		node('value', {}, key.value),
		...(key.signature ? [node('signature', {}, key.signature)] : []),
	]);
}
