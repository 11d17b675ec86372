import { createHash, verify, X509Certificate } from 'node:crypto';

/** Named curve, as all of TLS 1.2's elliptic-curve parameters are (RFC 8422, section 5.4). */
const NAMED_CURVE = 3;
const SHA256 = 4;

export interface PeerProof {
	/** DER. */
	certificate: Buffer | undefined;
	/** Body of the ServerKeyExchange message (RFC 8422, section 5.4). */
	keyExchange: Buffer | undefined;
	/** 32 bytes each. */
	clientRandom: Buffer;
	serverRandom: Buffer;
}

/**
 * Whether the other side holds the key of the certificate with this sha-256 fingerprint: werift
 * itself does not look at the signature. Never throws.
 */
export function provesIdentity(proof: PeerProof, fingerprint: string): boolean {
	const { certificate, keyExchange } = proof;
	if (certificate === undefined || keyExchange === undefined) {
		return false;
	}
	const digest = createHash('sha256').update(certificate).digest('hex');
	if (digest !== fingerprint.replaceAll(':', '').toLowerCase()) {
		return false;
	}
	try {
		const parametersEnd = 4 + keyExchange.readUInt8(3);
		const signatureStart = parametersEnd + 4;
		const signatureBytes = keyExchange.readUInt16BE(parametersEnd + 2);
		return (
			keyExchange.readUInt8(0) === NAMED_CURVE &&
			keyExchange.readUInt8(parametersEnd) === SHA256 &&
			verify(
				'sha256',
				Buffer.concat([
					proof.clientRandom,
					proof.serverRandom,
					keyExchange.subarray(0, parametersEnd),
				]),
				new X509Certificate(certificate).publicKey,
				keyExchange.subarray(signatureStart, signatureStart + signatureBytes),
			)
		);
	} catch {
		return false;
	}
}
