import { setTimeout as sleep } from 'node:timers/promises';
import type { CallableAddress } from '../common/address';
import type { Phone, SessionLogger } from '../engine';

/** What a process is to do: see `MODES`. */
export interface Task {
	mode: keyof typeof MODES;
	session: { name: string; passphrase?: string };
	/** Whom to call, one after the other. */
	numbers: readonly string[];
}

/** One call of this process: which one, and when it was asked for, in milliseconds of `process.hrtime`. */
export interface Placed {
	callId: string;
	askedAt: number;
}

const BYTES_PER_MEGABYTE = 1024 * 1024;
/** Freed memory goes back to the system little by little. */
const COLLECTIONS = 5;
const BETWEEN_COLLECTIONS_MS = 200;

const SILENT: SessionLogger = {
	debug: () => undefined,
	info: () => undefined,
	warn: () => undefined,
};

/** What this process does; its result is printed as JSON (see session.ts). */
const MODES = {
	/** Places calls. The engine is loaded within the first one, as by the node. */
	calls: async ({ session, numbers }: Task): Promise<Placed[]> => {
		const calls: Placed[] = [];
		for (const number of numbers) {
			calls.push(await call(session, number));
		}
		await (await open(session)).close();
		return calls;
	},
	/** Memory with a connection that is idle after its calls. */
	idle: async ({ session, numbers }: Task): Promise<number> => {
		for (const number of numbers) {
			await call(session, number);
		}
		const megabytes = await residentMegabytes();
		await (await open(session)).close();
		return megabytes;
	},
	/** Memory with Baileys loaded and nothing else. */
	empty: async (): Promise<number> => {
		await import('@whiskeysockets/baileys');
		return await residentMegabytes();
	},
};

async function call(session: Task['session'], number: string): Promise<Placed> {
	const to: CallableAddress = { kind: 'phone', number, jid: `${number}@s.whatsapp.net` };
	const limits = { callsPerDay: 1_000_000, pauseMilliseconds: 0 };
	const askedAt = Number(process.hrtime.bigint()) / 1e6;
	const phone = await open(session);
	const { callId = '' } = await phone.fakeCall({ to, ringSeconds: 1, ...limits });
	return { callId, askedAt };
}

async function open(session: Task['session']): Promise<Phone> {
	const { openPhone } = await import('../engine/index.js');
	return openPhone({ ...session, logger: SILENT }, process.env);
}

async function residentMegabytes(): Promise<number> {
	for (let collection = 0; collection < COLLECTIONS; collection += 1) {
		global.gc?.();
		await sleep(BETWEEN_COLLECTIONS_MS);
	}
	return process.memoryUsage().rss / BYTES_PER_MEGABYTE;
}

async function main(task: Task): Promise<void> {
	console.log(JSON.stringify(await MODES[task.mode](task)));
}

void main(JSON.parse(process.argv[2] ?? '') as Task);
