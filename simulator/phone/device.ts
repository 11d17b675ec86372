import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { Account, IncomingKey, NetworkDevice } from '../directory';
import type { PublishedKeys } from '../keys';
import { namesMlow } from '../media/agreement';
import type { PhoneMedia } from '../media/phoneMedia';
import type { KeyPair } from '../wire/certificate';
import { bytes, child, children } from '../wire/node';
import { Inbox, type MessageKeeper } from './inbox';
import { Ringer } from './ringer';
import type { PhoneScript } from './script';
import type { CallSeen, PhoneSeen } from './seen';
import { SignalDevice } from './signalDevice';

const CALL_KEY_BYTES = 32;

/** The phone that a device belongs to, as far as the device knows it. */
export interface Owner extends MessageKeeper {
	readonly script: PhoneScript;
	readonly seen: PhoneSeen;
	/** The media of its calls, as far as they rang. */
	readonly media: Map<CallSeen, PhoneMedia>;
}

/** One simulated device: the primary phone or a companion of it. */
export class SimulatedDevice implements NetworkDevice {
	readonly signal: SignalDevice;
	private readonly callKeys = new Map<string, string>();
	private readonly waiting: BinaryNode[] = [];
	private readonly inbox: Inbox;
	/** How it rings; also the buttons that somebody may press. */
	readonly ringer: Ringer;

	constructor(
		private readonly context: NetworkContext,
		private readonly owner: Owner,
		readonly account: Account,
		readonly id: number,
		readonly keyIndex: number,
		identity?: KeyPair,
	) {
		this.signal = new SignalDevice(context.codecs, context.settings.oneTimeKeys, identity);
		this.ringer = new Ringer(context, owner, this);
		this.inbox = new Inbox(context, owner, this);
	}

	get keys(): PublishedKeys {
		return this.signal.store.published;
	}

	get online(): boolean {
		return !this.owner.script.offlineDevices.includes(this.id);
	}

	deliver(stanza: BinaryNode): void {
		if (!this.online) {
			this.waiting.push(stanza);
			return;
		}
		void this.take(stanza).catch((error: unknown) => {
			this.context.faults.add('simulator', error instanceof Error ? error.message : String(error));
		});
	}

	/** Takes what came while it was offline; calls that are over do not ring any more. */
	async comeBack(): Promise<void> {
		const stanzas = this.waiting.splice(0);
		const over = new Set<string | undefined>();
		for (const [action] of stanzas.map((stanza) => children(stanza, 'terminate'))) {
			over.add(action?.attrs['call-id']);
		}
		for (const stanza of stanzas) await this.take(stanza, over);
	}

	/** Decrypts a call key before the offer is acknowledged: what fails is a broken session. */
	async opens(call: IncomingKey): Promise<boolean> {
		if (!this.online) return true;
		try {
			const key = await this.open(call);
			this.callKeys.set(call.callId, key);
			return true;
		} catch {
			return false;
		}
	}

	private async take(stanza: BinaryNode, over = new Set<string | undefined>()): Promise<void> {
		if (stanza.tag === 'call') await this.takeCall(stanza, over);
		else if (stanza.tag === 'message') await this.inbox.take(stanza);
		else if (stanza.tag === 'receipt') this.owner.seen.receipts.push(stanza.attrs.id ?? '');
	}

	private async takeCall(stanza: BinaryNode, over: Set<string | undefined>): Promise<void> {
		const [action] = children(stanza);
		const callId = action?.attrs['call-id'];
		if (!action || callId === undefined) return;
		if (action.tag !== 'offer') {
			this.ringer.hear(callId, action);
			return;
		}
		const from = stanza.attrs.from ?? '';
		const enc = child(action, 'enc');
		if (enc && !this.callKeys.has(callId)) await this.opens({ callId, from, enc });
		const callKey = this.callKeys.get(callId);
		if (callKey === undefined) {
			// A device that cannot decrypt the call key does not ring.
			this.context.faults.add('decryption', `call ${callId} does not decrypt on ${this.id}`);
			return;
		}
		const mlow = namesMlow(bytes(child(action, 'capability')));
		const call = { callId, from, callKey, offerId: stanza.attrs.id ?? '', mlow };
		if (over.has(callId)) this.ringer.miss(call);
		else this.ringer.ring(call);
	}

	private async open({ from, enc }: IncomingKey): Promise<string> {
		const plaintext = await this.decrypt(from, enc);
		const { call } = this.context.codecs.proto.Message.decode(plaintext);
		if (call?.callKey?.length !== CALL_KEY_BYTES) throw new Error('no call key of 32 bytes');
		return Buffer.from(call.callKey).toString('hex');
	}

	private decrypt(from: string, enc: BinaryNode): Promise<Buffer> {
		const content = bytes(enc) ?? Buffer.alloc(0);
		return this.signal.decrypt(from, enc.attrs.type ?? '', content);
	}
}
