import { childOf, childrenOf, type BinaryNode } from './binaryNode';

/** The codecs that a call can ask for; `rate` and `enc` of the audio nodes are the same for both. */
export type OfferedCodec = 'mlow' | 'opus';

/** Protocol page 02, section 4: version 1, five bytes of bitmap; bit 31 stands for MLow. */
const OFFER_CAPABILITY: Readonly<Record<OfferedCodec, readonly number[]>> = {
	mlow: [0x01, 0x05, 0xf7, 0x09, 0xe0, 0xbb, 0x13],
	opus: [0x01, 0x05, 0xf7, 0x09, 0xe0, 0x3b, 0x13],
};

/** Signalling only, not the sampling rate of the codec. */
const AUDIO_RATE = '16000';
/** The way that our network is reached: what every known client sends in an offer. */
const NET_MEDIUM = '3';
/** The generation of key derivation that protocol page 03 describes. */
const KEY_GENERATION = '2';

export interface OfferParts {
	/** The recipient's hidden id without a device, `user@lid`. */
	peer: string;
	/** A fresh id: the server drops an offer without one. */
	stanzaId: string;
	callId: string;
	/** Our own device's hidden id, `user:N@lid`. */
	creator: string;
	codec: OfferedCodec;
	/** `<to jid><enc v type count/></to>`, one for every device that the call key was wrapped for. */
	encryptedKeys: readonly BinaryNode[];
	/** How many devices the recipient has; more than one asks for a `destination`. */
	deviceCount: number;
	/** The trusted-contact token, where we have one. */
	token?: Uint8Array;
	/** Our signed device identity. Goes out only with a `pkmsg`: without it such an offer gets no ack. */
	identity: () => Uint8Array;
}

/**
 * The stanza that makes a phone ring.
 *
 * The server refuses another order of the children with 439 (protocol page 02, section 4).
 */
export function buildOffer(parts: OfferParts): BinaryNode {
	const content: BinaryNode[] = [];
	if (parts.token !== undefined && parts.token.length > 0) {
		content.push({ tag: 'privacy', attrs: {}, content: parts.token });
	}
	content.push(
		{ tag: 'audio', attrs: { enc: 'opus', rate: AUDIO_RATE } },
		{ tag: 'net', attrs: { medium: NET_MEDIUM } },
		{
			tag: 'capability',
			attrs: { ver: '1' },
			content: Uint8Array.from(OFFER_CAPABILITY[parts.codec]),
		},
		wrapKeys(parts),
		{ tag: 'encopt', attrs: { keygen: KEY_GENERATION } },
	);
	if (parts.encryptedKeys.some(opensSession)) {
		content.push({ tag: 'device-identity', attrs: {}, content: parts.identity() });
	}
	return {
		tag: 'call',
		attrs: { to: parts.peer, id: parts.stanzaId },
		content: [
			{
				tag: 'offer',
				attrs: { 'call-id': parts.callId, 'call-creator': parts.creator },
				content,
			},
		],
	};
}

/** A bare `enc` is for a recipient with exactly one device, the phone itself. */
function wrapKeys({ encryptedKeys, deviceCount, peer }: OfferParts): BinaryNode {
	const [only] = encryptedKeys;
	if (deviceCount === 1 && encryptedKeys.length === 1 && only?.attrs.jid === peer) {
		const bare = childOf(only, 'enc');
		if (bare !== undefined) {
			return bare;
		}
	}
	return { tag: 'destination', attrs: {}, content: [...encryptedKeys] };
}

function opensSession(to: BinaryNode): boolean {
	return childrenOf(to).some((child) => child.tag === 'enc' && child.attrs.type === 'pkmsg');
}
