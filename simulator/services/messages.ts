import type { BinaryNode } from '../codecs';
import type { SharedChat } from '../chats/chatBook';
import { copiesOf } from '../chats/sharedMessages';
import type { NetworkContext } from '../context';
import type { NetworkDevice } from '../directory';
import type { LinkedDevice } from '../linkedDevice';
import { parseJid } from '../wire/jid';
import { child, children, node, now } from '../wire/node';

const INVALID = '479';
const NOT_ALLOWED = '403';

interface Envelope {
	device: NetworkDevice;
	enc: BinaryNode;
}

/** Takes messages and receipts of clients to their devices. */
export class MessageRouter {
	constructor(private readonly context: NetworkContext) {}

	/** A `<message>` of a client: acknowledged, and handed to each device that it has an enc for. */
	message(sender: LinkedDevice, stanza: BinaryNode): void {
		const { to = '', id } = stanza.attrs;
		if (id === undefined) return this.fault('a message without an id was dropped');
		if (this.context.settings.onMessage === 'ignore') return;
		if (this.context.settings.onMessage === 'cut') return sender.line?.cut();
		const chat = this.context.chats.find(to);
		if (chat) return this.toShared(chat, sender, stanza);
		const refusal = this.context.directory.account(to)?.rules().refuseMessage;
		if (refusal !== undefined) return sender.deliver(this.ack(stanza, String(refusal)));
		const envelopes = this.envelopes(stanza);
		if (typeof envelopes === 'string') {
			this.fault(envelopes);
			sender.deliver(this.ack(stanza, INVALID));
			return;
		}
		const identity = child(stanza, 'device-identity');
		if (envelopes.some(({ enc }) => enc.attrs.type === 'pkmsg') && !identity) {
			return this.fault(`message ${id} has a pkmsg without device-identity`);
		}
		sender.deliver(this.ack(stanza));
		for (const { device, enc } of envelopes) {
			const own = device.account === sender.account;
			const attributes = {
				...this.address(sender, to),
				id,
				type: stanza.attrs.type,
				t: now(),
				recipient: own && stanza.attrs.category !== 'peer' ? to : undefined,
				category: stanza.attrs.category,
			};
			device.deliver(node('message', attributes, [enc, ...(identity ? [identity] : [])]));
		}
	}

	/** A message to a group or a channel. */
	private toShared(chat: SharedChat, sender: LinkedDevice, stanza: BinaryNode): void {
		if (!chat.writers.has(sender.account)) {
			return sender.deliver(this.ack(stanza, NOT_ALLOWED));
		}
		const copies = copiesOf(chat, sender, stanza);
		if (typeof copies === 'string') {
			this.fault(copies);
			return sender.deliver(this.ack(stanza, INVALID));
		}
		sender.deliver(this.ack(stanza));
		for (const copy of copies) copy.device.deliver(copy.stanza);
	}

	/** A `<receipt>` of a client. */
	receipt(sender: LinkedDevice, stanza: BinaryNode): void {
		const { to = '', id = '', type } = stanza.attrs;
		const [list] = children(stanza, 'list');
		const ids = [id, ...children(list, 'item').map(({ attrs }) => attrs.id ?? '')];
		if (type === 'retry') {
			this.context.faults.add('decryption', `the client could not read message ${id}`);
		} else {
			sender.settleMessages(ids);
		}
		sender.deliver(node('ack', { class: 'receipt', id, from: to, type }));
		const recipient = this.context.directory.device(to);
		const own = recipient?.account === sender.account;
		if (!recipient || own || type === 'retry') return;
		for (const one of ids) {
			const attributes = { ...this.address(sender, to), id: one, type, t: now() };
			recipient.deliver(node('receipt', attributes));
		}
	}

	/** Who gets which enc; a text says what is wrong with the message. */
	private envelopes(stanza: BinaryNode): Envelope[] | string {
		const { to = '', id } = stanza.attrs;
		const recipient = this.context.directory.account(to);
		if (!recipient) return `message ${id} goes to ${to}, which is no account`;
		const bare = child(stanza, 'enc');
		const wanted = bare
			? [{ jid: to, enc: bare }]
			: children(child(stanza, 'participants'), 'to').map((one) => ({
					jid: one.attrs.jid,
					enc: child(one, 'enc'),
				}));
		const envelopes: Envelope[] = [];
		for (const { jid, enc } of wanted) {
			const device = this.context.directory.device(jid);
			if (!device || !enc) return `message ${id} has nothing to give to ${jid}`;
			envelopes.push({ device, enc });
		}
		return envelopes.length === 0 ? `message ${id} is for no device` : envelopes;
	}

	/** The sender in the kind of address that the conversation uses, with the other kind beside it. */
	private address(sender: LinkedDevice, to: string): Record<string, string> {
		const { account, id } = sender;
		return parseJid(to)?.server === 'lid'
			? { from: account.lidOf(id), sender_pn: account.phoneJidOf(0) }
			: { from: account.phoneJidOf(id), sender_lid: account.lidOf(0) };
	}

	private ack(stanza: BinaryNode, error?: string): BinaryNode {
		const { id, to } = stanza.attrs;
		return node('ack', { class: 'message', id, from: to, t: now(), error });
	}

	private fault(detail: string): void {
		this.context.faults.add('message', detail);
	}
}
