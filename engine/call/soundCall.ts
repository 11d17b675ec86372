import type {
	CallCodecName,
	MediaAnswer,
	MediaCall,
	MediaSummary,
	PackedFrames,
	PlayPlan,
} from '../media/messages';
import type { RelayEndpoint } from '../relay/types';
import type { ConnectMedia, MediaAction, MediaEvent } from './callDriver';
import { silentLogger, type CallLogger } from './callLogger';
import type { OfferWithKey } from './prepareOffer';
import type { BinaryNode } from './stanzas/binaryNode';
import type { OfferedCodec } from './stanzas/offer';
import { parseRelayBlock } from './stanzas/relayBlock';

/** How long the media may take to say what became of it, after it was stopped. */
const SUMMARY_MS = 5_000;

/** The media of a call under way. */
export interface MediaHandle {
	addRelays(endpoints: readonly RelayEndpoint[]): void;
	rekey(device: string): void;
	peerSpeaksMlow(mlow: boolean): void;
	play(): void;
	stop(): void;
}

/** Starts the media of a call; the media thread is the real one. */
export type StartMedia = (call: MediaCall, tell: (answer: MediaAnswer) => void) => MediaHandle;

/** What a call is to say, and how. */
export interface SoundPlan {
	codec: CallCodecName;
	plan: PlayPlan;
	/** With MLow: the same recording in native Opus, for an app that does not speak MLow. */
	opusFrames?: PackedFrames;
	/** Keep what the recipient says, up to so many milliseconds. */
	recordAtMostMs?: number;
	/** sha-256 of the relay's certificate; any is accepted when absent. */
	relayFingerprint?: string;
	logger?: CallLogger;
}

/** The sound of one call: carries what the call asks of its media to the media thread, and back. */
export class SoundCall {
	/** Our offer claims MLow only when we speak it (protocol page 05, section 3). */
	readonly codec: OfferedCodec;
	private handle: MediaHandle | undefined;
	private stopped: ((summary: MediaSummary | undefined) => void) | undefined;
	private readonly ended: Promise<MediaSummary | undefined>;

	constructor(
		private readonly startMedia: StartMedia,
		private readonly plan: SoundPlan,
	) {
		this.codec = plan.codec === 'mlow' ? 'mlow' : 'opus';
		this.ended = new Promise((resolve) => {
			this.stopped = resolve;
		});
	}

	readonly connectMedia: ConnectMedia = (offer, tell) => (action) => {
		this.perform(action, offer, tell);
	};

	/** What became of the media; undefined when there never was any, or it does not answer. */
	async summary(): Promise<MediaSummary | undefined> {
		if (this.handle === undefined) {
			return undefined;
		}
		this.handle.stop();
		const patience = setTimeout(() => this.stopped?.(undefined), SUMMARY_MS);
		try {
			return await this.ended;
		} finally {
			clearTimeout(patience);
		}
	}

	private perform(
		action: MediaAction,
		offer: OfferWithKey,
		tell: (event: MediaEvent) => void,
	): void {
		switch (action.kind) {
			case 'startMedia':
				return this.start(action.relay, action.device, offer, tell);
			case 'moreRelays':
				return this.handle?.addRelays(parseRelayBlock(action.relay)?.endpoints ?? []);
			case 'rekeyMedia':
				return this.handle?.rekey(action.device);
			case 'peerSpeaksMlow':
				return this.handle?.peerSpeaksMlow(action.mlow);
			case 'playAudio':
				return this.handle?.play();
			case 'stopMedia':
				return this.handle?.stop();
		}
	}

	private start(
		relay: BinaryNode,
		device: string | undefined,
		{ offer, callKey }: OfferWithKey,
		tell: (event: MediaEvent) => void,
	): void {
		const { logger = silentLogger, relayFingerprint } = this.plan;
		const { codec, opusFrames, plan, recordAtMostMs } = this.plan;
		const block = parseRelayBlock(relay);
		if (block === undefined) {
			logger.warn('the relay block of the call cannot be read');
			// Not at once: the call is still taking the event that brought the block.
			queueMicrotask(() => tell({ kind: 'relayFailed' }));
			return;
		}
		const call: MediaCall = {
			callId: offer.callId,
			callKey,
			ownDevice: offer.creator,
			peer: offer.peer,
			peerDevices: offer.offeredDevices,
			relayKey: block.key,
			tagBytes: block.tagBytes,
			endpoints: block.endpoints,
			codec,
			plan,
			...(opusFrames !== undefined && { opusFrames }),
			...(device !== undefined && { answeringDevice: device }),
			...(relayFingerprint !== undefined && { relayFingerprint }),
			...(recordAtMostMs !== undefined && { recordAtMostMs }),
		};
		this.handle = this.startMedia(call, (answer) => {
			switch (answer.type) {
				case 'stopped':
					return this.stopped?.(answer.summary);
				case 'relayFailed':
					logger.warn('the media of the call has no relay', { reason: answer.reason });
					return tell({ kind: 'relayFailed' });
				default:
					return tell({ kind: answer.type });
			}
		});
	}
}
