import type { BinaryNode } from '../codecs';
import type { Account, NetworkDevice } from '../directory';
import { iqError, iqResult, node, now } from '../wire/node';

/** A group or a channel. */
export interface SharedChat {
	kind: 'group' | 'channel';
	jid: string;
	/** Who may write. */
	writers: ReadonlySet<Account>;
	/** Who reads; of a group everybody in it. */
	readers: ReadonlySet<Account>;
}

/** The groups and channels of one network. */
export class ChatBook {
	private readonly chats = new Map<string, SharedChat>();

	addGroup(participants: readonly Account[]): SharedChat {
		const members = new Set(participants);
		return this.add('group', 'g.us', members, members);
	}

	addChannel(admins: readonly Account[], followers: readonly Account[]): SharedChat {
		return this.add('channel', 'newsletter', new Set(admins), new Set([...admins, ...followers]));
	}

	find(jid: string | undefined): SharedChat | undefined {
		return this.chats.get(jid ?? '');
	}

	/** The `w:g2` iqs of a client: only the question who is in a group. */
	answer(sender: NetworkDevice, iq: BinaryNode): BinaryNode | undefined {
		if (iq.attrs.type !== 'get' || iq.attrs.to?.endsWith('@g.us') !== true) return undefined;
		const group = this.find(iq.attrs.to);
		if (group?.kind !== 'group') return iqError(iq, 404, 'item-not-found');
		if (!group.readers.has(sender.account)) return iqError(iq, 403, 'forbidden');
		const participants = [...group.readers].map((account) =>
			node('participant', { jid: account.lidOf(0), phone_number: account.phoneJidOf(0) }),
		);
		const attributes = {
			id: group.jid.split('@')[0],
			subject: 'Simulated',
			creation: now(),
			s_t: now(),
			addressing_mode: 'lid',
			size: String(participants.length),
		};
		return iqResult(iq, [node('group', attributes, participants)]);
	}

	private add(
		kind: SharedChat['kind'],
		server: string,
		writers: ReadonlySet<Account>,
		readers: ReadonlySet<Account>,
	): SharedChat {
		const jid = `${120_363_000_000_000_000n + BigInt(this.chats.size + 1)}@${server}`;
		const chat = { kind, jid, writers, readers };
		this.chats.set(jid, chat);
		return chat;
	}
}
