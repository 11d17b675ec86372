import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { verifySignature } from 'libsignal/src/curve';
import type { Codecs } from '../codecs';
import { KEY_TYPE } from '../keys';

const SIGNATURE_BYTES = 64;
const VERSION = 0x33;
const MOST_SKIPPED = 2_000;

/** One sender's chain of keys in one group. */
interface Chain {
	iteration: number;
	key: Buffer;
	signingKey: Buffer;
	/** Seeds of messages that have not come yet. */
	skipped: Map<number, Buffer>;
}

/** The sender keys that one device was given: Signal's protocol for groups, for reading only. */
export class SenderKeys {
	private readonly chains = new Map<string, Chain>();

	constructor(private readonly codecs: Codecs) {}

	/** Takes a SenderKeyDistributionMessage. */
	learn(group: string, sender: string, distribution: Buffer): void {
		const { SenderKeyDistributionMessage } = this.codecs.proto;
		assertVersion(distribution);
		const read = SenderKeyDistributionMessage.decode(distribution.subarray(1));
		const { chainKey, id, iteration, signingKey } = read;
		if (!chainKey || !signingKey || id === null || id === undefined) {
			throw new Error('the sender key is incomplete');
		}
		this.chains.set(nameOf(group, sender, id), {
			iteration: iteration ?? 0,
			key: Buffer.from(chainKey),
			signingKey: Buffer.from(signingKey),
			skipped: new Map(),
		});
	}

	/** The plain text of an `skmsg`, with its padding. Throws when it does not decrypt. */
	decrypt(group: string, sender: string, ciphertext: Buffer): Buffer {
		assertVersion(ciphertext);
		const signed = ciphertext.subarray(0, -SIGNATURE_BYTES);
		const signature = ciphertext.subarray(-SIGNATURE_BYTES);
		const message = this.codecs.proto.SenderKeyMessage.decode(signed.subarray(1));
		const chain = this.chains.get(nameOf(group, sender, message.id ?? -1));
		if (!chain) throw new Error('there is no sender key for it');
		const key =
			chain.signingKey.length === 33
				? chain.signingKey
				: Buffer.concat([KEY_TYPE, chain.signingKey]);
		if (!verifySignature(key, signed, signature)) throw new Error('its signature is wrong');
		const seed = seedOf(chain, message.iteration ?? 0);
		const keys = Buffer.from(hkdfSync('sha256', seed, Buffer.alloc(32), 'WhisperGroup', 48));
		const decipher = createDecipheriv('aes-256-cbc', keys.subarray(16), keys.subarray(0, 16));
		return Buffer.concat([
			decipher.update(message.ciphertext ?? Buffer.alloc(0)),
			decipher.final(),
		]);
	}
}

function seedOf(chain: Chain, iteration: number): Buffer {
	const skipped = chain.skipped.get(iteration);
	if (skipped) {
		chain.skipped.delete(iteration);
		return skipped;
	}
	if (iteration < chain.iteration) throw new Error('a message with this number came before');
	if (iteration - chain.iteration > MOST_SKIPPED) throw new Error('its number is too far ahead');
	for (;;) {
		const seed = hmac(chain.key, 1);
		const at = chain.iteration++;
		chain.key = hmac(chain.key, 2);
		if (at === iteration) return seed;
		chain.skipped.set(at, seed);
	}
}

function hmac(key: Buffer, byte: number): Buffer {
	return createHmac('sha256', key)
		.update(Buffer.from([byte]))
		.digest();
}

function nameOf(group: string, sender: string, id: number): string {
	return `${group} ${sender} ${id}`;
}

function assertVersion(message: Buffer): void {
	if (message[0] !== VERSION) throw new Error('it has another version');
}
