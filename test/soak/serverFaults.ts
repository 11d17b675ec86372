import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask, untilConnected, type Linked } from '../../bench/serverClient';
import type { ServerProcess } from '../../bench/serverProcess';

/** An instance, and whom it calls: one who lets it ring, and one who answers. */
export interface Caller extends Linked {
	ignoring: string;
	answering: string;
}

/** Counts what was not as it should be. */
export interface Verdict {
	/** Prints a figure, and that it is bad. */
	say(figure: string, text: string, isGood?: boolean): void;
}

const STRANGERS = 500;
const MALFORMED = 10_000;
const SLOW_CLIENTS = 100;
const SLOW_ASKS = 100;
const MOST_SLOW_MS = 1_000;
const CUT_SECONDS = 10;
const MOST_BACK_MS = 60_000;
const TOO_LARGE_BYTES = 3 * 1024 * 1024;

/** Tokens of nobody, and of somebody else. */
export async function wrongTokens(
	server: ServerProcess,
	[one, other]: readonly [Caller, Caller],
	{ say }: Verdict,
): Promise<void> {
	const statuses: number[] = [];
	for (let count = 0; count < STRANGERS; count += 1) {
		const token = randomBytes(16).toString('hex');
		statuses.push((await place(server, one, { token })).status);
	}
	const refused = statuses.filter((status) => status === 401).length;
	say('tokens of nobody', `${refused} of ${STRANGERS} answered 401`, refused === STRANGERS);
	const { status } = await place(server, one, { token: other.token });
	say('token of another instance', `answered ${status}`, status === 404);
}

/** Bodies that are no JSON, of another kind, with other fields, or too large. */
export async function badBodies(
	server: ServerProcess,
	{ name, token }: Caller,
	{ say }: Verdict,
): Promise<void> {
	const statuses = new Map<number, number>();
	for (let count = 0; count < MALFORMED; count += 1) {
		const status = await postText(server, name, token, MALFORMED_BODIES[count % 8] ?? '');
		statuses.set(status, (statuses.get(status) ?? 0) + 1);
	}
	const isRefused = [...statuses.keys()].every((status) => status === 400);
	say(`${MALFORMED} malformed bodies`, `answered ${described(statuses)}`, isRefused);
	const text = JSON.stringify({ number: 'x'.repeat(TOO_LARGE_BYTES) });
	const status = await postText(server, name, token, text);
	say('body of 3 MB, with a limit of 1', `answered ${status}`, status === 413);
}

const MALFORMED_BODIES = [
	'',
	'{',
	'[]',
	'null',
	'{"number":5}',
	'{"number":"abc"}',
	'{"number":"5511999999999","duration":61}',
	'{"number":"5511999999999","unknown":{"__proto__":1}}',
];

/** Clients that never finish their request, while others ask. */
export async function slowClients(
	server: ServerProcess,
	{ name, token }: Caller,
	{ say }: Verdict,
): Promise<void> {
	const { hostname, port } = new URL(server.url);
	const sockets = Array.from({ length: SLOW_CLIENTS }, () => connect(Number(port), hostname));
	for (const socket of sockets) {
		socket.on('error', () => undefined);
		socket.write(
			`POST /api/call/fake/${name} HTTP/1.1\r\nhost: ${hostname}\r\ntoken: ${token}\r\n`,
		);
		socket.write('content-type: application/json\r\ncontent-length: 40\r\n\r\n{');
	}
	const drip = setInterval(() => sockets.forEach((socket: Socket) => socket.write(' ')), 500);
	const times: number[] = [];
	const path = `/api/instance/list?instanceName=${name}`;
	while (times.length < SLOW_ASKS) {
		const askedAt = performance.now();
		await ask(server, 'GET', path, token);
		times.push(performance.now() - askedAt);
		await wait(10);
	}
	clearInterval(drip);
	sockets.forEach((socket) => socket.destroy());
	const slowest = Math.max(...times);
	const text = `status of others at most ${slowest.toFixed(0)} ms`;
	say(`${SLOW_CLIENTS} clients that drip`, text, slowest < MOST_SLOW_MS);
}

/** WhatsApp is away for a while. */
export async function cutOff(
	server: ServerProcess,
	caller: Caller,
	simulatorUrl: string,
	{ say }: Verdict,
): Promise<void> {
	const since = performance.now();
	const response = await fetch(`${simulatorUrl}/faults`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ kind: 'cut', seconds: CUT_SECONDS }),
	});
	say('cut off', `for ${CUT_SECONDS} s`, response.ok);
	await wait(1_000);
	const asking = place(server, caller);
	await wait(1_000);
	const { connected, total } = await connections(server);
	say('connected meanwhile', `${connected} of ${total}`, connected === 0);
	const { status, body } = await asking;
	const answer = status === 200 ? 'placed later' : JSON.stringify(body.error);
	say('call meanwhile', `${status} ${answer}`, [200, 500].includes(status));
	await untilConnected(server);
	const back = performance.now() - since;
	say('all connected again', `${(back / 1_000).toFixed(1)} s after the cut`, back < MOST_BACK_MS);
	await callWorks(server, caller, say);
}

/** The disk has no room: nothing new is kept, and what is there goes on. */
export async function diskFull(
	server: ServerProcess,
	caller: Caller,
	data: string,
	{ say }: Verdict,
): Promise<void> {
	const filler = join(data, 'filler');
	try {
		fill(filler);
		const { status, body } = await ask(server, 'POST', '/api/instance/new', server.accountToken, {
			name: 'no-room',
		});
		say('new instance', `answered ${status} ${JSON.stringify(body.error)}`, status === 500);
		const call = await place(server, caller);
		const text = `${call.status} ${JSON.stringify(call.body.error ?? call.body.message)}`;
		// It may still fit; if not, the reason is told.
		const isTold = call.status === 500 && text.includes('the disk is full');
		say('call', `answered ${text}`, call.status === 200 || isTold);
		const list = await ask(server, 'GET', '/api/instance/list', server.accountToken);
		say('status', `answered ${list.status}`, list.status === 200);
	} finally {
		rmSync(filler, { force: true });
	}
	await wait(2_000);
	say('server', server.isRunning ? 'lives' : 'is gone', server.isRunning);
	await untilConnected(server);
	await callWorks(server, caller, say);
}

/** A file system of its own for the data; false when this user may not have one. */
export function mountSmall(folder: string): boolean {
	mkdirSync(folder);
	const size = 'size=48m,mode=700';
	return spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder]).status === 0;
}

export function unmount(folder: string): void {
	spawnSync('umount', [folder]);
}

/** A fake call. */
export async function place(
	server: Pick<ServerProcess, 'url'>,
	{ name, token, ignoring }: Pick<Caller, 'ignoring' | 'name' | 'token'>,
	given: { token?: string; duration?: number; waits?: boolean } = {},
) {
	const path = `/api/call/fake/${name}?wait=${given.waits === true}`;
	const body = { number: ignoring, duration: given.duration ?? 1 };
	return await ask(server, 'POST', path, given.token ?? token, body);
}

export async function callWorks(
	server: ServerProcess,
	caller: Caller,
	say: Verdict['say'],
): Promise<void> {
	const { status, body } = await place(server, caller, { waits: true });
	const isGood = status === 200 && body.outcome === 'noAnswer' && body.rang === true;
	const text = `${status}, ${String(body.outcome ?? JSON.stringify(body.error))}`;
	say('call afterwards', text, isGood);
}

export function described(counts: ReadonlyMap<number | string, number>): string {
	return [...counts].map(([what, count]) => `${what}: ${count}`).join(', ');
}

async function connections({ url }: ServerProcess): Promise<{ connected: number; total: number }> {
	const answer = await fetch(`${url}/readyz`);
	return ((await answer.json()) as { instances: { connected: number; total: number } }).instances;
}

async function postText(
	{ url }: ServerProcess,
	name: string,
	token: string,
	body: string,
): Promise<number> {
	const response = await fetch(`${url}/api/call/fake/${name}`, {
		method: 'POST',
		headers: { token, 'content-type': 'application/json' },
		body,
	});
	await response.arrayBuffer();
	return response.status;
}

/** Until there is no room for another byte. */
function fill(path: string): void {
	for (const size of [1024 * 1024, 4096]) {
		try {
			for (;;) {
				writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
			}
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') {
				throw error;
			}
		}
	}
}
