import { randomInt } from 'node:crypto';
import type { FaultLog } from '../faults';
import type { Settings } from '../settings';
import { makeCertificate, type RelayCertificate } from './certificate';
import type { RelayGrant } from './client';
import type { RelayConditions } from './conditions';
import { Line } from './line';
import { Portal } from './portal';
import { Relay, SECOND_PORT, type RelayPark } from './relay';

const MOST = 4;
const ATTEMPTS = 5;

/** The relays of one network, and the calls that they carry. */
export class Relays implements RelayPark {
	/** In the order of their te2. */
	readonly list: Relay[] = [];
	private readonly lines = new Map<string, Line>();
	private readonly grants = new Map<string, RelayGrant>();
	private readonly users = new Map<string, RelayGrant>();

	private constructor(
		readonly certificate: RelayCertificate,
		readonly faults: FaultLog,
		private readonly settings: Settings,
	) {}

	/** Starts them: each on an address of its own where the system has more than one. */
	static async start(settings: Settings, faults: FaultLog, host: string): Promise<Relays> {
		if (settings.relays > MOST) throw new Error(`A network has up to ${MOST} relays`);
		const relays = new Relays(await makeCertificate(), faults, settings);
		try {
			while (relays.list.length < settings.relays) await relays.add(host);
		} catch (error) {
			await relays.close();
			throw error;
		}
		return relays;
	}

	/** SHA-256 of the certificate, as SDP writes it. */
	get fingerprint(): string {
		return this.certificate.fingerprint;
	}

	get limits(): RelayPark['limits'] {
		const { relayAllocationSeconds, relayBindingSeconds, relayPatienceSeconds } = this.settings;
		return {
			allocationMs: relayAllocationSeconds * 1000,
			bindingMs: relayBindingSeconds * 1000,
			patienceMs: relayPatienceSeconds * 1000,
		};
	}

	/**
	 * A new call.
	 * @param call its id, and the address of the calling device
	 */
	openLine(call: { id: string; creator: string }): Line {
		const { list, settings } = this;
		const speaksOver = (): Settings['phoneSpeaksOver'] => settings.phoneSpeaksOver;
		const line = new Line(call, list.length, settings.warpTagBytes, speaksOver, this.faults);
		this.lines.set(call.id, line);
		for (const [index, relay] of list.entries()) {
			const ticket = line.tickets[index];
			if (!ticket) continue;
			const { host, port } = relay;
			const grant = { callId: line.callId, caller: line.caller, key: line.key, host, port, line };
			this.grants.set(`${relay.name} ${ticket.token.toString('hex')}`, grant);
			this.users.set(`${relay.name} ${ticket.authToken.toString('base64')}`, grant);
		}
		return line;
	}

	/** The line of a call. */
	lineOf(callId: string): Line | undefined {
		return this.lines.get(callId);
	}

	/** Changes how well one relay works, or all of them. */
	change(conditions: Partial<RelayConditions>, relay?: number): void {
		for (const one of this.chosen(relay)) Object.assign(one.conditions, conditions);
	}

	/** Lets one relay end its connections, or all of them. */
	async end(relay?: number): Promise<void> {
		await Promise.all(this.chosen(relay).map((one) => one.endClients()));
	}

	findGrant(relay: Relay, token: Buffer): RelayGrant | undefined {
		return this.grants.get(`${relay.name} ${token.toString('hex')}`);
	}

	findUser(relay: Relay, name: string): RelayGrant | undefined {
		return this.users.get(`${relay.name} ${name}`);
	}

	async close(): Promise<void> {
		await Promise.all(this.list.map((relay) => relay.close()));
	}

	private chosen(index: number | undefined): Relay[] {
		if (index === undefined) return this.list;
		const relay = this.list[index];
		if (!relay) throw new Error(`There is no relay ${index}`);
		return [relay];
	}

	private async add(host: string): Promise<void> {
		for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
			const relay = this.makeRelay(ownAddress(host));
			if (await this.occupy(relay, [this.settings.relayPort, SECOND_PORT])) return;
		}
		// Where all have one address, its ports are taken by now: nothing answers on 3480 then.
		if (await this.occupy(this.makeRelay(host), [0])) return;
		throw new Error(`No relay can listen on ${host}`);
	}

	private makeRelay(host: string): Relay {
		const name = `sim${this.list.length}c01`;
		return new Relay(this, name, host, this.settings.relayConditions);
	}

	private async occupy(relay: Relay, ports: number[]): Promise<boolean> {
		const take = relay.take.bind(relay);
		try {
			for (const port of new Set(ports)) relay.add(await Portal.listen(relay.host, port, take));
		} catch {
			await relay.close();
			return false;
		}
		this.list.push(relay);
		return true;
	}
}

/** Linux has the whole of 127.0.0.0/8; elsewhere relays share the address of the network. */
function ownAddress(host: string): string {
	if (process.platform !== 'linux' || !host.startsWith('127.')) return host;
	return `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
}
