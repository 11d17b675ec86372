import { ActionList } from './actionList';
import { CallFacts } from './callFacts';
import { CallMedia } from './callMedia';
import type {
	CallAction,
	CallEnding,
	CallEvent,
	CallKind,
	CallState,
	PreparedOffer,
} from './callTypes';
import { RingingDevices } from './ringingDevices';
import { buildTerminate, buildUnmuted, type StopReason } from './stanzas/actions';
import { endingWithoutSocket, failureOfRefusal, outcomeOfTerminate } from './outcomes';

/** Protocol page 01, "Timers". */
export const ACK_TIMEOUT_MS = 10_000;
export const RELAY_AFTER_ACCEPT_TIMEOUT_MS = 10_000;
/** How long after the ack a sign of ringing moves the start of the ring time (page 01, "Fake call"). */
export const FIRST_SIGN_WAIT_MS = 10_000;

export interface CallMachineOptions {
	kind: CallKind;
	/** How long it may ring. */
	ringMilliseconds: number;
	/** A fresh id for every stanza. */
	newStanzaId: () => string;
}

type EventOf<K extends CallEvent['kind']> = Extract<CallEvent, { kind: K }>;
type Ending = Pick<CallEnding, 'endedBy' | 'failureCode' | 'outcome' | 'reason' | 'refusal'>;

/**
 * One outgoing call: events in, actions out. Holds no socket and reads no clock; events bring the
 * time. After its report, a call never asks for anything again.
 */
export class CallMachine {
	private current: CallState = 'idle';
	private offer: PreparedOffer | undefined;
	private devices = new RingingDevices('', [], []);
	private readonly actions = new ActionList();
	private readonly facts = new CallFacts();
	private offersSent = 0;
	private readonly media: CallMedia;
	private answeringDevice: string | undefined;

	constructor(private readonly options: CallMachineOptions) {
		this.media = new CallMedia(options.kind, this.actions);
	}

	get state(): CallState {
		return this.current;
	}

	/** The offer that is out, to tell which stanzas belong to it. None before it, or while a new one is prepared. */
	get currentOffer(): PreparedOffer | undefined {
		return this.offer;
	}

	/** Takes one event and says what to do, in order. */
	handle(event: CallEvent): CallAction[] {
		if (this.current !== 'ended') {
			this.take(event);
		}
		return this.actions.takeAll();
	}

	private take(event: CallEvent): void {
		switch (event.kind) {
			case 'offer':
				return this.sendOffer(event);
			case 'prepareFailed':
				return this.prepareFailed(event);
			case 'cancel':
				return this.cancel(event.at);
			case 'socketClosed':
				return this.socketClosed(event.at);
			default:
				// Everything else is about an offer that is out.
				if (this.offer !== undefined) {
					this.takeInCall(event, this.offer);
				}
		}
	}

	private takeInCall(
		event: Exclude<CallEvent, EventOf<'cancel' | 'offer' | 'prepareFailed' | 'socketClosed'>>,
		offer: PreparedOffer,
	): void {
		this.facts.contacted ||= 'device' in event;
		switch (event.kind) {
			case 'ack':
				return this.ack(event);
			case 'receipt':
			case 'preaccept':
				return this.confirmRinging(event.device, event.at, offer);
			case 'accept':
				return this.accept(event, offer);
			case 'reject':
				return this.reject(event, offer);
			case 'terminate':
				return this.terminated(event);
			case 'timer':
				return this.timer(event);
			case 'moreRelays':
				return this.media.takeRelay(event.relay, this.answeringDevice);
			case 'relayReady':
				this.media.markReady();
				return this.becomeActiveWhenConnected();
			case 'relayFailed':
				return this.relayFailed(event.at);
			case 'peerAudio':
				return this.media.markHeard();
			case 'audioFinished':
				if (this.current === 'active') {
					this.hangUp(event.at, { outcome: 'answered', endedBy: 'us' });
				}
				return;
		}
	}

	private sendOffer({ at, offer }: EventOf<'offer'>): void {
		if (this.offer !== undefined) {
			return;
		}
		this.current = 'calling';
		this.offer = offer;
		this.devices = new RingingDevices(offer.peer, offer.ringDevices, offer.offeredDevices);
		this.offersSent += 1;
		this.facts.placedAt = at;
		this.actions.send(offer.node);
		this.actions.add({ kind: 'issueToken', always: false });
		this.actions.setTimer('ack', at + ACK_TIMEOUT_MS);
	}

	private prepareFailed({ at, code }: EventOf<'prepareFailed'>): void {
		if (this.offer === undefined) {
			this.end(at, { outcome: 'failed', endedBy: 'network', failureCode: code });
		}
	}

	private ack({ at, error, relay }: EventOf<'ack'>): void {
		if (this.facts.acknowledgedAt !== undefined) {
			return;
		}
		if (error !== undefined) {
			return this.refused(error, at);
		}
		this.facts.acknowledgedAt = at;
		if (this.options.kind === 'fake') {
			this.actions.clearTimer('ack');
		}
		if (this.current === 'calling') {
			// Where no device ever confirms, the ring time runs from here, but a sign may still come.
			const wait = Math.max(this.options.ringMilliseconds, FIRST_SIGN_WAIT_MS);
			this.actions.setTimer('ring', at + wait);
		}
		if (relay !== undefined) {
			this.media.takeRelay(relay, this.answeringDevice);
		}
	}

	private refused(error: string, at: number): void {
		const untouched = this.current === 'calling';
		const failureCode = failureOfRefusal(error, untouched && this.offersSent === 1);
		if (failureCode === 'retry') {
			this.offer = undefined;
			this.actions.clearTimers();
			this.actions.add({ kind: 'prepareAgain' });
			return;
		}
		if (failureCode === 'ACCOUNT_RESTRICTED') {
			this.actions.add({ kind: 'issueToken', always: true });
		}
		const ending: Ending = { outcome: 'failed', endedBy: 'network', failureCode, refusal: error };
		// A refused offer rings nowhere, unless a device has shown that it does.
		return untouched ? this.end(at, ending) : this.hangUp(at, ending);
	}

	private confirmRinging(device: string, at: number, offer: PreparedOffer): void {
		this.devices.confirm(device);
		if (this.answeringDevice !== undefined) {
			return this.dismiss('accepted_elsewhere', this.answeringDevice, offer);
		}
		if (this.facts.firstSignAt !== undefined) {
			return;
		}
		this.facts.firstSignAt = at;
		this.current = 'ringing';
		const { acknowledgedAt = at } = this.facts;
		if (at <= acknowledgedAt + FIRST_SIGN_WAIT_MS) {
			this.actions.setTimer('ring', at + this.options.ringMilliseconds);
		}
	}

	private accept({ at, audio, device }: EventOf<'accept'>, offer: PreparedOffer): void {
		if (this.answeringDevice !== undefined) {
			// The first one wins. A device that no list named has not been told yet.
			this.devices.confirm(device);
			return this.dismiss('accepted_elsewhere', this.answeringDevice, offer);
		}
		this.devices.confirm(device);
		this.answeringDevice = device;
		this.facts.answeredAt = at;
		this.current = 'connecting';
		this.actions.clearTimer('ring');
		const mismatch = audio === 'mismatch' && this.options.kind === 'audio';
		if (this.options.kind === 'fake' || mismatch) {
			const ending: Ending = mismatch
				? { outcome: 'failed', endedBy: 'us', failureCode: 'CODEC_REFUSED' }
				: { outcome: 'answered', endedBy: 'us' };
			this.hangUp(at, ending, () => this.dismiss('accepted_elsewhere', device, offer));
			return;
		}
		this.media.rekey(device);
		this.dismiss('accepted_elsewhere', device, offer);
		this.actions.send(buildUnmuted(offer, device, this.options.newStanzaId()));
		this.actions.setTimer('relay', at + RELAY_AFTER_ACCEPT_TIMEOUT_MS);
		this.becomeActiveWhenConnected();
	}

	private reject({ at, device, reason }: EventOf<'reject'>, offer: PreparedOffer): void {
		if (this.answeringDevice !== undefined) {
			if (device === this.answeringDevice) {
				this.end(at, { outcome: 'answered', endedBy: 'recipient' });
			}
			return;
		}
		if (reason === 'busy') {
			this.devices.markBusy(device);
			if (this.devices.allBusy) {
				this.end(at, { outcome: 'busy', endedBy: 'recipient' });
			}
			return;
		}
		this.dismiss('rejected_elsewhere', device, offer);
		this.end(at, {
			outcome: 'declined',
			endedBy: 'recipient',
			...(reason !== undefined && { reason }),
		});
	}

	/** Nothing is sent after a terminate (page 01, "Fake call"). */
	private terminated({ at, device, reason }: EventOf<'terminate'>): void {
		const said = reason === undefined ? {} : { reason };
		if (this.answeringDevice === undefined) {
			this.end(at, { ...outcomeOfTerminate(reason), ...said });
		} else if (device === this.answeringDevice) {
			this.end(at, { outcome: 'answered', endedBy: 'recipient', ...said });
		}
	}

	private timer({ at, timer }: EventOf<'timer'>): void {
		if (!this.actions.expires(timer, at)) {
			return;
		}
		switch (timer) {
			case 'ring':
				return this.hangUp(at, {
					outcome: this.devices.allConfirmedBusy ? 'busy' : 'noAnswer',
					endedBy: 'us',
				});
			case 'relay':
				return this.relayFailed(at);
			case 'ack':
				if (!this.facts.reached) {
					this.hangUp(at, { outcome: 'failed', endedBy: 'network', failureCode: 'MAYBE_PLACED' });
				} else if (this.options.kind === 'audio') {
					this.relayFailed(at);
				}
		}
	}

	private becomeActiveWhenConnected(): void {
		if (this.current === 'connecting' && this.media.ready) {
			this.current = 'active';
			this.actions.clearTimer('relay');
			this.actions.add({ kind: 'playAudio' });
		}
	}

	private relayFailed(at: number): void {
		if (this.options.kind === 'fake') {
			return;
		}
		this.hangUp(
			at,
			this.current === 'active'
				? { outcome: 'answered', endedBy: 'network' }
				: { outcome: 'failed', endedBy: 'network', failureCode: 'RELAY_UNREACHABLE' },
		);
	}

	private cancel(at: number): void {
		this.hangUp(at, {
			outcome: this.facts.answeredAt === undefined ? 'cancelled' : 'answered',
			endedBy: 'us',
		});
	}

	private socketClosed(at: number): void {
		// An offer without any answer may ring or not: only the phone knows.
		const certain = this.offer === undefined || this.facts.reached;
		this.end(at, endingWithoutSocket(this.current === 'active', certain));
	}

	/** Reasons are for devices that ring no more; a hang-up has none, so that a missed call stays. */
	private hangUp(at: number, ending: Ending, beforeEnd?: () => void): void {
		if (this.offer !== undefined) {
			const to =
				this.answeringDevice === undefined ? this.devices.toHangUp() : [this.answeringDevice];
			for (const device of to) {
				this.actions.send(buildTerminate(this.offer, device, this.options.newStanzaId()));
			}
		}
		beforeEnd?.();
		this.end(at, ending);
	}

	private dismiss(reason: StopReason, except: string, offer: PreparedOffer): void {
		for (const device of this.devices.toDismiss(except)) {
			this.actions.send(buildTerminate(offer, device, this.options.newStanzaId(), reason));
		}
	}

	private end(at: number, ending: Ending): void {
		this.current = 'ended';
		this.actions.clearTimers();
		this.media.stop();
		this.actions.add({
			kind: 'report',
			ending: {
				...ending,
				...this.facts.at(at),
				busySeen: this.devices.busySeen,
				heard: this.media.heard,
				endedAt: at,
			},
		});
	}
}
