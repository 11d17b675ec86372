import type { Connector } from './connector';
import { makeSessionFolder } from './folders';
import { lockSession, type SessionLock } from './sessionLock';
import { SessionStore, wipeFolder } from './sessionStore';
import type { SessionOptions, SessionSocket } from './sessionTypes';

/** What a process owns of a session while it uses it. */
export interface Resources<S extends SessionSocket> {
	folder: string;
	lock: SessionLock;
	store: SessionStore;
	connector: Connector<S>;
}

/**
 * Locks the folder of a session and opens its store.
 *
 * @throws CallError INVALID_OPTION, SESSION_IN_USE, SESSION_UNREADABLE
 */
export async function openResources<S extends SessionSocket>(
	{ data, name, passphrase, port }: SessionOptions<S>,
	makeConnector: (store: SessionStore) => Connector<S>,
	hooks: { now: () => number; onDamage: (sentence: string) => void; onLost: () => void },
): Promise<Resources<S>> {
	const folder = await makeSessionFolder(data, name);
	const lock = await lockSession(folder, hooks.onLost);
	try {
		const codec = await port.codec();
		const { now, onDamage } = hooks;
		const store = await SessionStore.open({ folder, passphrase, codec, now, onDamage });
		return { folder, lock, store, connector: makeConnector(store) };
	} catch (error) {
		await lock.release();
		throw error;
	}
}

/** Closes everything, and deletes the keys when they are of no use any more. */
export async function closeResources<S extends SessionSocket>(
	{ connector, store, lock }: Resources<S>,
	{ wipe }: { wipe: boolean },
): Promise<void> {
	try {
		await connector.close();
	} finally {
		try {
			await (wipe ? store.wipe() : store.close());
		} finally {
			await lock.release();
		}
	}
}

/**
 * Deletes the keys of a session without reading them.
 *
 * @throws CallError SESSION_IN_USE
 */
export async function wipeUnread(data: string, name: string): Promise<void> {
	const folder = await makeSessionFolder(data, name);
	const lock = await lockSession(folder, () => undefined);
	try {
		await wipeFolder(folder);
	} finally {
		await lock.release();
	}
}
