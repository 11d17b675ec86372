import {
	ATTRIBUTE,
	attributeOf,
	hasFingerprint,
	isSigned,
	STUN,
	writeStun,
	xorAddress,
} from './stun';
import type { StunMessage } from './stun';

const NEEDED = [
	ATTRIBUTE.username,
	ATTRIBUTE.priority,
	ATTRIBUTE.controlling,
	ATTRIBUTE.useCandidate,
	ATTRIBUTE.integrity,
	ATTRIBUTE.fingerprint,
];
const CLIENT_NAME = /^[A-Za-z0-9+/]{4,256}$/;

/** Who may check: the client of a call, by the name that its auth token gives it. */
export interface IceUser {
	/** ASCII text that signs. */
	key: string;
}

/**
 * Checks a raw connectivity check (page 04 section 4).
 * @param find the call behind a relay's half of the user name: base64 of the auth token
 * @returns the user, or what is wrong
 */
export function checkIce<U extends IceUser>(
	message: StunMessage,
	find: (name: string) => U | undefined,
): U | string {
	if (message.type !== STUN.bindingRequest) return `a raw STUN message of type ${message.type}`;
	const missing = NEEDED.find((type) => attributeOf(message, type) === undefined);
	if (missing !== undefined) return `an ICE check without the attribute ${missing.toString(16)}`;
	const username = attributeOf(message, ATTRIBUTE.username)?.toString('latin1') ?? '';
	const colon = username.indexOf(':');
	const user = find(username.slice(0, colon));
	if (!user || !CLIENT_NAME.test(username.slice(colon + 1))) return 'an ICE check of nobody';
	if (attributeOf(message, ATTRIBUTE.controlling)?.length !== 8) return 'a short tie breaker';
	if (!isSigned(message, user.key)) return 'an ICE check with a wrong integrity';
	return hasFingerprint(message) ? user : 'an ICE check with a wrong checksum';
}

/** The answer to a valid check. */
export function answerIce(message: StunMessage, user: IceUser, host: string, port: number): Buffer {
	const address = { type: ATTRIBUTE.mappedAddress, value: xorAddress(host, port) };
	return writeStun(STUN.bindingSuccess, message.id, [address], user.key, true);
}
