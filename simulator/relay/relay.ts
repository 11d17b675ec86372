import { performance } from 'node:perf_hooks';
import type { FaultLog } from '../faults';
import type { RelayCertificate } from './certificate';
import { Channel } from './channel';
import { RelayClient, type ClientHost, type RelayGrant } from './client';
import { GOOD_CONDITIONS, Weather, type RelayConditions } from './conditions';
import { answerIce, checkIce } from './ice';
import type { Portal } from './portal';
import { readStun, STUN } from './stun';

/** The port that clients dial beside the one of te2 (page 04 section 2). */
export const SECOND_PORT = 3480;
const TICK_MS = 200;
const HANDSHAKE = 22;
/** DTLS content types, and the first byte of its versions. */
const CONTENT = [20, 23] as const;
const VERSION = 0xfe;
const HELLO_AT = 13;
const CLIENT_HELLO = 1;
/** Bytes of the client random in a datagram that begins with a ClientHello. */
const RANDOM = [27, 59] as const;

interface Address {
	address: string;
	port: number;
}
interface Session {
	channel: Channel;
	client: RelayClient;
}

/** What relays of a network share. */
export interface RelayPark {
	readonly certificate: RelayCertificate;
	readonly faults: FaultLog;
	readonly limits: ClientHost['limits'];
	findGrant(relay: Relay, token: Buffer): RelayGrant | undefined;
	findUser(relay: Relay, name: string): RelayGrant | undefined;
}

/** One relay, on an address of its own. */
export class Relay implements ClientHost {
	/** How well it works; to be changed in place. */
	readonly conditions: RelayConditions;
	private readonly portals: Portal[] = [];
	private readonly sessions = new Map<string, Session>();
	private readonly checked = new Set<string>();
	private readonly arriving: Weather;
	private readonly leaving: Weather;
	private readonly ticker: NodeJS.Timeout;
	private heardOf = 0;

	constructor(
		private readonly park: RelayPark,
		readonly name: string,
		readonly host: string,
		conditions: Partial<RelayConditions>,
	) {
		this.conditions = { ...GOOD_CONDITIONS, ...conditions };
		this.arriving = new Weather(this.conditions);
		this.leaving = new Weather(this.conditions);
		this.ticker = setInterval(() => this.tick(), TICK_MS);
	}

	/** The port that te2 names. */
	get port(): number {
		return this.portals[0]?.port ?? 0;
	}

	/** Every port it listens on. */
	get ports(): number[] {
		return this.portals.map(({ port }) => port);
	}

	get limits(): ClientHost['limits'] {
		return this.park.limits;
	}

	/** Datagrams that have reached its ports, whatever became of them. */
	get datagrams(): number {
		return this.heardOf;
	}

	/** Its connections, and how far they have come. */
	get clients(): RelayClient['state'][] {
		return [...this.sessions.values()].map(({ client }) => client.state);
	}

	/** Adds a port; the first is the one of te2. */
	add(portal: Portal): void {
		this.portals.push(portal);
	}

	findGrant(token: Buffer): RelayGrant | undefined {
		return this.park.findGrant(this, token);
	}

	complain(detail: string): void {
		this.park.faults.add('relay', detail);
	}

	/** A datagram from anywhere. */
	take(portal: Portal, datagram: Buffer, from: Address): void {
		this.heardOf++;
		if (!this.answers(portal)) return;
		this.arriving.pass(() => this.arrived(portal, Buffer.from(datagram), from));
	}

	/** Ends every connection and tells the clients: as when the relay is taken out of service. */
	async endClients(): Promise<void> {
		await Promise.all([...this.sessions.values()].map(({ channel }) => channel.end()));
	}

	async close(): Promise<void> {
		clearInterval(this.ticker);
		this.arriving.clear();
		this.leaving.clear();
		for (const { channel } of [...this.sessions.values()]) channel.shut();
		await Promise.all(this.portals.map((portal) => portal.close()));
	}

	private answers({ port }: Portal): boolean {
		const { silent, answersOn } = this.conditions;
		if (silent) return false;
		return answersOn === 'both' || (answersOn === '3480') === (port === SECOND_PORT);
	}

	private arrived(portal: Portal, datagram: Buffer, from: Address): void {
		const [first] = datagram;
		const key = `${portal.port} ${from.address}:${from.port}`;
		if (first === undefined) return;
		if (first <= 3) return this.takeCheck(portal, datagram, from, key);
		if (first < CONTENT[0] || first > CONTENT[1] || datagram[1] !== VERSION) return;
		if (this.conditions.iceOnly && !this.checked.has(key)) return;
		const hello = helloOf(datagram);
		const session = this.sessions.get(key);
		// A ClientHello that comes late would make werift forget the connection.
		if (hello !== undefined && session?.channel.isConnected && session.channel.hello === hello) {
			return;
		}
		if (hello !== undefined && session?.channel.hello !== hello) {
			session?.channel.shut();
			this.open(portal, from, key, hello).channel.receive(datagram);
		} else session?.channel.receive(datagram);
	}

	private open(portal: Portal, from: Address, key: string, hello: string): Session {
		const send = (datagram: Buffer): void => {
			if (this.answers(portal)) this.leaving.pass(() => portal.send(datagram, from));
		};
		const channel = new Channel(hello, this.park.certificate, send, {
			message: (message) => client.take(message),
			odd: (detail) => this.complain(`${this.name}: ${detail}`),
			closed: () => {
				client.leave();
				if (this.sessions.get(key)?.channel === channel) this.sessions.delete(key);
			},
		});
		const client: RelayClient = new RelayClient(
			this,
			(message) => channel.send(message),
			() => channel.shut(),
		);
		const session = { channel, client };
		this.sessions.set(key, session);
		return session;
	}

	private takeCheck(portal: Portal, datagram: Buffer, from: Address, key: string): void {
		const message = readStun(datagram);
		if (message?.type !== STUN.bindingRequest) return;
		const user = checkIce(message, (name) => this.park.findUser(this, name));
		if (typeof user === 'string') return this.complain(`${this.name}: ${user}`);
		this.checked.add(key);
		const answer = answerIce(message, user, from.address, from.port);
		this.leaving.pass(() => portal.send(answer, from));
	}

	private tick(): void {
		if (this.conditions.silent) return;
		const now = performance.now();
		for (const { client } of [...this.sessions.values()]) client.tick(now);
	}
}

/** The client random of a datagram that begins with a ClientHello, in hex. */
function helloOf(datagram: Buffer): string | undefined {
	if (datagram[0] !== HANDSHAKE || datagram.length < RANDOM[1]) return undefined;
	const isPlain = datagram.readUInt16BE(3) === 0;
	return isPlain && datagram[HELLO_AT] === CLIENT_HELLO
		? datagram.toString('hex', ...RANDOM)
		: undefined;
}
