import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import { eventOf } from './callEvents';
import type { CallLogger } from './callLogger';
import { CallMachine } from './callMachine';
import type { CallTransport } from './callTransport';
import type { CallAction, CallEnding, CallEvent, CallKind, TimerName } from './callTypes';
import type { CallJournal } from './journal';
import type { OfferWithKey } from './prepareOffer';
import type { BinaryNode } from './stanzas/binaryNode';
import { ProgressTeller, type CallProgress } from './progress';
import { MlowAgreement } from './mlowAgreement';
import { newStanzaId, type RandomBytes } from './stanzas/ids';
import { mlowInCapability, mlowInSettings } from './stanzas/codecs';
import { parseStanza, type IncomingStanza } from './stanzas/parse';
import { Timers } from './timers';

export type MediaAction =
	| Extract<
			CallAction,
			{ kind: 'moreRelays' | 'playAudio' | 'rekeyMedia' | 'startMedia' | 'stopMedia' }
	  >
	/** Whether the recipient's app says that it speaks MLow. */
	| { kind: 'peerSpeaksMlow'; mlow: boolean };

/** What the media tells the call; the driver adds the time. */
export type MediaEvent = {
	kind: 'audioFinished' | 'peerAudio' | 'relayFailed' | 'relayReady';
};

/**
 * Connects the media of one offer. Both functions may be called at any time until `stopMedia`, and
 * neither may throw.
 */
export type ConnectMedia = (
	offer: OfferWithKey,
	tell: (event: MediaEvent) => void,
) => (action: MediaAction) => void;

export interface CallDriverOptions {
	kind: CallKind;
	ringMilliseconds: number;
	transport: CallTransport;
	journal: CallJournal;
	clock: Clock;
	logger: CallLogger;
	random: RandomBytes;
	prepareAgain: () => Promise<OfferWithKey>;
	signal?: AbortSignal;
	connectMedia?: ConnectMedia;
	/** Must not throw. */
	onProgress?: (progress: CallProgress) => void;
}

export interface CallResult {
	ending: CallEnding;
	callId: string;
	/** Why a second offer could not be made. */
	error?: unknown;
}

/** Runs one call: carries out what its machine asks for, and brings it what happens. Used once. */
export class CallDriver {
	private readonly machine: CallMachine;
	private readonly timers: Timers<TimerName>;
	/** Stanzas leave in the order in which they were asked for. */
	private sending: Promise<void> = Promise.resolve();
	private everythingSent = true;
	private connectionLost = false;
	private latest: OfferWithKey | undefined;
	private media: ((action: MediaAction) => void) | undefined;
	/** What the recipient's devices said of MLow; of the current offer. */
	private agreement = new MlowAgreement();
	private error: unknown;
	private readonly progress: ProgressTeller | undefined;
	private finish: (ending: CallEnding) => void = () => undefined;

	constructor(private readonly options: CallDriverOptions) {
		const { clock, kind, onProgress, random, ringMilliseconds } = options;
		this.progress = onProgress && new ProgressTeller(onProgress);
		this.machine = new CallMachine({
			kind,
			ringMilliseconds,
			newStanzaId: () => newStanzaId(random),
		});
		this.timers = new Timers(clock, (timer, at) => this.handle({ kind: 'timer', timer, at }));
	}

	/** Sends the offer and resolves when the call is over and the last stanza has left. */
	async run(first: OfferWithKey): Promise<CallResult> {
		const { signal, transport } = this.options;
		const ended = new Promise<CallEnding>((resolve) => {
			this.finish = resolve;
		});
		const cancel = (): void => this.handle({ kind: 'cancel', at: this.now() });
		// Before the offer leaves: its answer may be faster than we are.
		const release = [
			transport.onStanza((node) => this.receive(node)),
			transport.onClosed(() => this.loseConnection()),
			() => signal?.removeEventListener('abort', cancel),
		];
		signal?.addEventListener('abort', cancel, { once: true });
		try {
			if (signal?.aborted === true) {
				cancel();
			} else {
				this.place(first);
			}
			const ending = await ended;
			await this.sending;
			await this.closeJournal();
			return {
				ending,
				callId: this.latest?.offer.callId ?? first.offer.callId,
				...(this.error !== undefined && { error: this.error }),
			};
		} finally {
			for (const undo of release) {
				undo();
			}
		}
	}

	private place(prepared: OfferWithKey): void {
		this.latest = prepared;
		this.agreement = new MlowAgreement();
		this.enqueue(() => this.options.journal.add(prepared.offer, this.now()), 'journal');
		this.handle({ kind: 'offer', offer: prepared.offer, at: this.now() });
	}

	private receive(node: unknown): void {
		const offer = this.machine.currentOffer;
		const stanza = parseStanza(node);
		const event = offer && eventOf(stanza, offer, this.now());
		if (offer !== undefined && event !== undefined) {
			this.learnCodecs(stanza, event);
			this.progress?.take(event, offer.callId);
			this.handle(event);
		}
	}

	/** The recipient's app says what it decodes: by its capability, and by the settings it was given. */
	private learnCodecs(stanza: IncomingStanza, event: CallEvent): void {
		if (stanza.kind !== 'ack' && stanza.kind !== 'accept' && stanza.kind !== 'preaccept') {
			return;
		}
		const settings = 'settings' in stanza ? stanza.settings : undefined;
		const encodesMlow = settings === undefined ? undefined : mlowInSettings(settings);
		const speaksMlow = 'capability' in stanza ? mlowInCapability(stanza.capability) : undefined;
		if (encodesMlow !== undefined || speaksMlow !== undefined) {
			const from = stanza.kind;
			this.options.logger.debug('codecs of the call', { from, speaksMlow, encodesMlow });
		}
		if (stanza.kind !== 'ack' && 'device' in event && this.agreement.take(stanza, event.device)) {
			this.tellAgreement();
		}
	}

	private tellAgreement(): void {
		const { speaksMlow } = this.agreement;
		if (speaksMlow !== undefined) {
			this.media?.({ kind: 'peerSpeaksMlow', mlow: speaksMlow });
		}
	}

	private handle(event: CallEvent): void {
		const before = this.machine.state;
		const actions = this.machine.handle(event);
		const state = this.machine.state;
		this.options.logger.debug('call event', {
			event: event.kind,
			state: before === state ? state : `${before} -> ${state}`,
			actions: actions.map(({ kind }) => kind),
		});
		for (const action of actions) {
			this.perform(action);
		}
	}

	private perform(action: CallAction): void {
		switch (action.kind) {
			case 'send':
				return this.send(action.node);
			case 'prepareAgain':
				void this.prepareAgain();
				return;
			case 'issueToken':
				void this.issueToken(action.always);
				return;
			case 'setTimer':
				return this.timers.set(action.timer, action.at);
			case 'clearTimer':
				return this.timers.clear(action.timer);
			case 'report':
				return this.finish(action.ending);
			default:
				return this.tellMedia(action);
		}
	}

	private send(node: BinaryNode): void {
		this.enqueue(() => this.options.transport.send(node), 'send');
	}

	private enqueue(task: () => Promise<void>, what: 'journal' | 'send'): void {
		this.sending = this.sending.then(task).catch((error: unknown) => {
			this.options.logger.warn(`call ${what} failed`, { reason: nameOf(error) });
			// A phone may ring without the journal; without a connection nothing goes on.
			if (what === 'send') {
				this.everythingSent = false;
				this.loseConnection();
			}
		});
	}

	private loseConnection(): void {
		this.connectionLost ||= this.machine.state !== 'ended';
		this.handle({ kind: 'socketClosed', at: this.now() });
	}

	private async prepareAgain(): Promise<void> {
		const refused = this.latest?.offer.callId;
		try {
			const again = await this.options.prepareAgain();
			if (this.machine.state !== 'ended') {
				if (refused !== undefined) {
					this.enqueue(() => this.options.journal.remove(refused), 'journal');
				}
				this.place(again);
			}
		} catch (error) {
			this.error = error;
			const code = error instanceof CallError ? error.code : 'NETWORK_UNREACHABLE';
			this.handle({ kind: 'prepareFailed', code, at: this.now() });
		}
	}

	/** After the offer, and in nobody's way (protocol page 02, section 2). */
	private async issueToken(always: boolean): Promise<void> {
		const peer = this.latest?.offer.peer;
		try {
			await this.sending;
			if (peer !== undefined) {
				await this.options.transport.issueToken(peer, always);
			}
		} catch (error) {
			this.options.logger.debug('token was not given', { reason: nameOf(error) });
		}
	}

	private tellMedia(action: Exclude<MediaAction, { kind: 'peerSpeaksMlow' }>): void {
		const { connectMedia } = this.options;
		if (action.kind === 'startMedia' && this.latest !== undefined) {
			this.media = connectMedia?.(this.latest, ({ kind }) => this.handle({ kind, at: this.now() }));
			this.media?.(action);
			this.tellAgreement();
			return;
		}
		this.media?.(action);
	}

	/** What could not be told stays in the journal: the next connection tells it. */
	private async closeJournal(): Promise<void> {
		const offer = this.latest?.offer;
		if (this.connectionLost || !this.everythingSent || offer === undefined) {
			return;
		}
		this.enqueue(() => this.options.journal.remove(offer.callId), 'journal');
		await this.sending;
	}

	private now(): number {
		return this.options.clock.now();
	}
}

/** The kind of an error; its text may hold addresses. */
function nameOf(error: unknown): string {
	return error instanceof CallError ? error.code : error instanceof Error ? error.name : 'unknown';
}
