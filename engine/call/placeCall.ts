import { randomBytes } from 'node:crypto';
import type { CallableAddress } from '../../common/address';
import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import type { CallReport } from '../../common/report';
import { CallDriver, type ConnectMedia } from './callDriver';
import { silentLogger, type CallLogger } from './callLogger';
import { toCallError, toCallReport } from './callReport';
import type { CallTransport } from './callTransport';
import type { CallJournal } from './journal';
import type { CallProgress } from './progress';
import { prepareOffer, type OfferWithKey } from './prepareOffer';
import { resolveRecipient, type NumberCache } from './recipient';
import type { RandomBytes } from './stanzas/ids';
import type { OfferedCodec } from './stanzas/offer';

/** What makes a call an audio call. */
export interface CallSound {
	/** The codec whose support our offer claims. */
	codec: OfferedCodec;
	connectMedia: ConnectMedia;
}

export interface CallRequest {
	address: CallableAddress;
	/** How long it may ring, in seconds. */
	ringSeconds: number;
	/** Rings and hangs up without it. */
	sound?: CallSound;
	/** Told what becomes known before the end; must not throw. */
	onProgress?: (progress: CallProgress) => void;
	/** Hangs up when it aborts. */
	signal?: AbortSignal;
	/** How long the call waited for its turn. */
	waitedMilliseconds?: number;
}

/** What a session lends to its calls. */
export interface CallServices {
	transport: CallTransport;
	journal: CallJournal;
	numbers: NumberCache;
	clock: Clock;
	logger?: CallLogger;
	random?: RandomBytes;
	/** Called before the offer goes out: from then on a phone may ring. */
	onPlaced?: () => Promise<void>;
}

/**
 * Places one call and follows it to its end.
 *
 * Whatever goes wrong before somebody shows that the offer arrived is thrown; from then on there is
 * always a report.
 *
 * @throws CallError NOT_ON_WHATSAPP, RECIPIENT_UNREACHABLE, NOT_LINKED, OFFER_REFUSED,
 * ACCOUNT_RESTRICTED, MAYBE_PLACED, NETWORK_UNREACHABLE, CANCELLED
 */
export async function placeCall(request: CallRequest, services: CallServices): Promise<CallReport> {
	const { address, onProgress, ringSeconds, signal, sound } = request;
	const kind = sound === undefined ? 'fake' : 'audio';
	// A fake call speaks nothing; it claims what phones claim.
	const codec = sound?.codec ?? 'mlow';
	const { clock, numbers, random = randomBytes, transport } = services;
	const prepare = async (fresh: boolean): Promise<OfferWithKey> => {
		const recipient = await resolveRecipient(address, transport, numbers, fresh);
		return await prepareOffer({ recipient, codec, fresh, signal }, transport, clock, random);
	};
	requireReady(transport, signal);
	const first = await prepare(false);
	requireReady(transport, signal);
	await services.onPlaced?.();
	const driver = new CallDriver({
		kind,
		ringMilliseconds: ringSeconds * 1_000,
		transport,
		journal: services.journal,
		clock,
		logger: services.logger ?? silentLogger,
		random,
		prepareAgain: () => prepare(true),
		...(signal !== undefined && { signal }),
		...(onProgress !== undefined && { onProgress }),
		...(sound !== undefined && { connectMedia: sound.connectMedia }),
	});
	const { callId, ending, error } = await driver.run(first);
	if (!ending.reached) {
		throw error ?? toCallError(ending);
	}
	return toCallReport(ending, {
		kind,
		callId,
		number: address.kind === 'phone' ? address.number : address.jid,
		ringSeconds,
		waitedMilliseconds: request.waitedMilliseconds ?? 0,
	});
}

/** Nothing was sent yet, and nothing will be. */
function requireReady(transport: CallTransport, signal: AbortSignal | undefined): void {
	const hint = 'Nothing was sent, so running it again is safe.';
	if (signal?.aborted === true) {
		throw new CallError('CANCELLED', 'The call was cancelled before it was placed', { hint });
	}
	if (!transport.isOpen) {
		throw new CallError('NETWORK_UNREACHABLE', 'The connection to WhatsApp is closed', { hint });
	}
}
