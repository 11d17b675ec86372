import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { Account } from '../directory';
import type { LinkedDevice } from '../linkedDevice';
import { child, children, iqResult, node, now } from '../wire/node';

const TOKEN_BYTES = 16;

/** Trusted-contact tokens: who may call whom without being a stranger (page 02 section 2). */
export class TokenBook {
	private readonly issued = new Map<string, Buffer>();

	/** The token that `by` issued to `to`; made when there is none. */
	issue(by: Account, to: Account): Buffer {
		const token = this.issued.get(keyOf(by, to)) ?? randomBytes(TOKEN_BYTES);
		this.issued.set(keyOf(by, to), token);
		return token;
	}

	/** Whether `content` is the token that `by` gave to `to`. */
	isIssued(by: Account, to: Account, content: Buffer | undefined): boolean {
		return content !== undefined && this.issued.get(keyOf(by, to))?.equals(content) === true;
	}
}

/** Takes the tokens that a client issues to its contacts; answers with an empty result. */
export function answerTokens(
	context: NetworkContext,
	sender: LinkedDevice,
	iq: BinaryNode,
): BinaryNode {
	for (const { attrs } of children(child(iq, 'tokens'), 'token')) {
		const contact = context.directory.account(attrs.jid);
		if (!contact || attrs.type !== 'trusted_contact' || !/^\d+$/.test(attrs.t ?? '')) {
			context.faults.add('unexpected-iq', `token for ${attrs.jid} of type ${attrs.type}`);
		} else {
			context.tokens.issue(sender.account, contact);
		}
	}
	return iqResult(iq);
}

/** The notification by which a contact's token reaches a client (as Baileys' client reads it). */
export function tokenNotification(context: NetworkContext, by: Account, to: Account): BinaryNode {
	const token = context.tokens.issue(by, to);
	const attributes = {
		from: by.phoneJidOf(0),
		sender_lid: by.lidOf(0),
		id: context.nextId(),
		type: 'privacy_token',
		t: now(),
	};
	const content = node('token', { jid: to.lidOf(0), t: now(), type: 'trusted_contact' }, token);
	return node('notification', attributes, [node('tokens', {}, [content])]);
}

function keyOf(by: Account, to: Account): string {
	return `${by.number} ${to.number}`;
}
