import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const VALID_DAYS = 1;
const DAY_MS = 86_400_000;

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758, section 3.2). */
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
/** 2.5.4.3, commonName. */
const COMMON_NAME = '550403';
/** 2.5.29.17, subjectAltName. */
const SUBJECT_ALTERNATIVE_NAME = '551d11';

/**
 * A new key and its certificate for `localhost` and 127.0.0.1, PEM, valid from yesterday until
 * tomorrow. It can be trusted as its own authority (RFC 5280, section 4.1).
 */
export function selfSignedCertificate(): { key: string; cert: string } {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const algorithm = der(SEQUENCE, oid(ECDSA_WITH_SHA256));
	const name = der(
		SEQUENCE,
		der(SET, der(SEQUENCE, oid(COMMON_NAME), der(UTF8_STRING, Buffer.from('localhost')))),
	);
	const alternativeNames = der(
		SEQUENCE,
		der(DNS_NAME, Buffer.from('localhost')),
		der(IP_ADDRESS, Buffer.from([127, 0, 0, 1])),
	);
	const toBeSigned = der(
		SEQUENCE,
		der(VERSION, der(INTEGER, Buffer.from([2]))),
		der(INTEGER, Buffer.from([1]), randomBytes(8)),
		algorithm,
		name,
		der(SEQUENCE, time(-VALID_DAYS), time(VALID_DAYS)),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(
			EXTENSIONS,
			der(
				SEQUENCE,
				der(SEQUENCE, oid(SUBJECT_ALTERNATIVE_NAME), der(OCTET_STRING, alternativeNames)),
			),
		),
	);
	const certificate = der(
		SEQUENCE,
		toBeSigned,
		algorithm,
		der(BIT_STRING, Buffer.from([0]), sign('sha256', toBeSigned, privateKey)),
	);
	const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
	};
}

/** Tag, length, contents (X.690, section 8.1). */
function der(tag: number, ...contents: Buffer[]): Buffer {
	const content = Buffer.concat(contents);
	const { length } = content;
	const lengthBytes =
		length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

function oid(hex: string): Buffer {
	return der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'));
}

function time(daysFromNow: number): Buffer {
	const digits = new Date(Date.now() + daysFromNow * DAY_MS).toISOString().replace(/[-:T]/g, '');
	return der(UTC_TIME, Buffer.from(`${digits.slice(2, 14)}Z`));
}
