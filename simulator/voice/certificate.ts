import { generateKeyPairSync, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate that vouches for itself, and its key; both in PEM. */
export interface HostCertificate {
	certPem: string;
	keyPem: string;
}

const DAY_MS = 86_400_000;
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const SUBJECT_ALTERNATIVE_NAME = oid(0x55, 0x1d, 0x11);
const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

/** Makes a certificate for a host, valid for a day around now (RFC 5280, in DER by hand). */
export function certificateFor(host: string): HostCertificate {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const name = sequence(
		der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('WhatsApp simulator')))),
	);
	const alternative = isIPv4(host)
		? der(0x87, Buffer.from(host.split('.').map(Number)))
		: der(0x82, Buffer.from(host));
	const now = Date.now();
	const signed = sequence(
		der(0xa0, integer(2)),
		integer(1),
		ECDSA_WITH_SHA256,
		name,
		sequence(time(now - DAY_MS), time(now + DAY_MS)),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(
			0xa3,
			sequence(
				// It is its own authority.
				sequence(BASIC_CONSTRAINTS, der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
				sequence(SUBJECT_ALTERNATIVE_NAME, der(0x04, sequence(alternative))),
			),
		),
	);
	const signature = sign('sha256', signed, privateKey);
	const certificate = sequence(
		signed,
		ECDSA_WITH_SHA256,
		der(0x03, Buffer.concat([Buffer.alloc(1), signature])),
	);
	const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
	return {
		certPem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
		keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
	};
}

function der(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const head =
		length < 0x80
			? [tag, length]
			: length < 0x100
				? [tag, 0x81, length]
				: [tag, 0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...content: Buffer[]): Buffer {
	return der(0x30, Buffer.concat(content));
}

function integer(value: number): Buffer {
	return der(0x02, Buffer.from([value]));
}

function oid(...bytes: number[]): Buffer {
	return der(0x06, Buffer.from(bytes));
}

/** UTCTime, good until 2049. */
function time(milliseconds: number): Buffer {
	const digits = new Date(milliseconds).toISOString().replace(/\D/g, '').slice(2, 14);
	return der(0x17, Buffer.from(`${digits}Z`));
}
