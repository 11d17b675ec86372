import type { CallStore } from '../../../../engine/call/callStore';
import type {
	CallTransport,
	EncryptedKeys,
	NumberAnswer,
} from '../../../../engine/call/callTransport';
import type { BinaryNode } from '../../../../engine/call/stanzas/binaryNode';
import { CREATOR, describeNode, DESKTOP, PEER, TABLET } from './callEvents';

export const NUMBER = '5511999999999';
export const PHONE = '551199999999@s.whatsapp.net';

/** A linked device that does what a test says, and remembers what it was asked. */
export class FakeTransport implements CallTransport {
	isOpen = true;
	ownLid: string | undefined = CREATOR;
	readonly log: string[] = [];
	readonly sent: BinaryNode[] = [];
	answer: NumberAnswer = { exists: true, jid: PHONE };
	lids = new Map([[PHONE, PEER]]);
	devices: string[] = [PEER, TABLET, DESKTOP];
	undecryptable = new Set<string>();
	token: Uint8Array | undefined = new Uint8Array([4, 1]);
	issued = true;
	/** Answers to offers, in order: an error number, or undefined for a yes. None: silence. */
	acks: (string | undefined)[] = [undefined];
	failingSends = new Set<string>();
	private readonly stanzaListeners = new Set<(node: unknown) => void>();
	private readonly closedListeners = new Set<() => void>();

	get listeners(): number {
		return this.stanzaListeners.size + this.closedListeners.size;
	}

	/** What was sent, one line each. */
	get lines(): string[] {
		return this.sent.map(describeNode);
	}

	/** The last offer that went out. */
	get offer(): BinaryNode {
		const offer = this.sent.filter((node) => describeNode(node).startsWith('offer')).at(-1);
		if (offer === undefined) {
			throw new Error('no offer went out');
		}
		return offer;
	}

	async lookUpNumber(number: string): Promise<NumberAnswer> {
		this.log.push(`number ${number}`);
		return this.answer;
	}

	async lidOf(phoneJid: string): Promise<string | undefined> {
		this.log.push(`lid ${phoneJid}`);
		return this.lids.get(phoneJid);
	}

	async devicesOf(jid: string, fresh: boolean): Promise<string[]> {
		this.log.push(`devices ${jid}${fresh ? ' fresh' : ''}`);
		return this.devices;
	}

	async ensureSessions(devices: readonly string[], fresh: boolean): Promise<void> {
		this.log.push(`sessions ${devices.length}${fresh ? ' fresh' : ''}`);
	}

	async encryptCallKey(devices: readonly string[], callKey: Uint8Array): Promise<EncryptedKeys> {
		this.log.push(`encrypt ${devices.length}`);
		const nodes = devices
			.filter((jid) => !this.undecryptable.has(jid))
			.map((jid) => ({
				tag: 'to',
				attrs: { jid },
				content: [{ tag: 'enc', attrs: { v: '2', type: 'pkmsg', count: '0' }, content: callKey }],
			}));
		return { nodes };
	}

	deviceIdentity(): Uint8Array {
		return new Uint8Array([1]);
	}

	async tokenOf(): Promise<Uint8Array | undefined> {
		return this.token;
	}

	async issueToken(lid: string, always: boolean): Promise<boolean> {
		this.log.push(`issue ${lid}${always ? ' always' : ''}`);
		return this.issued;
	}

	async send(node: BinaryNode): Promise<void> {
		const line = describeNode(node);
		if (!this.isOpen || this.failingSends.has(line)) {
			throw new Error('Connection Closed');
		}
		this.sent.push(node);
		if (line.startsWith('offer') && this.acks.length > 0) {
			const error = this.acks.shift();
			this.receive({
				tag: 'ack',
				attrs: {
					class: 'call',
					type: 'offer',
					id: node.attrs.id ?? '',
					...(error !== undefined && { error }),
				},
			});
		}
	}

	onStanza(listener: (node: unknown) => void): () => void {
		this.stanzaListeners.add(listener);
		return () => this.stanzaListeners.delete(listener);
	}

	onClosed(listener: () => void): () => void {
		this.closedListeners.add(listener);
		return () => this.closedListeners.delete(listener);
	}

	receive(node: unknown): void {
		for (const listener of [...this.stanzaListeners]) {
			listener(node);
		}
	}

	/** A device confirms that it rings. */
	ring(device = PEER): void {
		this.receive({
			tag: 'receipt',
			attrs: { id: this.offer.attrs.id, from: device },
			content: [{ tag: 'offer', attrs: this.callAttributes() }],
		});
	}

	/** A device sends something about the call. */
	reply(tag: string, device = PEER, attributes: Record<string, string> = {}): void {
		this.receive({
			tag: 'call',
			attrs: { from: device, id: 'R1' },
			content: [{ tag, attrs: { ...this.callAttributes(), ...attributes } }],
		});
	}

	lose(): void {
		this.isOpen = false;
		for (const listener of [...this.closedListeners]) {
			listener();
		}
	}

	private callAttributes(): Record<string, string> {
		const [offer] = this.offer.content as BinaryNode[];
		return offer?.attrs ?? {};
	}
}

export class MemoryStore implements CallStore {
	readonly texts = new Map<string, string>();
	failing = false;

	async read(name: string): Promise<string | undefined> {
		return this.texts.get(name);
	}

	async write(name: string, text: string): Promise<void> {
		if (this.failing) {
			throw new Error('disk full');
		}
		this.texts.set(name, text);
	}
}
