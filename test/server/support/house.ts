import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer, type RunningServer, type ServerOptions } from '../../../server';
import type { Phone as PersonsPhone } from '../../../simulator';
import { fastClock, Home, type HomeOptions } from '../../engine/phone/support/home';
import { eventually } from '../../simulator/support/client';
import { ACCOUNT_TOKEN } from '../../support/contract/subject';
import { listen, send, type Answer, type Listener } from '../../support/contractServer/testClient';

export { ACCOUNT_TOKEN };
export const INSTANCE_TOKEN = 'instance-token';

export type HouseOptions = Partial<ServerOptions> & {
	home?: HomeOptions;
	/** Of the source, or of the build. */
	build?: typeof createServer;
	/** Instances that are there from before, by name, with their tokens. */
	instances?: Record<string, string>;
};

/** A call or a message as the tests send it. */
export interface Sending {
	body?: unknown;
	token?: string | null;
	method?: string;
	headers?: Record<string, string>;
}

/** A server on a simulated network. */
export class House {
	private running: RunningServer | undefined;

	private constructor(
		readonly home: Home,
		private readonly options: ServerOptions,
		private readonly build: typeof createServer,
		/** What the server logged: one JSON text each. */
		readonly lines: string[],
	) {}

	static async start(options: HouseOptions = {}): Promise<House> {
		const { home: homeOptions = {}, build = createServer, instances, ...changes } = options;
		const home = await Home.start(homeOptions);
		if (instances !== undefined) {
			await keepInstances(home.data, instances);
		}
		const lines: string[] = [];
		const all: ServerOptions = {
			accountToken: ACCOUNT_TOKEN,
			data: home.data,
			port: 0,
			requestsPerMinute: 0,
			pauseMilliseconds: 0,
			callsPerDay: 10_000,
			environment: home.environment,
			clock: homeOptions.clock ?? fastClock,
			lockPatienceMs: 0,
			// Jest does not load the ESM that the page needs; the tests of the process look at it.
			docsPage: false,
			log: { stream: { write: (line) => lines.push(line) }, level: 'debug' },
			...changes,
		};
		const house = new House(home, all, build, lines);
		await house.open();
		return house;
	}

	get server(): RunningServer {
		if (this.running === undefined) {
			throw new Error('The server is closed');
		}
		return this.running;
	}

	/** Starts the server, again when it was closed. */
	async open(changes: Partial<ServerOptions> = {}): Promise<RunningServer> {
		this.running = await this.build({ ...this.options, ...changes });
		return this.running;
	}

	async send(path: string, { token = ACCOUNT_TOKEN, ...sent }: Sending = {}): Promise<Answer> {
		return await send(this.server, path, { ...sent, token });
	}

	/** Makes an instance. */
	async create(name = 'main', token = INSTANCE_TOKEN): Promise<void> {
		const { status } = await this.send('/api/instance/new', { body: { name, token } });
		expect(status).toBe(200);
	}

	/** Links an instance by its QR code, and waits until it is connected. */
	async link(name = 'main', phone: PersonsPhone = this.home.own): Promise<void> {
		const { body } = await this.send(`/api/instance/connect/${name}`);
		await phone.scan((body as { qrCode: string }).qrCode);
		await this.connected(name);
	}

	/** A new instance that is linked. */
	async linked(name = 'main', token = INSTANCE_TOKEN): Promise<void> {
		await this.create(name, token);
		await this.link(name);
	}

	async connected(name = 'main'): Promise<void> {
		await eventually(async () => (await this.stateOf(name)) === 'connected');
	}

	async stateOf(name = 'main'): Promise<string> {
		const { body } = await this.send(`/api/instance/list?instanceName=${name}`);
		const [instance] = (body as { instances: { connection: { state: string } }[] }).instances;
		return instance?.connection.state ?? 'none';
	}

	/** Places a fake call. */
	async fake(to: PersonsPhone | string, fields: object = {}, query = ''): Promise<Answer> {
		const number = typeof to === 'string' ? to : to.id;
		const body = { number, duration: 1, ...fields };
		return await this.send(`/api/call/fake/main${query}`, { body });
	}

	/** Waits until a phone rings, and the server knows. */
	async rings(): Promise<void> {
		await eventually(() => this.home.network.ringing.length > 0);
		await eventually(() => {
			const offer = this.lines.findLastIndex((line) => line.includes('"event":"offer"'));
			return this.lines.slice(offer).some((line) => line.includes('"event":"receipt"'));
		});
	}

	/** Switches the event channel on, and listens. */
	async listen(name = 'main', token = INSTANCE_TOKEN): Promise<Listener> {
		await this.send(`/api/events/websocket/${name}`, { body: { enabled: true } });
		return await listen(this.server, `/ws/${name}`, { token });
	}

	/** Ends the server, and what the test had. */
	async close(): Promise<void> {
		await this.running?.close();
		await this.home.close();
	}
}

async function keepInstances(data: string, tokens: Record<string, string>): Promise<void> {
	const createdAt = new Date().toISOString();
	const instances = Object.entries(tokens).map(([name, token]) => ({ name, token, createdAt }));
	await writeFile(join(data, 'instances.json'), JSON.stringify({ format: 1, instances }));
}

/** The events that came over a channel, as objects. */
export function eventsOf({ frames }: Listener): {
	event: string;
	data: Record<string, unknown>;
	instanceData: Record<string, unknown>;
}[] {
	return frames.map((frame) => JSON.parse(frame) as ReturnType<typeof eventsOf>[number]);
}
