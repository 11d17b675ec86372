import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { LinkedDevice } from '../linkedDevice';
import { child, children, iqError, iqResult, node, now, SERVER_JID } from '../wire/node';

/**
 * The `encrypt` iqs: count, upload, rotation, digest and fetch of keys. A device without one-time
 * keys gives a bundle without one; a client that has few left is told so.
 */
export function answerEncrypt(
	context: NetworkContext,
	sender: LinkedDevice,
	iq: BinaryNode,
): BinaryNode {
	if (iq.attrs.type === 'get') {
		const wanted = child(iq, 'key');
		if (wanted) return fetch(context, iq, wanted);
		if (child(iq, 'count')) {
			return iqResult(iq, [node('count', { value: String(sender.keys.oneTime.size) })]);
		}
		if (child(iq, 'digest')) return iqResult(iq, [sender.keys.digest()]);
	}
	try {
		const rotation = child(iq, 'rotate');
		if (rotation) sender.keys.rotate(child(rotation, 'skey'));
		else sender.keys.upload(iq);
		return iqResult(iq);
	} catch (error) {
		context.faults.add('pre-keys', error instanceof Error ? error.message : String(error));
		return iqError(iq, 406, 'not-acceptable');
	}
}

/** Tells a client that is short of one-time keys (as Baileys' handleEncryptNotification reads it). */
export function warnOfFewKeys(context: NetworkContext, device: LinkedDevice): void {
	const left = device.keys.oneTime.size;
	if (left >= context.settings.fewOneTimeKeys) return;
	device.deliver(
		node('notification', { from: SERVER_JID, id: context.nextId(), type: 'encrypt', t: now() }, [
			node('count', { value: String(left) }),
		]),
	);
}

function fetch(context: NetworkContext, iq: BinaryNode, wanted: BinaryNode): BinaryNode {
	const users = children(wanted, 'user').map(({ attrs }) => {
		const jid = attrs.jid ?? '';
		const device = context.directory.device(jid);
		if (!device) {
			return node('user', { jid }, [node('error', { code: '404', text: 'item-not-found' })]);
		}
		const bundle = device.keys.bundle(jid);
		for (const linked of context.linked) {
			if (linked === device) warnOfFewKeys(context, linked);
		}
		return bundle;
	});
	return iqResult(iq, [node('list', {}, users)]);
}
