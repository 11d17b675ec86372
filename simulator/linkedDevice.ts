import type { BinaryNode } from './codecs';
import type { Account, NetworkDevice } from './directory';
import type { FaultLog } from './faults';
import type { PublishedKeys } from './keys';
import type { ChatConnection } from './wire/connection';
import { node, SERVER_JID } from './wire/node';

const ACKNOWLEDGED = ['message', 'call', 'receipt', 'notification'];

/** A device that a real client plays: the other end of Baileys. */
export class LinkedDevice implements NetworkDevice {
	/** Stanzas that the client has not acknowledged, in order; what is offline mail for the next login. */
	private readonly outstanding = new Map<string, BinaryNode>();
	/** The device identity that was seen to prove it, so that not every offer costs two signatures. */
	provenBy?: Buffer;
	private connection?: ChatConnection;
	private receiving = false;

	constructor(
		readonly account: Account,
		readonly id: number,
		readonly keyIndex: number,
		readonly keys: PublishedKeys,
		/** The Noise static key that it logs in with. */
		readonly noiseKey: Buffer,
		private readonly faults: FaultLog,
	) {}

	get lid(): string {
		return this.account.lidOf(this.id);
	}

	/** The live connection, if any. */
	get line(): ChatConnection | undefined {
		return this.connection;
	}

	/** Stanzas that were sent and never acknowledged, by class and id. */
	get unacknowledged(): string[] {
		return this.receiving ? [...this.outstanding.keys()] : [];
	}

	attach(connection: ChatConnection): void {
		this.connection = connection;
		this.receiving = false;
	}

	detach(connection: ChatConnection): void {
		if (this.connection !== connection) return;
		this.connection = undefined;
		this.receiving = false;
	}

	deliver(stanza: BinaryNode): void {
		const mail = ACKNOWLEDGED.includes(stanza.tag) && stanza.attrs.id !== undefined;
		if (mail) this.outstanding.set(keyOf(stanza.tag, stanza.attrs), stanza);
		if (this.receiving || !mail) this.connection?.send(stanza);
	}

	/**
	 * Hands over what came in while the client was away, each stanza with `offline`, between the
	 * preview and the final count (as Baileys' client expects after login).
	 */
	deliverOffline(): void {
		if (this.receiving) return;
		const waiting = [...this.outstanding.values()];
		const count = (tag: string) => String(waiting.filter((stanza) => stanza.tag === tag).length);
		if (waiting.length > 0) {
			this.connection?.send(
				node('ib', { from: SERVER_JID }, [
					node('offline_preview', {
						count: String(waiting.length),
						message: count('message'),
						receipt: count('receipt'),
						notification: count('notification'),
						call: count('call'),
					}),
				]),
			);
		}
		waiting.forEach(({ attrs, ...stanza }, index) =>
			this.connection?.send({ ...stanza, attrs: { ...attrs, offline: String(index) } }),
		);
		this.receiving = true;
		const offline = node('offline', { count: String(waiting.length) });
		this.connection?.send(node('ib', { from: SERVER_JID }, [offline]));
	}

	/**
	 * Takes an `<ack>` of the client: exactly one for each stanza, with class, id and the sender it
	 * came from (page 02 section 6). Answers the stanza that it acknowledges.
	 */
	acknowledge(ack: BinaryNode): BinaryNode | undefined {
		const { class: kind, id, to } = ack.attrs;
		if (kind === undefined || id === undefined || to === undefined) {
			this.faults.add('ack', `bare ack: ${JSON.stringify(ack.attrs)}`);
			return undefined;
		}
		const { participant } = ack.attrs;
		const key = keyOf(kind, { id, from: to, ...(participant && { participant }) });
		const stanza = this.outstanding.get(key);
		if (!stanza) {
			this.faults.add(
				'ack',
				`ack of ${kind} ${id} to ${to}: doubled, or nothing like it came from there`,
			);
			return undefined;
		}
		this.outstanding.delete(key);
		return stanza;
	}

	/** A receipt settles messages as an ack would. */
	settleMessages(ids: readonly string[]): void {
		for (const [key, stanza] of this.outstanding) {
			if (stanza.tag === 'message' && ids.includes(stanza.attrs.id ?? '')) {
				this.outstanding.delete(key);
			}
		}
	}
}

function keyOf(kind: string, attrs: Record<string, string>): string {
	return `${kind} ${attrs.id} ${attrs.from} ${attrs.participant ?? ''}`;
}
