import { setTimeout as wait } from 'node:timers/promises';
import type { ServerProcess } from './serverProcess';
import type { SimulatorProcess } from './simulatorProcess';

const LOOK_MS = 250;
const CONNECT_MS = 60_000;
/** How many are linked side by side. */
const SIDE_BY_SIDE = 5;

/** An instance of the server, whose number is an account's at the simulator. */
export interface Linked {
	name: string;
	/** Of the instance. */
	token: string;
	number: string;
}

export interface Answer {
	status: number;
	body: Record<string, unknown>;
}

/** Asks the server; what it answers is the caller's to judge. */
export async function ask(
	{ url }: Pick<ServerProcess, 'url'>,
	method: 'DELETE' | 'GET' | 'POST',
	path: string,
	token: string,
	body?: object,
): Promise<Answer> {
	const response = await fetch(`${url}${path}`, {
		method,
		headers: { token, ...(body !== undefined && { 'content-type': 'application/json' }) },
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Makes instances and links each by its QR code, as the API offers it; resolves when all are connected. */
export async function linkInstances(
	server: ServerProcess,
	simulator: SimulatorProcess,
	numbers: readonly string[],
): Promise<Linked[]> {
	const linked: Linked[] = [];
	for (let first = 0; first < numbers.length; first += SIDE_BY_SIDE) {
		const some = numbers.slice(first, first + SIDE_BY_SIDE);
		linked.push(...(await Promise.all(some.map((number) => link(server, simulator, number)))));
	}
	await untilConnected(server);
	return linked;
}

/** Resolves when all instances are connected, with the milliseconds it took. */
export async function untilConnected({ url }: Pick<ServerProcess, 'url'>): Promise<number> {
	const since = performance.now();
	for (;;) {
		const answer = await fetch(`${url}/readyz`);
		const { instances } = (await answer.json()) as {
			instances: { connected: number; total: number };
		};
		const { connected, total } = instances;
		if (connected === total) {
			return performance.now() - since;
		}
		if (performance.now() - since > CONNECT_MS) {
			throw new Error(`${connected} of ${total} instances are connected`);
		}
		await wait(LOOK_MS);
	}
}

async function link(
	server: ServerProcess,
	simulator: SimulatorProcess,
	number: string,
): Promise<Linked> {
	await simulator.addPhone({ number });
	const name = `instance-${number}`;
	const token = `token-of-${number}`;
	const { accountToken } = server;
	expect(await ask(server, 'POST', '/api/instance/new', accountToken, { name, token }));
	const { qrCode } = expect(await ask(server, 'GET', `/api/instance/connect/${name}`, token));
	await simulator.scan(number, String(qrCode));
	return { name, token, number };
}

function expect({ status, body }: Answer): Record<string, unknown> {
	if (status !== 200) {
		throw new Error(`The server answered ${status}: ${JSON.stringify(body)}`);
	}
	return body;
}
