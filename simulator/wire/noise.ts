import { createHash, hkdfSync } from 'node:crypto';
import type { Codecs } from '../codecs';
import type { KeyPair } from './certificate';
import { CHAT_HEADER } from './frames';

const PATTERN = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0', 'latin1');
const NOTHING = Buffer.alloc(0);

/** What the server proves itself with: its static key and the chain that names it. */
export interface ServerIdentity {
	staticKey: KeyPair;
	certificateChain: Uint8Array;
}

/**
 * The answering side of Noise XX with WhatsApp's prologue. One per connection: hello, finish, then
 * frames. Rules: the Noise specification, revision 34, sections 5 and 7.5; the details (one key for
 * both directions until the split, the chain as payload) as Baileys' client expects them.
 */
export class NoiseResponder {
	private hash: Buffer = PATTERN;
	private salt: Buffer = PATTERN;
	private key: Buffer = PATTERN;
	private counter = 0;
	private transport?: { send: Buffer; receive: Buffer; sent: number; received: number };
	private readonly ephemeral: KeyPair;

	constructor(
		private readonly codecs: Codecs,
		private readonly identity: ServerIdentity,
	) {
		this.ephemeral = codecs.Curve.generateKeyPair();
		this.mixHash(CHAT_HEADER);
	}

	/** Bytes of the ServerHello for the client's ephemeral key. */
	hello(clientEphemeral: Uint8Array): Uint8Array {
		const { Curve, proto } = this.codecs;
		this.mixHash(clientEphemeral);
		this.mixHash(this.ephemeral.public);
		this.mixKey(Curve.sharedKey(this.ephemeral.private, clientEphemeral));
		const staticKey = this.seal(this.identity.staticKey.public);
		this.mixKey(Curve.sharedKey(this.identity.staticKey.private, clientEphemeral));
		const payload = this.seal(this.identity.certificateChain);
		return proto.HandshakeMessage.encode({
			serverHello: { ephemeral: this.ephemeral.public, static: staticKey, payload },
		}).finish();
	}

	/** Reads the ClientFinish and switches to the transport keys. Throws when it does not decrypt. */
	finish(
		staticSealed: Uint8Array,
		payloadSealed: Uint8Array,
	): { staticKey: Buffer; payload: Buffer } {
		const staticKey = this.open(staticSealed);
		this.mixKey(this.codecs.Curve.sharedKey(this.ephemeral.private, staticKey));
		const payload = this.open(payloadSealed);
		const [receive, send] = this.derive(NOTHING);
		this.transport = { send, receive, sent: 0, received: 0 };
		return { staticKey, payload };
	}

	/** One frame to the client, after the handshake. */
	encrypt(plaintext: Uint8Array): Buffer {
		const transport = this.ready();
		return this.codecs.aesEncryptGCM(plaintext, transport.send, nonce(transport.sent++), NOTHING);
	}

	/** One frame of the client, after the handshake. Throws when it was not made with our keys. */
	decrypt(ciphertext: Uint8Array): Buffer {
		const transport = this.ready();
		const iv = nonce(transport.received++);
		return this.codecs.aesDecryptGCM(ciphertext, transport.receive, iv, NOTHING);
	}

	private ready(): NonNullable<typeof this.transport> {
		if (!this.transport) throw new Error('The Noise handshake has not ended');
		return this.transport;
	}

	private mixHash(data: Uint8Array): void {
		this.hash = createHash('sha256').update(this.hash).update(data).digest();
	}

	private mixKey(secret: Uint8Array): void {
		[this.salt, this.key] = this.derive(secret);
		this.counter = 0;
	}

	private derive(secret: Uint8Array): [Buffer, Buffer] {
		const both = Buffer.from(hkdfSync('sha256', secret, this.salt, NOTHING, 64));
		return [both.subarray(0, 32), both.subarray(32)];
	}

	private seal(plaintext: Uint8Array): Buffer {
		const iv = nonce(this.counter++);
		const sealed = this.codecs.aesEncryptGCM(plaintext, this.key, iv, this.hash);
		this.mixHash(sealed);
		return sealed;
	}

	private open(sealed: Uint8Array): Buffer {
		const iv = nonce(this.counter++);
		const plaintext = this.codecs.aesDecryptGCM(sealed, this.key, iv, this.hash);
		this.mixHash(sealed);
		return plaintext;
	}
}

function nonce(counter: number): Buffer {
	const iv = Buffer.alloc(12);
	iv.writeUInt32BE(counter, 8);
	return iv;
}
