import type { BinaryNode } from '../codecs';
import type { Account, Directory } from '../directory';
import { parseJid, phoneJid } from '../wire/jid';
import { bytes, child, children, iqResult, node, now } from '../wire/node';

/**
 * Answers a usync query: whether numbers exist, their devices, their hidden ids (contact, devices and
 * lid protocols, as Baileys' client reads them). A number is dialled as typed and answered under the
 * JID that WhatsApp gives it.
 */
export function answerUsync(iq: BinaryNode, directory: Directory): BinaryNode {
	const usync = child(iq, 'usync');
	const protocols = children(child(usync, 'query')).map(({ tag }) => tag);
	const users = children(child(usync, 'list'), 'user')
		.map((user) => answerUser(user, protocols, directory))
		.filter((user) => user !== undefined);
	return iqResult(iq, [
		node('usync', { ...usync?.attrs }, [
			node(
				'result',
				{},
				protocols.map((protocol) => node(protocol)),
			),
			node('list', {}, users),
		]),
	]);
}

function answerUser(
	user: BinaryNode,
	protocols: readonly string[],
	directory: Directory,
): BinaryNode | undefined {
	const dialled = bytes(child(user, 'contact'))?.toString();
	const account = dialled ? directory.dial(dialled) : directory.account(user.attrs.jid);
	const answers: BinaryNode[] = [];
	if (dialled !== undefined) {
		const type = account ? 'in' : 'out';
		answers.push(node('contact', { type }, Buffer.from(dialled)));
	}
	if (!account) {
		if (dialled === undefined) return undefined;
		return node('user', { jid: phoneJid(dialled.replace(/^\+/, '')) }, answers);
	}
	const byLid = parseJid(user.attrs.jid)?.server === 'lid';
	if (protocols.includes('devices')) answers.push(deviceList(account));
	if (protocols.includes('lid') && !byLid) answers.push(node('lid', { val: account.lidOf(0) }));
	return node('user', { jid: byLid ? account.lidOf(0) : account.phoneJidOf(0) }, answers);
}

function deviceList(account: Account): BinaryNode {
	const devices = [...account.devices.values()].map(({ id, keyIndex }) =>
		node('device', {
			id: String(id),
			'key-index': id === 0 ? undefined : String(keyIndex),
		}),
	);
	return node('devices', {}, [
		node('device-list', { hash: `2:${account.lid.slice(-6)}` }, devices),
		node('key-index-list', { ts: now() }, Buffer.alloc(0)),
	]);
}
