import type { MediaSeen } from '../media/seen';
import type { VoiceSeen } from '../voice/reader';

/** One call as one device of a phone saw it. */
export interface CallSeen {
	callId: string;
	/** Which device of the phone. */
	device: number;
	/** Hidden address of the calling device. */
	from: string;
	/** Hex of the decrypted call key. */
	callKey: string;
	state: 'ringing' | 'busy' | 'answered' | 'declined' | 'ended';
	/** ISO 8601, UTC; from when until when it rang. */
	rangAt: string;
	rangUntil?: string;
	answeredAt?: string;
	endedAt?: string;
	endedBy?: 'caller' | 'self' | 'ringLimit';
	/** Reason of the caller's terminate; null when it came without one. */
	terminateReason?: string | null;
	/** Whether the call log shows a missed call (page 01, fake call). */
	missed: boolean;
	/** Other call stanzas of the caller, by tag: `mute_v2`, `transport`... */
	heard: string[];
	/** What the device heard and said; of a call that was over before it could ring, nothing. */
	media?: MediaSeen;
}

/** One message as one device of a phone read it. */
export interface MessageSeen {
	id: string;
	device: number;
	/** The chat: a person's device, a group or a channel. */
	from: string;
	/** Who wrote it in a group. */
	participant?: string;
	text?: string;
	/** Whether it is a voice note. */
	voiceNote: boolean;
	/** The voice note, when it could be fetched and played. */
	voice?: VoiceSeen;
	/** The message that it answers. */
	replyTo?: { id: string; participant: string; quotesVoice: boolean };
}

/** What a phone saw. */
export interface PhoneSeen {
	calls: CallSeen[];
	messages: MessageSeen[];
	/** Receipts for its own messages, by message id. */
	receipts: string[];
}
