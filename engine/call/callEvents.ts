import type { CallEvent, PreparedOffer } from './callTypes';
import { accountOf, formatDeviceJid, parseDeviceJid } from './stanzas/jid';
import type { IncomingStanza } from './stanzas/parse';

/**
 * What a stanza means for the call of this offer; undefined when it means nothing for it.
 *
 * Protocol page 02, section 6: stanzas belong together by call-id, the creator must be us, and what
 * our own other devices send is not for us. Replays only ever end a call.
 *
 * @param at milliseconds since the epoch
 */
export function eventOf(
	stanza: IncomingStanza,
	offer: PreparedOffer,
	at: number,
): CallEvent | undefined {
	switch (stanza.kind) {
		case 'unknown':
			return undefined;
		case 'ack': {
			const { error, relay, stanzaId } = stanza;
			if (stanzaId !== offer.stanzaId) {
				return undefined;
			}
			return {
				kind: 'ack',
				at,
				...(error !== undefined && { error }),
				...(relay !== undefined && { relay }),
			};
		}
		case 'receipt': {
			const device = deviceOfPeer(stanza.sender, offer);
			const other = stanza.callId !== undefined && stanza.callId !== offer.callId;
			if (stanza.stanzaId !== offer.stanzaId || device === undefined || other || stanza.offline) {
				return undefined;
			}
			return { kind: 'receipt', at, device };
		}
		default:
			return eventInCall(stanza, offer, at);
	}
}

type InCallStanza = Exclude<IncomingStanza, { kind: 'ack' | 'receipt' | 'unknown' }>;

function eventInCall(
	stanza: InCallStanza,
	offer: PreparedOffer,
	at: number,
): CallEvent | undefined {
	const device = deviceOfPeer(stanza.sender, offer);
	if (
		device === undefined ||
		stanza.callId !== offer.callId ||
		stanza.creator !== offer.creator ||
		(stanza.offline && stanza.kind !== 'reject' && stanza.kind !== 'terminate')
	) {
		return undefined;
	}
	switch (stanza.kind) {
		case 'preaccept':
		case 'accept':
			return { kind: stanza.kind, at, device, audio: stanza.audio };
		case 'reject':
		case 'terminate':
			return {
				kind: stanza.kind,
				at,
				device,
				...(stanza.reason !== undefined && { reason: stanza.reason }),
			};
		case 'other':
			return stanza.relay === undefined
				? undefined
				: { kind: 'moreRelays', at, relay: stanza.relay };
	}
}

/** The recipient's device that this is, by its hidden id; undefined when it is somebody else's. */
function deviceOfPeer(sender: string, { peer, peerPhone }: PreparedOffer): string | undefined {
	const account = accountOf(sender);
	if (account === peer) {
		return sender;
	}
	const device = parseDeviceJid(sender);
	const person = parseDeviceJid(peer);
	if (device === undefined || person === undefined || account !== peerPhone) {
		return undefined;
	}
	return formatDeviceJid({ ...person, device: device.device });
}
