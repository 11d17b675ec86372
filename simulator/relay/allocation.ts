import { ssrcOf } from '../media/keys';
import { ATTRIBUTE, attributeOf, isSigned, xorAddress, type StunMessage } from './stun';

/** The order of an Allocate's attributes (page 04 section 5). */
const ORDER = [
	ATTRIBUTE.token,
	ATTRIBUTE.streams,
	ATTRIBUTE.relayAddress,
	ATTRIBUTE.integrity,
].join(' ');
/** Stream index, sub type and SSRC slot of each described stream, in order. */
const STREAMS = [
	[0, 0, 0],
	[0, 1, 1],
	[0, 2, 4],
	[1, 0, 2],
	[1, 1, 3],
	[1, 2, 5],
	[2, 0, 7],
	[2, 1, 8],
	[2, 2, 6],
] as const;
/** Which code a real relay answers is not known; these are in the spirit of STUN. */
const MALFORMED = 400;
const UNSIGNED = 401;
const UNKNOWN = 403;

/** What an Allocate has to fit. */
export interface Grant {
	callId: string;
	/** The caller's device, as keys are derived for it. */
	caller: string;
	/** ASCII text that signs. */
	key: string;
	/** The address of the relay as its te2 says it. */
	host: string;
	port: number;
}

/** Why an Allocate is refused. */
export interface Refusal {
	code: number;
	why: string;
}

/** Checks an Allocate. @param find the grant behind a relay token, undefined when it is no token */
export function checkAllocate<G extends Grant>(
	message: StunMessage,
	find: (token: Buffer) => G | undefined,
): G | Refusal {
	const order = message.attributes.map(({ type }) => type).join(' ');
	const token = attributeOf(message, ATTRIBUTE.token);
	if (order !== ORDER || !token) {
		return { code: MALFORMED, why: `its attributes are ${hexTypes(message)}` };
	}
	const grant = find(token);
	if (!grant) return { code: UNKNOWN, why: 'its token is none of this relay' };
	if (!isSigned(message, grant.key)) return { code: UNSIGNED, why: 'its integrity is wrong' };
	const streams = attributeOf(message, ATTRIBUTE.streams);
	if (!streams?.equals(describeStreams(grant.callId, grant.caller))) {
		return { code: MALFORMED, why: "its streams are not those of the caller's device" };
	}
	const address = attributeOf(message, ATTRIBUTE.relayAddress);
	if (!address?.equals(xorAddress(grant.host, grant.port))) {
		return { code: MALFORMED, why: 'its address is not the one that te2 said' };
	}
	return grant;
}

/** The stream descriptors of a sender: protobuf, zeros left out. */
export function describeStreams(callId: string, participant: string): Buffer {
	const entries = STREAMS.map(([stream, sub, slot]) => {
		const ssrc = ssrcOf(callId, participant, slot);
		if (ssrc === 0) return Buffer.alloc(0);
		const fields = [...field(1, stream), ...field(2, sub), ...field(3, ssrc)];
		return Buffer.from([0x0a, fields.length, ...fields]);
	});
	return Buffer.concat(entries);
}

function field(number: number, value: number): number[] {
	if (value === 0) return [];
	const bytes = [number << 3];
	let rest = value;
	for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push(rest % 128 | 0x80);
	return [...bytes, rest];
}

function hexTypes({ attributes }: StunMessage): string {
	return attributes.map(({ type }) => type.toString(16).padStart(4, '0')).join(' ') || 'none';
}
