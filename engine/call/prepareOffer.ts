import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import type { PreparedOffer } from './callTypes';
import type { CallTransport } from './callTransport';
import type { Recipient } from './recipient';
import { CALL_KEY_BYTES, newCallId, newStanzaId, type RandomBytes } from './stanzas/ids';
import { isLid, normalizeDeviceJid } from './stanzas/jid';
import { buildOffer, type OfferedCodec } from './stanzas/offer';

/** How long a contact's token is waited for after they were given ours (protocol page 07, Q10). */
export const TOKEN_WAIT_MS = 3_500;
const TOKEN_POLL_MS = 100;

export interface OfferRequest {
	recipient: Recipient;
	codec: OfferedCodec;
	/** New Signal sessions: the ones we had were refused. */
	fresh: boolean;
	signal?: AbortSignal;
}

export interface OfferWithKey {
	offer: PreparedOffer;
	/** 32 bytes, for the media only; it never reaches a log. */
	callKey: Uint8Array;
}

/**
 * Wraps a new key for every device and builds the offer (protocol page 02, sections 2 to 4).
 *
 * @throws CallError NOT_LINKED where our account has no hidden id, RECIPIENT_UNREACHABLE where no
 * device of the recipient could be given the key
 */
export async function prepareOffer(
	request: OfferRequest,
	transport: CallTransport,
	clock: Clock,
	random: RandomBytes,
): Promise<OfferWithKey> {
	const { codec, fresh, recipient, signal } = request;
	const creator = requireOwnLid(transport);
	const callKey = random(CALL_KEY_BYTES);
	const [encryptedKeys, token] = await Promise.all([
		wrapKey(recipient, callKey, transport, fresh),
		findToken(recipient.lid, transport, clock, signal),
	]);
	const ids = { callId: newCallId(random), stanzaId: newStanzaId(random), creator };
	const node = buildOffer({
		...ids,
		peer: recipient.lid,
		codec,
		encryptedKeys,
		deviceCount: recipient.devices.length,
		identity: () => transport.deviceIdentity(),
		...(token !== undefined && { token }),
	});
	const offer: PreparedOffer = {
		...ids,
		node,
		peer: recipient.lid,
		ringDevices: recipient.devices,
		offeredDevices: encryptedKeys.flatMap(({ attrs }) => normalizeDeviceJid(attrs.jid) ?? []),
		...(recipient.phone !== undefined && { peerPhone: recipient.phone }),
	};
	return { offer, callKey };
}

/** Keys derive from hidden ids on both sides: a telephone address in its place makes wrong ones. */
function requireOwnLid(transport: CallTransport): string {
	const own = normalizeDeviceJid(transport.ownLid);
	if (own === undefined || !isLid(own)) {
		throw new CallError('NOT_LINKED', 'This WhatsApp account has no hidden id (LID) yet', {
			hint: 'Update WhatsApp on the phone, then link the device again.',
		});
	}
	return own;
}

async function wrapKey(
	{ devices }: Recipient,
	callKey: Uint8Array,
	transport: CallTransport,
	fresh: boolean,
): Promise<PreparedOffer['node'][]> {
	await transport.ensureSessions(devices, fresh);
	const { nodes } = await transport.encryptCallKey(devices, callKey);
	if (nodes.length === 0) {
		throw new CallError(
			'RECIPIENT_UNREACHABLE',
			'The key of the call could not be encrypted for any device of this recipient',
		);
	}
	return nodes;
}

/** Who has none of ours is given one first: they may answer with theirs. Without it the offer is tried. */
async function findToken(
	lid: string,
	transport: CallTransport,
	clock: Clock,
	signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
	const known = await transport.tokenOf(lid);
	if (known !== undefined) {
		return known;
	}
	const deadline = clock.now() + TOKEN_WAIT_MS;
	const answered = new AbortController();
	const stop = signal === undefined ? answered.signal : AbortSignal.any([signal, answered.signal]);
	const issued = await Promise.race([
		transport.issueToken(lid, false).catch(() => false),
		clock.sleep(TOKEN_WAIT_MS, stop).then(() => false),
	]);
	answered.abort();
	if (!issued) {
		return undefined;
	}
	for (;;) {
		const token = await transport.tokenOf(lid);
		if (token !== undefined || clock.now() >= deadline || signal?.aborted === true) {
			return token;
		}
		await clock.sleep(TOKEN_POLL_MS, signal);
	}
}
