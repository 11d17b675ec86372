import type { Codecs, BinaryNode } from './codecs';
import { Switchboard, type Call } from './calls/switchboard';
import { ChatBook } from './chats/chatBook';
import type { NetworkContext } from './context';
import { Directory } from './directory';
import { FaultLog, type Fault } from './faults';
import type { LinkedDevice } from './linkedDevice';
import { Phone, type PhoneOptions } from './phone/phone';
import { Relays } from './relay/relays';
import { AccountServices } from './services/account';
import { LinkCodeDesk } from './services/linkCode';
import { LinkingDesk, type Candidate } from './services/linking';
import { findLogin, success } from './services/login';
import { MessageRouter } from './services/messages';
import { TokenBook } from './services/tokens';
import type { Settings } from './settings';
import { Timers } from './timers';
import { MediaHost } from './voice/mediaHost';
import { rootKeyPair } from './wire/certificate';
import type { Arrival, ChatConnection, ConnectionHandler } from './wire/connection';
import { child, iqResult, node } from './wire/node';
import { ChatServer } from './wire/server';

const LOGGED_OUT = 401;
const REPLACED = 440;

/** Told of every stanza between a client and the network, as it is on the wire. Must not throw. */
export type Watcher = (seen: {
	/** 'in': the client sent it. */
	direction: 'in' | 'out';
	/** The client, once it has logged in. */
	device: LinkedDevice | undefined;
	stanza: BinaryNode;
}) => void;

/** A WhatsApp network on a loopback address of its own. `startNetwork()` makes it. */
export class Network implements NetworkContext, ConnectionHandler {
	readonly directory = new Directory();
	readonly tokens = new TokenBook();
	readonly linked = new Set<LinkedDevice>();
	readonly removed = new Set<string>();
	readonly phones = new Map<string, Phone>();
	readonly chats = new ChatBook();
	private readonly devices = new Map<ChatConnection, LinkedDevice>();
	private readonly watchers = new Set<Watcher>();
	private readonly timers = new Timers();
	private readonly linking = new LinkingDesk(this);
	private readonly linkCodes = new LinkCodeDesk(this, this.linking);
	private readonly services = new AccountServices(this);
	private readonly messages = new MessageRouter(this);
	private readonly switchboard = new Switchboard(this);
	private server!: ChatServer;
	private stanzas = 0;
	private hasEnded = false;

	private constructor(
		readonly codecs: Codecs,
		readonly settings: Settings,
		readonly faults: FaultLog,
		/** What carries the media of its calls. */
		readonly relays: Relays,
		/** What holds the files of its messages. */
		readonly media: MediaHost,
	) {}

	static async start(
		codecs: Codecs,
		settings: Settings,
		host: string,
		port: number,
	): Promise<Network> {
		const faults = new FaultLog();
		const relays = await Relays.start(settings, faults, host);
		const media = await MediaHost.start(host, faults);
		const network = new Network(codecs, settings, faults, relays, media);
		try {
			network.server = await ChatServer.listen(host, port, codecs, faults, network);
			return network;
		} catch (error) {
			await media.close();
			await relays.close();
			throw error;
		}
	}

	/** Address of the chat WebSocket. */
	get url(): string {
		return this.server.url;
	}

	/** Hex of the public key that signs the server's certificate. */
	get rootKey(): string {
		return Buffer.from(rootKeyPair().public).toString('hex');
	}

	/** Variables that point the engine here (design.md, "Pointing it elsewhere"). */
	get environment(): Record<string, string> {
		return {
			WHATSAPP_CALL_WEB_SOCKET_URL: this.url,
			WHATSAPP_CALL_NOISE_ROOT_KEY: this.rootKey,
			WHATSAPP_CALL_MEDIA_CA: this.media.certificateFile,
		};
	}

	/** Calls that the server took, by call-id. */
	get calls(): ReadonlyMap<string, Call> {
		return this.switchboard.calls;
	}

	/** Stanzas that connected clients have not acknowledged yet. */
	get unacknowledged(): string[] {
		return [...this.linked].flatMap((device) => device.unacknowledged);
	}

	/** Devices that ring, as `number:device`: none after every call is over. */
	get ringing(): string[] {
		return [...this.phones.values()].flatMap(({ id, seen }) =>
			seen.calls.filter(({ state }) => state === 'ringing').map(({ device }) => `${id}:${device}`),
		);
	}

	get ended(): boolean {
		return this.hasEnded;
	}

	/** The faults so far, which are forgotten: for a test that provokes them. */
	takeFaults(): Fault[] {
		return this.faults.take();
	}

	/** Registers a number and sets up its phone. */
	addPhone(options: PhoneOptions): Phone {
		const account = this.directory.register(options.number, options.aliases ?? []);
		const phone = new Phone(this, this.linking, this.linkCodes, account, options);
		this.phones.set(phone.id, phone);
		return phone;
	}

	/** Tells somebody of every stanza from now on. Answers how to stop it. */
	watch(watcher: Watcher): () => void {
		this.watchers.add(watcher);
		return () => void this.watchers.delete(watcher);
	}

	/** Puts phones into a group; answers its address. */
	addGroup(participants: readonly Phone[]): string {
		return this.chats.addGroup(participants.map(({ account }) => account)).jid;
	}

	/** Sets up a channel in which only admins write; answers its address. */
	addChannel(admins: readonly Phone[], followers: readonly Phone[]): string {
		const accounts = (phones: readonly Phone[]) => phones.map(({ account }) => account);
		return this.chats.addChannel(accounts(admins), accounts(followers)).jid;
	}

	/** Logs every client of a phone out, as removing it on the phone does: 401, at once or at login. */
	logOut(phone: Phone): void {
		for (const device of this.clientsOf(phone)) this.unlink(device);
	}

	/** Closes the clients of a phone as if another connection had taken their place: 440. */
	replace(phone: Phone): void {
		this.streamError(phone, REPLACED);
	}

	/** Closes the clients of a phone with a stream error. */
	streamError(phone: Phone, code: number): void {
		for (const device of this.clientsOf(phone)) device.line?.streamError(code);
	}

	/** Cuts every line and takes no new one for so many script seconds; undefined: until `restore()`. */
	cut(seconds?: number): void {
		this.server.refuse();
		if (seconds !== undefined) this.after(seconds, () => this.restore());
	}

	restore(): void {
		this.server.admit();
	}

	/** The real clients of a phone. */
	clientsOf(phone: Phone): LinkedDevice[] {
		return [...this.linked].filter((device) => device.account === phone.account);
	}

	nextId(): string {
		return `${Date.now().toString(36)}.${++this.stanzas}`;
	}

	after(seconds: number, task: () => void): () => void {
		return this.timers.after(seconds * this.settings.secondMs, task);
	}

	/** Ends everything; may be called twice. */
	async close(): Promise<void> {
		this.hasEnded = true;
		this.timers.end();
		for (const phone of this.phones.values()) phone.endMedia();
		await this.relays.close();
		await this.server.close();
		await this.media.close();
	}

	async arrived(connection: ChatConnection, arrival: Arrival): Promise<void> {
		const login = findLogin(this, arrival);
		if (login.kind === 'registration') return this.linking.register(connection, arrival);
		if (login.kind === 'refused') {
			if (login.why !== undefined) this.faults.add('login', login.why);
			return connection.end(node('failure', { reason: String(LOGGED_OUT), location: 'sim' }));
		}
		login.device.line?.streamError(REPLACED);
		login.device.attach(connection);
		this.devices.set(connection, login.device);
		for (const stanza of success(login.device)) connection.send(stanza);
	}

	async received(connection: ChatConnection, stanza: BinaryNode): Promise<void> {
		const device = this.devices.get(connection);
		for (const watcher of this.watchers) watcher({ direction: 'in', device, stanza });
		const candidate = this.linking.candidate(connection);
		if (device?.line === connection) await this.fromDevice(device, connection, stanza);
		else if (candidate) this.fromCandidate(candidate, stanza);
	}

	sent(connection: ChatConnection, stanza: BinaryNode): void {
		const device = this.devices.get(connection);
		for (const watcher of this.watchers) watcher({ direction: 'out', device, stanza });
	}

	closed(connection: ChatConnection): void {
		this.devices.get(connection)?.detach(connection);
		this.devices.delete(connection);
		const candidate = this.linking.candidate(connection);
		if (candidate) this.linkCodes.closed(candidate);
		this.linking.closed(connection);
	}

	private async fromDevice(
		device: LinkedDevice,
		connection: ChatConnection,
		stanza: BinaryNode,
	): Promise<void> {
		switch (stanza.tag) {
			case 'iq':
				return this.answerIq(device, connection, stanza);
			case 'message':
				return this.messages.message(device, stanza);
			case 'receipt':
				return this.messages.receipt(device, stanza);
			case 'call':
				return this.switchboard.received(device, stanza);
			case 'ack': {
				const acknowledged = device.acknowledge(stanza);
				if (acknowledged?.tag === 'call') this.switchboard.acknowledged(acknowledged);
				return;
			}
			case 'ib':
			case 'presence':
			case 'chatstate':
				return;
			default:
				this.faults.add('unexpected-stanza', `<${stanza.tag}>`);
		}
	}

	private answerIq(device: LinkedDevice, connection: ChatConnection, iq: BinaryNode): void {
		if (iq.attrs.type === 'result') return;
		if (iq.attrs.xmlns === 'md' && child(iq, 'remove-companion-device')) {
			connection.send(iqResult(iq));
			return this.unlink(device);
		}
		connection.send(this.services.answer(device, iq));
		if (iq.attrs.xmlns === 'passive' && child(iq, 'active')) device.deliverOffline();
	}

	private fromCandidate(candidate: Candidate, stanza: BinaryNode): void {
		if (stanza.tag !== 'iq') return;
		if (stanza.attrs.type === 'result') this.linking.answered(candidate, stanza);
		else if (stanza.attrs.xmlns === 'w:p') this.linking.confirm(candidate, stanza);
		else if (stanza.attrs.xmlns === 'md') this.linkCodes.received(candidate, stanza);
		else this.faults.add('unexpected-iq', `${stanza.attrs.xmlns} before the client was linked`);
	}

	private unlink(device: LinkedDevice): void {
		this.linked.delete(device);
		this.removed.add(`${device.account.number}:${device.id}`);
		device.account.devices.delete(device.id);
		device.line?.streamError(LOGGED_OUT);
	}
}
