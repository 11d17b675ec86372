import { LRUCache } from 'lru-cache';
import { CallError } from '../../common/errors';
import type { Chat } from './chat';
import type { AudioMessage, ContextInfo } from './voiceTypes';

const REMEMBERED_MESSAGES = 1_000;

/**
 * What a message is a reply to. Phones find the message by its id and its author; of one that this
 * session sent in this process we know both, of any other only the id.
 */
export class Replies {
	private readonly own = new LRUCache<string, AudioMessage>({ max: REMEMBERED_MESSAGES });

	/** Keeps what was sent, for the day when it is answered. */
	remember(messageId: string, audioMessage: AudioMessage): void {
		this.own.set(messageId, { ...audioMessage, contextInfo: undefined });
	}

	/** @throws CallError INVALID_OPTION for a channel, which has no replies */
	contextOf(messageId: string, chat: Chat): ContextInfo {
		if (chat.kind === 'channel') {
			throw new CallError('INVALID_OPTION', 'A message in a channel cannot be a reply', {
				hint: 'Leave "Reply To" (replyTo) empty for channels.',
			});
		}
		const own = this.own.get(messageId);
		return own === undefined
			? { stanzaId: messageId, participant: chat.jid, quotedMessage: { conversation: '' } }
			: {
					stanzaId: messageId,
					participant: chat.ownJid,
					quotedMessage: { audioMessage: own },
				};
	}
}
