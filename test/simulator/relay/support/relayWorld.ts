import { randomBytes } from 'node:crypto';
import { startNetwork, type Network, type NetworkOptions } from '../../../../simulator';
import type { Listener } from '../../../../simulator/media/phoneMedia';
import type { Line } from '../../../../simulator/relay/line';
import { RelayClient, type Dial } from './relayClient';

/** A network with one call at its relays, and no signalling. */
export class RelayWorld {
	readonly clients: RelayClient[] = [];
	/** What the other end of the call got. */
	readonly audio: { packet: Buffer; relay: string }[] = [];
	readonly reports: Buffer[] = [];

	private constructor(
		readonly network: Network,
		readonly line: Line,
	) {
		const listener: Listener = {
			hear: (packet, relay) => this.audio.push({ packet, relay }),
			hearReport: (packet) => this.reports.push(packet),
		};
		line.join(listener);
	}

	static async start(options: NetworkOptions = {}): Promise<RelayWorld> {
		const network = await startNetwork(options);
		const id = `00${randomBytes(15).toString('hex').toUpperCase()}`;
		const line = network.relays.openLine({ id, creator: '111111111111111:23@lid' });
		return new RelayWorld(network, line);
	}

	/** What a client needs for one of the relays. */
	dial(relay = 0, dialled?: number): Dial {
		const { host, port } = this.network.relays.list[relay] ?? { host: '', port: 0 };
		const { callId, caller, key, tickets } = this.line;
		const token = tickets[relay]?.token ?? Buffer.alloc(0);
		return { host, port, ...(dialled !== undefined && { dialled }), callId, caller, key, token };
	}

	async open(relay = 0, dialled?: number): Promise<RelayClient> {
		const client = await RelayClient.open(this.dial(relay, dialled));
		this.clients.push(client);
		return client;
	}

	/** Details of the faults so far, which are forgotten; without the call. */
	faults(): string[] {
		return this.network.takeFaults().map(({ detail }) => detail.replace(/^call \w+: /, ''));
	}

	async close(): Promise<void> {
		for (const client of this.clients.splice(0)) await client.close();
		await this.network.close();
	}
}

export function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
