import { createHash, X509Certificate } from 'node:crypto';
import { CipherContext, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from 'werift';

/** What relays identify themselves with in DTLS: all of a network have the same, as on WhatsApp. */
export interface RelayCertificate {
	certPem: string;
	keyPem: string;
	signatureHash: { hash: number; signature: number };
	/** SHA-256, as SDP writes it: upper-case hex with colons. */
	fingerprint: string;
}

/** Makes a self-signed certificate for a P-256 key. */
export async function makeCertificate(): Promise<RelayCertificate> {
	const { certPem, keyPem, signatureHash } = await CipherContext.createSelfSignedCertificateWithKey(
		{ signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 },
		NamedCurveAlgorithm.secp256r1_23,
	);
	const digest = createHash('sha256').update(new X509Certificate(certPem).raw).digest('hex');
	const fingerprint = digest.toUpperCase().match(/../g)?.join(':') ?? '';
	return { certPem, keyPem, signatureHash, fingerprint };
}
