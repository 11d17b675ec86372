import {
	attributeOf,
	childrenOf,
	childOf,
	bytesOf,
	findBelow,
	isBinaryNode,
	type BinaryNode,
} from './binaryNode';
import { normalizeDeviceJid } from './jid';

/** The server's answer to a stanza of class `call` (protocol page 02, section 5). */
export interface AckStanza {
	kind: 'ack';
	/** The id of the stanza that it answers. */
	stanzaId: string;
	/** The code of a refusal, as the server wrote it; `unknown` when it gave none. */
	error?: string;
	/** The relay block, untouched: reading it is the relay's business. */
	relay?: BinaryNode;
	/** The devices that the server rings, where it says so. */
	devices: string[];
	/** The settings that the server gave the recipient's app. */
	settings?: BinaryNode;
}

/** One of the recipient's devices has the offer. */
export interface ReceiptStanza {
	kind: 'receipt';
	stanzaId: string;
	sender: string;
	callId?: string;
	/** A replay of something older, sent when the connection opened. */
	offline: boolean;
}

interface CallStanzaEnvelope {
	callId: string;
	creator: string;
	/** The device that sent it. */
	sender: string;
	/** A replay of something older, sent when the connection opened. */
	offline: boolean;
}

export interface PreacceptStanza extends CallStanzaEnvelope {
	kind: 'preaccept';
	audio: AudioAgreement;
	capability?: Uint8Array;
}

export interface AcceptStanza extends CallStanzaEnvelope {
	kind: 'accept';
	audio: AudioAgreement;
	capability?: Uint8Array;
	/** The settings that the recipient's app was given, as it sent them. */
	settings?: BinaryNode;
}

export interface RejectStanza extends CallStanzaEnvelope {
	kind: 'reject';
	reason?: string;
}

export interface TerminateStanza extends CallStanzaEnvelope {
	kind: 'terminate';
	reason?: string;
}

/** A stanza of a call that asks for nothing but its acknowledgement, which Baileys sends. */
export interface OtherCallStanza extends CallStanzaEnvelope {
	kind: 'other';
	tag: string;
	/** `transport` and `relaylatency` may bring relays when the ack brought none. */
	relay?: BinaryNode;
}

/** Not about a call, or not readable. */
export interface UnknownStanza {
	kind: 'unknown';
}

export type IncomingStanza =
	| AcceptStanza
	| AckStanza
	| OtherCallStanza
	| PreacceptStanza
	| ReceiptStanza
	| RejectStanza
	| TerminateStanza
	| UnknownStanza;

/** `unsaid`: no audio nodes at all, which is allowed. */
export type AudioAgreement = 'agreed' | 'mismatch' | 'unsaid';

const UNKNOWN: UnknownStanza = { kind: 'unknown' };
const AUDIO_ENCODING = 'opus';
const AUDIO_RATE = '16000';

/**
 * Reads what the server or a device sent: `call`, `receipt`, and `ack` of class `call`
 * (protocol page 02, sections 5 and 6). Never throws: what cannot be read is `unknown`.
 */
export function parseStanza(input: unknown): IncomingStanza {
	if (!isBinaryNode(input)) {
		return UNKNOWN;
	}
	switch (input.tag) {
		case 'ack':
			return parseAck(input);
		case 'receipt':
			return parseReceipt(input);
		case 'call':
			return parseCall(input);
		default:
			return UNKNOWN;
	}
}

function parseAck(node: BinaryNode): AckStanza | UnknownStanza {
	const stanzaId = attributeOf(node, 'id');
	if (stanzaId === undefined || attributeOf(node, 'class') !== 'call') {
		return UNKNOWN;
	}
	const error = errorOf(node);
	const relay = findBelow(node, 'relay');
	const settings = findBelow(node, 'voip_settings');
	return {
		kind: 'ack',
		stanzaId,
		devices: rungDevices(node),
		...(error !== undefined && { error }),
		...(relay !== undefined && { relay }),
		...(settings !== undefined && { settings }),
	};
}

/** A refusal shows as an attribute, as a child, or as both. */
function errorOf(node: BinaryNode): string | undefined {
	const attribute = attributeOf(node, 'error');
	if (attribute !== undefined) {
		return attribute;
	}
	const child = childOf(node, 'error');
	return child === undefined ? undefined : (attributeOf(child, 'code') ?? 'unknown');
}

function rungDevices(node: BinaryNode): string[] {
	return childrenOf(node)
		.filter((child) => child.tag === 'user')
		.flatMap(childrenOf)
		.filter((child) => child.tag === 'device')
		.flatMap((device) => normalizeDeviceJid(attributeOf(device, 'jid')) ?? []);
}

function parseReceipt(node: BinaryNode): ReceiptStanza | UnknownStanza {
	const stanzaId = attributeOf(node, 'id');
	const sender = senderOf(node);
	const offer = childOf(node, 'offer');
	if (stanzaId === undefined || sender === undefined || offer === undefined) {
		return UNKNOWN;
	}
	const callId = attributeOf(offer, 'call-id');
	return {
		kind: 'receipt',
		stanzaId,
		sender,
		offline: isReplay(node),
		...(callId !== undefined && { callId }),
	};
}

function parseCall(node: BinaryNode): IncomingStanza {
	const [child] = childrenOf(node);
	const sender = senderOf(node);
	if (child === undefined || sender === undefined) {
		return UNKNOWN;
	}
	const callId = attributeOf(child, 'call-id');
	const creator = normalizeDeviceJid(attributeOf(child, 'call-creator'));
	if (callId === undefined || creator === undefined) {
		return UNKNOWN;
	}
	const envelope: CallStanzaEnvelope = { callId, creator, sender, offline: isReplay(node) };
	switch (child.tag) {
		case 'preaccept':
			return { kind: 'preaccept', ...envelope, audio: audioOf(child), ...capabilityOf(child) };
		case 'accept':
			return {
				kind: 'accept',
				...envelope,
				audio: audioOf(child),
				...capabilityOf(child),
				...settingsOf(child),
			};
		case 'reject':
		case 'terminate':
			return { kind: child.tag, ...envelope, ...reasonOf(child) };
		default: {
			const relay = findBelow(child, 'relay');
			return {
				kind: 'other',
				...envelope,
				tag: child.tag,
				...(relay !== undefined && { relay }),
			};
		}
	}
}

/** Protocol page 02, section 6: the sender is the participant where there is one. */
function senderOf(node: BinaryNode): string | undefined {
	return normalizeDeviceJid(attributeOf(node, 'participant') ?? attributeOf(node, 'from'));
}

function isReplay(node: BinaryNode): boolean {
	return Object.hasOwn(node.attrs, 'offline');
}

function audioOf(node: BinaryNode): AudioAgreement {
	const audio = childrenOf(node).filter((child) => child.tag === 'audio');
	if (audio.length === 0) {
		return 'unsaid';
	}
	return audio.some(({ attrs }) => attrs.enc === AUDIO_ENCODING && attrs.rate === AUDIO_RATE)
		? 'agreed'
		: 'mismatch';
}

function capabilityOf(node: BinaryNode): { capability?: Uint8Array } {
	const child = childOf(node, 'capability');
	const capability = child === undefined ? undefined : bytesOf(child);
	return capability === undefined ? {} : { capability };
}

function settingsOf(node: BinaryNode): { settings?: BinaryNode } {
	const settings = childOf(node, 'voip_settings');
	return settings === undefined ? {} : { settings };
}

function reasonOf(node: BinaryNode): { reason?: string } {
	const reason = attributeOf(node, 'reason');
	return reason === undefined ? {} : { reason };
}
