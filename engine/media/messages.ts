import type { CallCodecName, PackedFrames } from '../audio/types';
import type { RelayEndpoint } from '../relay/types';

export type { CallCodecName, PackedFrames };

/** What there is to say, and what to do around it. */
export interface PlayPlan {
	frames: PackedFrames;
	/** How often the recording is played, at least once. */
	repeat: number;
	/** Silence between two rounds, in milliseconds. */
	pauseBetweenRepeatsMs: number;
	/** How long to stay on the line after the last round, in milliseconds. */
	stayMs: number;
}

/** The media of one call. */
export interface MediaCall {
	callId: string;
	/** 32 bytes. */
	callKey: Uint8Array;
	/** Our own device's address, `user:N@lid`. */
	ownDevice: string;
	/** The recipient's hidden id without a device. */
	peer: string;
	/** Every device that was offered the call. */
	peerDevices: readonly string[];
	/** The device that answered, when that came first. */
	answeringDevice?: string;
	/** STUN key of the relay block. */
	relayKey: string;
	/** Length of the tag of media packets, 1 to 20. */
	tagBytes: number;
	endpoints: readonly RelayEndpoint[];
	/** sha-256 of the relay's certificate (`AA:BB:…`); any is accepted when absent. */
	relayFingerprint?: string;
	codec: CallCodecName;
	plan: PlayPlan;
	/** With MLow: the same recording in native Opus, for an app that does not speak MLow. */
	opusFrames?: PackedFrames;
	/** Keep what the recipient says, up to so many milliseconds. */
	recordAtMostMs?: number;
}

/** Main thread to media thread. What is about a call that has ended is ignored. */
export type MediaRequest =
	| { type: 'start'; id: number; call: MediaCall }
	| { type: 'relays'; id: number; endpoints: readonly RelayEndpoint[] }
	/** This device answered: what it sends is to be understood from now on. */
	| { type: 'rekey'; id: number; device: string }
	/** The capability of the recipient, as its preaccept or accept said it: whether it speaks MLow. */
	| { type: 'peerSpeaksMlow'; id: number; mlow: boolean }
	/** Answered and connected: say what there is to say. */
	| { type: 'play'; id: number }
	/** Ends the media; `stopped` follows. */
	| { type: 'stop'; id: number };

/** What became of the media of a call. */
export interface MediaSummary {
	/** How much of the recording was sent after the answer, in milliseconds; of all rounds. */
	playedMs: number;
	/** What was sent in the end: native Opus instead of MLow to an app that does not speak it. */
	codecSent: CallCodecName;
	/** What the packets of the recipient were; absent when none came. */
	recipientCodec?: CallCodecName;
	packetsSent: number;
	/** Those that authenticated and were no repetition. */
	packetsReceived: number;
	/** Those that did not authenticate. */
	packetsRefused: number;
	recording?: MediaRecording;
}

/** What the recipient said. */
export interface MediaRecording {
	/** An OGG/Opus file. */
	ogg: Uint8Array;
	durationMs: number;
}

/** Media thread to main thread. */
export type MediaAnswer =
	/** The first relay granted its service. */
	| { type: 'relayReady'; id: number }
	/** Every relay failed, or the media stopped for good. */
	| { type: 'relayFailed'; id: number; reason: string }
	/** The first packet of the recipient that authenticates. */
	| { type: 'peerAudio'; id: number }
	/** Everything was said, and the line was held as long as the plan wants. */
	| { type: 'audioFinished'; id: number }
	| { type: 'stopped'; id: number; summary: MediaSummary };
