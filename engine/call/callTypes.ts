import type { ErrorCode } from '../../common/errors';
import type { CallEndedBy, CallOutcome } from '../../common/report';
import type { CallIdentity } from './stanzas/actions';
import type { BinaryNode } from './stanzas/binaryNode';
import type { AudioAgreement } from './stanzas/parse';

/** `fake` rings and hangs up; `audio` goes on into the media. */
export type CallKind = 'audio' | 'fake';

/** Protocol page 01, "States". Only forwards; `ended` is a sink. */
export type CallState = 'active' | 'calling' | 'connecting' | 'ended' | 'idle' | 'ringing';

/** An offer that is ready to be sent, and whom it reaches. */
export interface PreparedOffer extends CallIdentity {
	node: BinaryNode;
	stanzaId: string;
	/** The recipient's hidden id without a device. */
	peer: string;
	/** The recipient's telephone address, where we know it: some stanzas may come from there. */
	peerPhone?: string;
	/** Every device of the recipient, as stanzas write it; all of them are told to stop. */
	ringDevices: readonly string[];
	/** Those of them that got the call key: the others cannot ring. */
	offeredDevices: readonly string[];
}

/**
 * - `ack`: the server's answer to the offer
 * - `ring`: how long it may ring
 * - `relay`: how long after the accept the relay may take
 */
export type TimerName = 'ack' | 'relay' | 'ring';

interface At {
	/** Milliseconds since the epoch. */
	at: number;
}

interface FromDevice extends At {
	/** The recipient's device, `user@lid` or `user:N@lid`. */
	device: string;
}

export type CallEvent =
	/** An offer was prepared: the first one starts the call, a second one follows `prepareAgain`. */
	| (At & { kind: 'offer'; offer: PreparedOffer })
	/** What `prepareAgain` asked for could not be had. */
	| (At & { kind: 'prepareFailed'; code: ErrorCode })
	| (At & { kind: 'ack'; error?: string; relay?: BinaryNode })
	| (FromDevice & { kind: 'receipt' })
	| (FromDevice & { kind: 'preaccept'; audio: AudioAgreement })
	| (FromDevice & { kind: 'accept'; audio: AudioAgreement })
	| (FromDevice & { kind: 'reject'; reason?: string })
	| (FromDevice & { kind: 'terminate'; reason?: string })
	/** Relays that came in a stanza other than the ack. */
	| (At & { kind: 'moreRelays'; relay: BinaryNode })
	| (At & { kind: 'timer'; timer: TimerName })
	/** A relay answered our Allocate with success. */
	| (At & { kind: 'relayReady' })
	/** Every relay failed, or the media stopped for good. */
	| (At & { kind: 'relayFailed' })
	/** The first packet of the recipient that authenticates. */
	| (At & { kind: 'peerAudio' })
	/** The recording was played to its end: there is nothing more to say. */
	| (At & { kind: 'audioFinished' })
	/** Our user gives up. */
	| (At & { kind: 'cancel' })
	/** The connection to WhatsApp is gone: nothing can be sent any more. */
	| (At & { kind: 'socketClosed' });

export type CallAction =
	| { kind: 'send'; node: BinaryNode }
	/** Resolve devices and sessions afresh, wrap a new key, and answer with `offer` or `prepareFailed`. */
	| { kind: 'prepareAgain' }
	/** Give the recipient our trusted-contact token; `always`: even if they were given one lately. */
	| { kind: 'issueToken'; always: boolean }
	| { kind: 'setTimer'; timer: TimerName; at: number }
	| { kind: 'clearTimer'; timer: TimerName }
	/** Connect to the relays of this block and send silence. */
	| { kind: 'startMedia'; relay: BinaryNode; device?: string }
	| { kind: 'moreRelays'; relay: BinaryNode }
	/** This device answered: what it sends is to be understood from now on. */
	| { kind: 'rekeyMedia'; device: string }
	/** Answered and connected: say what there is to say. */
	| { kind: 'playAudio' }
	| { kind: 'stopMedia' }
	/** The one last action of every call. */
	| { kind: 'report'; ending: CallEnding };

/** How a call ended, in milliseconds and without sentences. */
export interface CallEnding {
	outcome: Exclude<CallOutcome, 'placed'>;
	endedBy: CallEndedBy;
	/** With `failed`. */
	failureCode?: ErrorCode;
	/** The number with which the server refused the offer, as it wrote it. */
	refusal?: string;
	/** The reason that a terminate gave, as it was written. */
	reason?: string;
	/** False when neither the server nor a device showed that it had the offer. */
	reached: boolean;
	/** A device of the recipient confirmed that it rings. */
	rang: boolean;
	/** A device of the recipient said that it is busy. */
	busySeen: boolean;
	/** Packets of the recipient came back. */
	heard: boolean;
	placedAt?: number;
	answeredAt?: number;
	endedAt: number;
	/** From the first sign of ringing to the answer or the end; absent without such a sign. */
	ringMilliseconds?: number;
	/** From the answer to the end; absent when nobody answered. */
	talkMilliseconds?: number;
}
