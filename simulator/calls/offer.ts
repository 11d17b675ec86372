import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { Account, NetworkDevice } from '../directory';
import type { LinkedDevice } from '../linkedDevice';
import { provesIdentity } from '../phone/adv';
import { parseJid } from '../wire/jid';
import { bytes, child, children } from '../wire/node';

const MALFORMED = 439;
const INVALID = 479;
const RESTRICTED = 463;
/** The order of an offer's children (page 02 section 4); `?` may be missing, `+` may come again. */
const ORDER =
	/^(privacy )?(audio ){1,2}net capability (destination|enc) encopt( device-identity)?$/;
const CALL_ID = /^[0-9a-fA-F]{32}$/;
const AUDIO_RATES = ['8000', '16000'];

/** One device that the offer is meant for. */
export interface OfferTarget {
	device: NetworkDevice;
	enc: BinaryNode;
}

/** What the server makes of an offer. */
export type Verdict =
	| { kind: 'accepted'; offer: BinaryNode; callId: string; callee: Account; targets: OfferTarget[] }
	/** Answered with an error; `why` is a fault of the client, undefined when the script wants it so. */
	| { kind: 'refused'; code: number; why?: string }
	/** Not answered at all. */
	| { kind: 'dropped'; why: string };

/** Checks an offer as strictly as page 02 knows the server to be. */
export function checkOffer(
	context: NetworkContext,
	sender: LinkedDevice,
	stanza: BinaryNode,
	offer: BinaryNode,
): Verdict {
	const malformed = findMalformation(sender, stanza, offer);
	if (malformed !== undefined) return { kind: 'refused', code: MALFORMED, why: malformed };
	const { to = '' } = stanza.attrs;
	const callee = context.directory.account(to);
	if (parseJid(to)?.server !== 'lid') return invalid(`the offer goes to ${to}, which is no LID`);
	if (!callee || to !== callee.lidOf(0)) return invalid(`${to} is no account's bare LID`);
	const targets = findTargets(context, callee, offer);
	if (typeof targets === 'string') return invalid(targets);
	const wrong = targets.map(({ enc }) => wrongEnc(enc)).find((why) => why !== undefined);
	if (wrong !== undefined) return { kind: 'refused', code: MALFORMED, why: wrong };
	const identity = bytes(child(offer, 'device-identity'));
	const needsIdentity = targets.some(({ enc }) => enc.attrs.type === 'pkmsg');
	if (needsIdentity && !identity) {
		return { kind: 'dropped', why: 'a pkmsg without device-identity' };
	}
	if (!needsIdentity && identity) {
		context.faults.add('offer', 'a device-identity although no enc is a pkmsg');
	}
	if (identity && !isProof(context, sender, identity)) {
		return invalid('the device-identity is not that of the calling device');
	}
	const refusal = refusedByRules(context, sender, callee, offer);
	if (refusal !== undefined) return { kind: 'refused', code: refusal };
	return { kind: 'accepted', offer, callId: offer.attrs['call-id'] ?? '', callee, targets };
}

function invalid(why: string): Verdict {
	return { kind: 'refused', code: INVALID, why };
}

function findMalformation(
	sender: LinkedDevice,
	stanza: BinaryNode,
	offer: BinaryNode,
): string | undefined {
	const envelope = Object.keys(stanza.attrs).sort().join(' ');
	if (envelope !== 'id to') return `the call has the attributes ${envelope}`;
	const attributes = Object.keys(offer.attrs).sort().join(' ');
	if (attributes !== 'call-creator call-id') return `the offer has the attributes ${attributes}`;
	if (!CALL_ID.test(offer.attrs['call-id'] ?? '')) return 'the call-id is not 32 hex characters';
	const creator = offer.attrs['call-creator'];
	if (creator !== sender.lid) return `the call-creator ${creator} is not ${sender.lid}`;
	const order = children(offer)
		.map(({ tag }) => tag)
		.join(' ');
	if (!ORDER.test(order)) return `the children are ${order}`;
	const audio = children(offer, 'audio').map(({ attrs }) => attrs);
	if (!audio.every(({ enc, rate }) => enc === 'opus' && AUDIO_RATES.includes(rate ?? ''))) {
		return 'an audio node is not opus at 8000 or 16000';
	}
	if (audio.at(-1)?.rate !== '16000') return 'the last audio node is not the one of 16000';
	if (child(offer, 'net')?.attrs.medium !== '3') return 'the medium is not 3';
	if (child(offer, 'encopt')?.attrs.keygen !== '2') return 'the keygen is not 2';
	const capability = child(offer, 'capability');
	const bits = bytes(capability);
	if (capability?.attrs.ver !== '1' || bits?.length !== 7 || bits[0] !== 1 || bits[1] !== 5) {
		return 'the capability is not version 1 with 40 bits';
	}
	return undefined;
}

/** The devices of the offer, or why there are none that the server can take it to. */
function findTargets(
	context: NetworkContext,
	callee: Account,
	offer: BinaryNode,
): OfferTarget[] | string {
	const destination = child(offer, 'destination');
	if (!destination) {
		const [device] = callee.devices.values();
		const enc = child(offer, 'enc');
		if (callee.devices.size !== 1 || !device || !enc) return 'a bare enc for several devices';
		return [{ device, enc }];
	}
	const targets: OfferTarget[] = [];
	for (const to of children(destination)) {
		const { jid } = to.attrs;
		const device = context.directory.device(jid);
		const [enc, ...more] = children(to);
		if (to.tag !== 'to' || enc?.tag !== 'enc' || more.length > 0) return 'a to without its one enc';
		if (device?.account !== callee || jid !== callee.lidOf(device.id)) {
			return `${jid} is no device of the callee`;
		}
		if (targets.some((other) => other.device === device)) return `${jid} comes twice`;
		targets.push({ device, enc });
	}
	return targets.length === 0 ? 'an empty destination' : targets;
}

function wrongEnc(enc: BinaryNode): string | undefined {
	const { v, type, count } = enc.attrs;
	if (v !== '2' || count !== '0') return 'an enc without v="2" or count="0"';
	if (type !== 'pkmsg' && type !== 'msg') return `an enc of type ${type}`;
	return bytes(enc)?.length ? undefined : 'an empty enc';
}

function isProof(context: NetworkContext, sender: LinkedDevice, identity: Buffer): boolean {
	if (sender.provenBy?.equals(identity)) return true;
	try {
		const { identity: account } = sender.account;
		if (!provesIdentity(context.codecs, account, sender.keys.identity, identity)) return false;
	} catch {
		return false;
	}
	sender.provenBy = identity;
	return true;
}

function refusedByRules(
	context: NetworkContext,
	sender: LinkedDevice,
	callee: Account,
	offer: BinaryNode,
): number | undefined {
	const { refuseOffer, requiresToken } = callee.rules();
	if (refuseOffer !== undefined) return refuseOffer;
	const privacy = child(offer, 'privacy');
	const known = context.tokens.isIssued(callee, sender.account, bytes(privacy));
	if (privacy && !known) context.faults.add('offer', 'the privacy token is not one of the callee');
	return requiresToken && !known ? RESTRICTED : undefined;
}
