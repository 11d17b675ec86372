import { createHmac } from 'node:crypto';
import type { Codecs } from '../codecs';
import { isSignedBy } from '../keys';
import type { KeyPair } from '../wire/certificate';

/** What is signed begins with these, so that no signature serves for another purpose. */
const ACCOUNT_SIGNATURE_PREFIX = Buffer.from([6, 0]);
const DEVICE_SIGNATURE_PREFIX = Buffer.from([6, 1]);

/** A companion's identity, signed by the account's. */
export interface SignedIdentity {
	details: Uint8Array;
	accountSignatureKey: Uint8Array;
	accountSignature: Uint8Array;
}

/** The primary phone vouches for a companion (as Baileys' client expects it at pairing). */
export function signCompanion(
	codecs: Codecs,
	account: KeyPair,
	companionIdentity: Uint8Array,
	keyIndex: number,
): SignedIdentity {
	const { proto, Curve } = codecs;
	const details = proto.ADVDeviceIdentity.encode({
		rawId: keyIndex,
		timestamp: Math.floor(Date.now() / 1000),
		keyIndex,
		accountType: proto.ADVEncryptionType.E2EE,
		deviceType: proto.ADVEncryptionType.E2EE,
	}).finish();
	const text = Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, companionIdentity]);
	return {
		details,
		accountSignatureKey: account.public,
		accountSignature: Curve.sign(account.private, text),
	};
}

/** The `<device-identity>` of a pair-success: the signed identity under the secret of the QR code. */
export function sealIdentity(
	codecs: Codecs,
	identity: SignedIdentity,
	advSecret: Buffer,
): Uint8Array {
	const { proto } = codecs;
	const details = proto.ADVSignedDeviceIdentity.encode(identity).finish();
	const hmac = createHmac('sha256', advSecret).update(details).digest();
	return proto.ADVSignedDeviceIdentityHMAC.encode({ details, hmac }).finish();
}

/** Whether the companion signed the identity that was sent to it; `answer` is what it sent back. */
export function isAnsweredBy(
	codecs: Codecs,
	companionIdentity: Uint8Array,
	identity: SignedIdentity,
	answer: Uint8Array,
): boolean {
	const signed = codecs.proto.ADVSignedDeviceIdentity.decode(answer);
	const same = Buffer.from(signed.details ?? []).equals(identity.details);
	return same && hasDeviceSignature(companionIdentity, identity, signed.deviceSignature);
}

/**
 * Whether the `<device-identity>` of an offer or message proves that `companionIdentity` belongs to
 * the account: both signatures, by the account's key that it carries.
 */
export function provesIdentity(
	codecs: Codecs,
	accountKey: Uint8Array,
	companionIdentity: Uint8Array,
	content: Uint8Array,
): boolean {
	const signed = codecs.proto.ADVSignedDeviceIdentity.decode(content);
	const { details, accountSignature, accountSignatureKey } = signed;
	if (!details || !accountSignature || !accountSignatureKey) return false;
	const text = Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, companionIdentity]);
	const identity = { details, accountSignature, accountSignatureKey };
	return (
		Buffer.from(accountSignatureKey).equals(accountKey) &&
		isSignedBy(accountKey, text, accountSignature) &&
		hasDeviceSignature(companionIdentity, identity, signed.deviceSignature)
	);
}

function hasDeviceSignature(
	companionIdentity: Uint8Array,
	{ details, accountSignatureKey }: SignedIdentity,
	signature: Uint8Array | null | undefined,
): boolean {
	const text = Buffer.concat([
		DEVICE_SIGNATURE_PREFIX,
		details,
		companionIdentity,
		accountSignatureKey,
	]);
	return isSignedBy(companionIdentity, text, signature ?? Buffer.alloc(0));
}
