import type { BinaryNode } from '../codecs';
import type { NetworkDevice } from '../directory';
import type { LinkedDevice } from '../linkedDevice';
import { child, children, node, now } from '../wire/node';
import type { SharedChat } from './chatBook';

/** A stanza on its way to one device. */
export interface Copy {
	device: NetworkDevice;
	stanza: BinaryNode;
}

/** The copies of a message to a group or a channel; a text says what is wrong with it. */
export function copiesOf(
	chat: SharedChat,
	sender: LinkedDevice,
	stanza: BinaryNode,
): Copy[] | string {
	const devices = [...chat.readers]
		.flatMap((account) => [...account.devices.values()])
		.filter((device) => device !== sender);
	return chat.kind === 'group'
		? groupCopies(chat, sender, stanza, devices)
		: channelCopies(chat, stanza, devices);
}

/** One `skmsg` for all, and for each device that lacks the sender's key, that key. */
function groupCopies(
	chat: SharedChat,
	sender: LinkedDevice,
	stanza: BinaryNode,
	devices: readonly NetworkDevice[],
): Copy[] | string {
	const { addressing_mode: mode, id, type } = stanza.attrs;
	const shared = child(stanza, 'enc');
	if (shared?.attrs.type !== 'skmsg') return `message ${id} to a group has no skmsg`;
	if (mode !== 'lid') return `message ${id} has the addressing mode ${mode}`;
	const keys = new Map(
		children(child(stanza, 'participants'), 'to').map((to) => [to.attrs.jid, child(to, 'enc')]),
	);
	const byLid = new Map(devices.map((device) => [device.account.lidOf(device.id), device]));
	// Clients of Baileys encrypt for themselves too; WhatsApp drops that without a word.
	keys.delete(sender.lid);
	for (const jid of keys.keys()) {
		if (!byLid.has(jid ?? ''))
			return `message ${id} has a key for ${jid}, which is not in the group`;
	}
	const identity = child(stanza, 'device-identity');
	const attributes = {
		from: chat.jid,
		participant: sender.account.lidOf(sender.id),
		participant_pn: sender.account.phoneJidOf(0),
		addressing_mode: mode,
		id,
		type,
		t: now(),
	};
	return [...byLid].map(([jid, device]) => {
		const key = keys.get(jid);
		const content = [...(key ? [key] : []), shared, ...(identity ? [identity] : [])];
		return { device, stanza: node('message', attributes, content) };
	});
}

/** A channel is not encrypted; the server keeps what admins write and hands it to followers. */
function channelCopies(
	chat: SharedChat,
	stanza: BinaryNode,
	devices: readonly NetworkDevice[],
): Copy[] | string {
	const { id, type } = stanza.attrs;
	const plaintext = child(stanza, 'plaintext');
	if (!plaintext) return `message ${id} to a channel has no plaintext`;
	const attributes = { from: chat.jid, server_id: '100', id, type, t: now() };
	const copy = node('message', attributes, [plaintext]);
	return devices.map((device) => ({ device, stanza: copy }));
}
