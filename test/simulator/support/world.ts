import {
	startNetwork,
	type Network,
	type NetworkOptions,
	type Phone,
	type PhoneOptions,
} from '../../../simulator';
import { eventually, TestClient } from './client';

/** A network with one linked client, for tests of what comes after linking. */
export class World {
	readonly clients: TestClient[] = [];
	private phones = 0;

	private constructor(
		readonly network: Network,
		/** The phone that the client is linked to. */
		readonly own: Phone,
		readonly client: TestClient,
	) {
		this.clients.push(client);
	}

	static async start(options: NetworkOptions = {}): Promise<World> {
		const network = await startNetwork({
			secondMs: 20,
			// Linking is real work: its codes do not go out on a slow machine.
			firstQrSeconds: 10_000,
			...options,
		});
		const own = network.addPhone({ number: '4915112345678' });
		return new World(network, own, await TestClient.linked(network, own));
	}

	/** Another phone, under a number of its own. */
	addPhone(options: Omit<PhoneOptions, 'number'> = {}): Phone {
		return this.network.addPhone({ ...options, number: String(5_511_900_000_000 + ++this.phones) });
	}

	/** After each test of a shared world: everything is acknowledged, and there was no fault. */
	async check(): Promise<void> {
		await eventually(() => this.network.unacknowledged.length === 0);
		expect(this.network.takeFaults()).toEqual([]);
	}

	/** Ends everything; a fault that no test took is a failure. */
	async close(): Promise<void> {
		for (const client of this.clients) await client.close();
		await this.network.close();
		expect(this.network.takeFaults()).toEqual([]);
	}
}
