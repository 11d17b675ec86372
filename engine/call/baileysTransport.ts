import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import type { CallTransport, EncryptedKeys, NumberAnswer } from './callTransport';
import type { BinaryNode } from './stanzas/binaryNode';
import { formatDeviceJid, parseDeviceJid } from './stanzas/jid';
import {
	isIssueDue,
	usableToken,
	withAnsweredToken,
	type TokenEntry,
} from './trustedContactTokens';

type Listener = (value: unknown) => void;

/** The parts of a Baileys socket that a call touches (protocol page 09). A real one fits as it is. */
export interface CallSocket<Account = unknown> {
	ws: {
		readonly isOpen: boolean;
		on(event: string, listener: Listener): unknown;
		off(event: string, listener: Listener): unknown;
	};
	ev: {
		on(event: 'connection.update', listener: (update: { connection?: string }) => void): unknown;
		off(event: 'connection.update', listener: (update: { connection?: string }) => void): unknown;
	};
	authState: {
		creds: { me?: { id: string; lid?: string }; account?: Account };
		keys: {
			get(type: 'tctoken', ids: string[]): Awaitable<Record<string, TokenEntry>>;
			set(data: { tctoken: Record<string, TokenEntry> }): Awaitable<void>;
		};
	};
	serverProps: { lidTrustedTokenIssueToLid: boolean };
	signalRepository: {
		lidMapping: {
			getLIDForPN(phoneJid: string): Promise<string | null>;
			getPNForLID(lid: string): Promise<string | null>;
		};
	};
	onWhatsApp(...numbers: string[]): Promise<{ jid: string; exists: unknown }[] | undefined>;
	getUSyncDevices(
		jids: string[],
		useCache: boolean,
		ignoreZeroDevices: boolean,
	): Promise<{ jid: string }[]>;
	assertSessions(jids: string[], force?: boolean): Promise<boolean>;
	createParticipantNodes(
		jids: string[],
		message: { call: { callKey: Uint8Array } },
		extraAttributes?: Record<string, string>,
	): Promise<{ nodes: BinaryNode[] }>;
	issuePrivacyTokens(jids: string[], timestampSeconds?: number): Promise<unknown>;
	sendNode(node: BinaryNode): Promise<void>;
}

type Awaitable<T> = Promise<T> | T;

/** Baileys' encoder of the identity that our phone signed for this device. */
export type EncodeIdentity<Account> = (account: Account, withSignatureKey: boolean) => Uint8Array;

/** Baileys acknowledges `call` and `receipt` itself: these are only listened to. */
const STANZA_EVENTS = ['CB:call', 'CB:ack,class:call', 'CB:receipt'];

type Encoder = (typeof import('@whiskeysockets/baileys', {
	with: { 'resolution-mode': 'import' }
}))['encodeSignedDeviceIdentity'];

/** A call over a connected Baileys socket. Loads Baileys, which is an ES module. */
export async function createBaileysTransport(
	socket: CallSocket<Parameters<Encoder>[0]>,
	clock: Clock,
): Promise<CallTransport> {
	const { encodeSignedDeviceIdentity } = await import('@whiskeysockets/baileys');
	return new BaileysTransport(socket, encodeSignedDeviceIdentity, clock);
}

export class BaileysTransport<Account> implements CallTransport {
	private readonly issuing = new Set<string>();

	constructor(
		private readonly socket: CallSocket<Account>,
		private readonly encodeIdentity: EncodeIdentity<Account>,
		private readonly clock: Clock,
	) {}

	get isOpen(): boolean {
		return this.socket.ws.isOpen;
	}

	/** Of the live credentials: `socket.user` goes stale. */
	get ownLid(): string | undefined {
		const { me } = this.socket.authState.creds;
		const lid = parseDeviceJid(me?.lid);
		if (lid === undefined) {
			return undefined;
		}
		const device = lid.device === 0 ? (parseDeviceJid(me?.id)?.device ?? 0) : lid.device;
		return formatDeviceJid({ ...lid, device });
	}

	async lookUpNumber(number: string): Promise<NumberAnswer> {
		const answers = await this.ask('onWhatsApp', () => this.socket.onWhatsApp(number));
		if (answers === undefined) {
			throw unanswered('onWhatsApp', true);
		}
		const found = answers.find(({ exists }) => exists === true);
		return found === undefined ? { exists: false } : { exists: true, jid: found.jid };
	}

	async lidOf(phoneJid: string): Promise<string | undefined> {
		const { lidMapping } = this.socket.signalRepository;
		return (await this.ask('lid', () => lidMapping.getLIDForPN(phoneJid))) ?? undefined;
	}

	/** Baileys remembers device lists for five minutes and follows the notices of their changes. */
	async devicesOf(jid: string, fresh: boolean): Promise<string[]> {
		const devices = await this.ask('devices', () =>
			this.socket.getUSyncDevices([jid], !fresh, false),
		);
		return devices.map((device) => device.jid);
	}

	async ensureSessions(devices: readonly string[], fresh: boolean): Promise<void> {
		await this.ask('sessions', () => this.socket.assertSessions([...devices], fresh));
	}

	async encryptCallKey(devices: readonly string[], callKey: Uint8Array): Promise<EncryptedKeys> {
		try {
			// `count` must be there, also when it is zero (protocol page 02, section 3).
			const { nodes } = await this.socket.createParticipantNodes(
				[...devices],
				{ call: { callKey } },
				{ count: '0' },
			);
			return { nodes };
		} catch {
			// The reason may hold key material; which device failed is in the log of Baileys.
			return { nodes: [] };
		}
	}

	deviceIdentity(): Uint8Array {
		const { account } = this.socket.authState.creds;
		if (account === undefined) {
			throw new CallError('NOT_LINKED', 'The session holds no signed device identity');
		}
		return this.encodeIdentity(account, true);
	}

	async tokenOf(lid: string): Promise<Uint8Array | undefined> {
		return usableToken(await this.tokenEntry(lid), this.nowSeconds());
	}

	async issueToken(lid: string, always: boolean): Promise<boolean> {
		const now = this.nowSeconds();
		const due = always || isIssueDue(await this.tokenEntry(lid), now);
		if (!due || this.issuing.has(lid)) {
			return false;
		}
		this.issuing.add(lid);
		try {
			const answer = await this.socket.issuePrivacyTokens([await this.issueTo(lid)], now);
			// Read again: the contact's token may have come in the meantime.
			const entry = withAnsweredToken(await this.tokenEntry(lid), answer, now);
			await this.socket.authState.keys.set({ tctoken: { [lid]: entry } });
			return true;
		} finally {
			this.issuing.delete(lid);
		}
	}

	async send(node: BinaryNode): Promise<void> {
		await this.socket.sendNode(node);
	}

	onStanza(listener: (node: unknown) => void): () => void {
		const { ws } = this.socket;
		for (const event of STANZA_EVENTS) {
			ws.on(event, listener);
		}
		return () => {
			for (const event of STANZA_EVENTS) {
				ws.off(event, listener);
			}
		};
	}

	/** Baileys takes the listeners of `close` away when it ends a connection itself, and tells by `ev` then. */
	onClosed(listener: () => void): () => void {
		const { ev, ws } = this.socket;
		const stop = (): void => {
			ws.off('close', tell);
			ev.off('connection.update', watch);
		};
		const tell = (): void => {
			stop();
			listener();
		};
		const watch = ({ connection }: { connection?: string }): void => {
			if (connection === 'close') {
				tell();
			}
		};
		ws.on('close', tell);
		ev.on('connection.update', watch);
		return stop;
	}

	private async tokenEntry(lid: string): Promise<TokenEntry | undefined> {
		return (await this.socket.authState.keys.get('tctoken', [lid]))[lid];
	}

	/** WhatsApp decides whether tokens are issued to hidden ids or to numbers. */
	private async issueTo(lid: string): Promise<string> {
		const { serverProps, signalRepository } = this.socket;
		if (serverProps.lidTrustedTokenIssueToLid) {
			return lid;
		}
		return (await signalRepository.lidMapping.getPNForLID(lid)) ?? lid;
	}

	private nowSeconds(): number {
		return Math.floor(this.clock.now() / 1_000);
	}

	/** Runs a question to the server, before any offer or message: what fails here reached nobody. */
	private async ask<T>(what: string, question: () => Promise<T>): Promise<T> {
		try {
			return await question();
		} catch (error) {
			throw error instanceof CallError ? error : unanswered(what, this.isOpen);
		}
	}
}

function unanswered(what: string, open: boolean): CallError {
	return new CallError(
		'NETWORK_UNREACHABLE',
		open
			? `WhatsApp did not answer before anything was sent (${what})`
			: 'The connection to WhatsApp broke before anything was sent',
		{ hint: 'Nothing was sent, so running it again is safe.' },
	);
}
