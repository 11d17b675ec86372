import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { Codecs } from '../codecs';

const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const INTERMEDIATE_SERIAL = 1;
const LEAF_SERIAL = 2;
/** Serial of the root, as Baileys' WA_CERT_DETAILS has it. */
const ROOT_SERIAL = 0;
const DAY_SECONDS = 86_400;

/** A pair as Baileys' Curve makes it: 32 bytes each. */
export interface KeyPair {
	private: Uint8Array;
	public: Uint8Array;
}

/**
 * The root that signs the certificate of every simulated network. It is the same everywhere, since
 * Baileys holds one root per process, and it protects nothing: everybody may know it.
 */
export function rootKeyPair(): KeyPair {
	const privateKey = createHash('sha256').update('whatsapp-call simulator, noise root').digest();
	const key = createPrivateKey({
		key: Buffer.concat([PKCS8_X25519, privateKey]),
		format: 'der',
		type: 'pkcs8',
	});
	const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
	return { private: privateKey, public: publicKey };
}

/**
 * The certificate chain in the server's hello: root -> intermediate -> leaf, and the leaf names the
 * server's static key (as Baileys' client expects it in processHandshake).
 */
export function certificateChain(codecs: Codecs, serverStatic: Uint8Array): Uint8Array {
	const { Curve, proto } = codecs;
	const root = rootKeyPair();
	const intermediate = Curve.generateKeyPair();
	const notBefore = Math.floor(Date.now() / 1000) - DAY_SECONDS;
	const notAfter = notBefore + 30 * DAY_SECONDS;
	const { Details } = proto.CertChain.NoiseCertificate;
	const intermediateDetails = Details.encode({
		serial: INTERMEDIATE_SERIAL,
		issuerSerial: ROOT_SERIAL,
		key: intermediate.public,
		notBefore,
		notAfter,
	}).finish();
	const leafDetails = Details.encode({
		serial: LEAF_SERIAL,
		issuerSerial: INTERMEDIATE_SERIAL,
		key: serverStatic,
		notBefore,
		notAfter,
	}).finish();
	return proto.CertChain.encode({
		leaf: { details: leafDetails, signature: Curve.sign(intermediate.private, leafDetails) },
		intermediate: {
			details: intermediateDetails,
			signature: Curve.sign(root.private, intermediateDetails),
		},
	}).finish();
}
