/** What a message of the channel is. */
export type MessageKind = 'rtcp' | 'rtp' | 'stun';

const VERSION_MASK = 0xc0;
const RTP_VERSION = 0x80;
const GROUP_ENVELOPE = 0x09;
const FIRST_RTCP_TYPE = 192;
const LAST_RTCP_TYPE = 223;

/** Sorts what came through the channel (protocol page 04, section 6); undefined is to be dropped. */
export function classifyMessage(message: Uint8Array): MessageKind | undefined {
	const [first, second] = [message[0], message[1]];
	if (first === undefined || second === undefined) {
		return undefined;
	}
	if ((first & VERSION_MASK) === 0) {
		return first === GROUP_ENVELOPE ? undefined : 'stun';
	}
	if ((first & VERSION_MASK) !== RTP_VERSION) {
		return undefined;
	}
	return second >= FIRST_RTCP_TYPE && second <= LAST_RTCP_TYPE ? 'rtcp' : 'rtp';
}

/** Sorts raw datagrams (protocol page 04, section 3; RFC 7983); undefined is to be dropped. */
export function classifyDatagram(datagram: Uint8Array): 'dtls' | 'stun' | undefined {
	const first = datagram[0];
	if (first === undefined) {
		return undefined;
	}
	return first >= 20 && first <= 63 ? 'dtls' : first <= 3 ? 'stun' : undefined;
}
