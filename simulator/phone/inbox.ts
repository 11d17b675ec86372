import type { proto } from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };
import { SenderKeys } from '../chats/senderKeys';
import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { Account, NetworkDevice } from '../directory';
import { readVoice, type VoiceRead } from '../voice/reader';
import { parseJid } from '../wire/jid';
import { bytes, children, node, now } from '../wire/node';
import type { MessageSeen, PhoneSeen } from './seen';
import { unpad, type SignalDevice } from './signalDevice';

type Message = proto.IMessage;

/** The device that messages come to. */
interface Reader {
	readonly id: number;
	readonly account: Account;
	readonly signal: SignalDevice;
}

/** What its phone keeps of messages. */
export interface MessageKeeper {
	readonly seen: PhoneSeen;
	/** Its voice notes with their files. */
	readonly voices: Map<MessageSeen, VoiceRead>;
}

/** The messages of one simulated device: decrypted, their voice notes fetched and played. */
export class Inbox {
	private readonly senderKeys: SenderKeys;

	constructor(
		private readonly context: NetworkContext,
		private readonly keeper: MessageKeeper,
		private readonly reader: Reader,
	) {
		this.senderKeys = new SenderKeys(context.codecs);
	}

	/** Takes a `<message>`. */
	async take(stanza: BinaryNode): Promise<void> {
		const { from = '', id = '', participant } = stanza.attrs;
		const isChannel = parseJid(from)?.server === 'newsletter';
		const author = participant ?? from;
		const sender = this.context.directory.device(author);
		if (!sender && !isChannel) return;
		const message = isChannel
			? this.readOpen(stanza)
			: await this.decrypt(stanza, sender?.account.lidOf(sender.id) ?? '');
		if (!message) return;
		const content = message.deviceSentMessage?.message ?? message;
		const seen: MessageSeen = {
			id,
			device: this.reader.id,
			from,
			...(participant !== undefined && { participant }),
			text: content.conversation ?? content.extendedTextMessage?.text ?? undefined,
			voiceNote: content.audioMessage?.ptt === true,
		};
		if (content.audioMessage) await this.listen(seen, stanza, content.audioMessage);
		this.keeper.seen.messages.push(seen);
		if (sender && sender.account !== this.reader.account) this.confirm(stanza, sender);
	}

	/** Fetches a voice note and plays it. */
	private async listen(
		seen: MessageSeen,
		stanza: BinaryNode,
		audioMessage: proto.Message.IAudioMessage,
	): Promise<void> {
		const form = children(stanza, 'plaintext').length > 0 ? 'open' : 'encrypted';
		const { participant, quotedMessage, stanzaId } = audioMessage.contextInfo ?? {};
		if (stanzaId) {
			const quotesVoice = quotedMessage?.audioMessage?.ptt === true;
			seen.replyTo = { id: stanzaId, participant: participant ?? '', quotesVoice };
		}
		const enveloped = [...children(stanza, 'enc'), ...children(stanza, 'plaintext')];
		const marked = enveloped.every(({ attrs }) => attrs.mediatype === 'ptt');
		if (!marked || stanza.attrs.type !== 'media') {
			this.fault(`message ${seen.id} is not marked as a voice note`);
		}
		try {
			const read = await readVoice(audioMessage, form, this.context.media);
			seen.voice = read.seen;
			this.keeper.voices.set(seen, read);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			if (!this.context.ended) this.fault(`message ${seen.id} does not play: ${reason}`);
		}
	}

	private readOpen(stanza: BinaryNode): Message | undefined {
		const [plaintext] = children(stanza, 'plaintext');
		return this.context.codecs.proto.Message.decode(bytes(plaintext) ?? Buffer.alloc(0));
	}

	/** Each `<enc>` in turn: the first one of a group brings the key for the second. */
	private async decrypt(stanza: BinaryNode, author: string): Promise<Message | undefined> {
		const { from = '', id } = stanza.attrs;
		let last: Message | undefined;
		try {
			for (const enc of children(stanza, 'enc')) {
				const content = bytes(enc) ?? Buffer.alloc(0);
				const plaintext =
					enc.attrs.type === 'skmsg'
						? unpad(this.senderKeys.decrypt(from, author, content))
						: await this.reader.signal.decrypt(author, enc.attrs.type ?? '', content);
				last = this.context.codecs.proto.Message.decode(plaintext);
				const given = last.senderKeyDistributionMessage;
				const distribution = given?.axolotlSenderKeyDistributionMessage;
				if (given?.groupId && distribution) {
					this.senderKeys.learn(given.groupId, author, Buffer.from(distribution));
				}
			}
		} catch {
			const detail = `message ${id} does not decrypt on ${this.reader.id}`;
			this.context.faults.add('decryption', detail);
			return undefined;
		}
		return last;
	}

	private confirm(stanza: BinaryNode, sender: NetworkDevice): void {
		const { from = '', id } = stanza.attrs;
		const { account, id: device } = this.reader;
		const isGroup = parseJid(from)?.server === 'g.us';
		const address =
			isGroup || from.endsWith('@lid') ? account.lidOf(device) : account.phoneJidOf(device);
		const attributes = isGroup ? { from, participant: address } : { from: address };
		sender.deliver(node('receipt', { ...attributes, id, t: now() }));
	}

	private fault(detail: string): void {
		this.context.faults.add('voice', detail);
	}
}
