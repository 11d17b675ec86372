import type { proto } from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };
import type { Address } from '../../common/address';
import type { VoiceNoteAudio } from '../audio';
import type { CallTransport } from '../call';
import type { WASocket } from '../session';

export type Message = proto.IMessage;
export type AudioMessage = proto.Message.IAudioMessage;
export type ContextInfo = proto.IContextInfo;

/** What a voice note uses of a socket of Baileys. */
export type VoiceSocket = Pick<
	WASocket,
	'authState' | 'groupMetadata' | 'query' | 'relayMessage' | 'sendNode' | 'ws'
>;

/** The connection that a voice note goes over. */
export interface VoiceLine {
	socket: VoiceSocket;
	/** Its questions about people and devices, the same ones that calls ask. */
	transport: Pick<
		CallTransport,
		'devicesOf' | 'ensureSessions' | 'isOpen' | 'lookUpNumber' | 'onClosed'
	>;
}

export interface VoiceNote {
	to: Address;
	audio: Pick<VoiceNoteAudio, 'durationSeconds' | 'ogg' | 'waveform'>;
	/** Id of the message that it answers. */
	replyTo?: string;
	/** Gives it up as long as it has not been sent. */
	signal?: AbortSignal;
}

export interface VoiceNoteResult {
	messageId: string;
	/** The chat, as WhatsApp knows it; its digits may differ from those asked for. */
	jid: string;
	/** WhatsApp took it; whether a phone has it already is another question. */
	status: 'sent';
	/** How long it is. */
	seconds: number;
}
