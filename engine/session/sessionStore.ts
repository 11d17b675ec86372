import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallError } from '../../common/errors';
import { removeLeftovers, setAside, syncFolder } from './atomicFile';
import type {
	AuthenticationCreds,
	SignalDataSet,
	SignalDataTypeMap,
	SignalKeyStore,
	StoreCodec,
} from './baileysTypes';
import {
	CREDS_FILE,
	encodeCreds,
	openCredsBox,
	readCreds,
	refuseCreds,
	writeCreds,
} from './credsFile';
import { KeyLog, type KeyChange } from './keyLog';
import { errorCodeOf } from './nodeErrors';
import { PASSPHRASE_FILE, type Box } from './secretBox';
import { unwritable } from './unwritable';

const KEYS_FILE = 'keys.log';
/** An older state of these would be used again, which breaks the conversation with that device. */
const PERISHABLE = /^(session|sender-key):/;

export interface SessionStoreOptions {
	/** The folder of the session, whose lock is held. */
	folder: string;
	passphrase?: string;
	codec: StoreCodec;
	/** Milliseconds since the epoch. */
	now: () => number;
	/** Told when something is damaged and the session can go on without it. */
	onDamage: (sentence: string) => void;
}

type Write =
	| { kind: 'creds'; encoded: Buffer; done: () => void; failed: (error: unknown) => void }
	| { kind: 'keys'; batch: KeyChange[]; done: () => void; failed: (error: unknown) => void };

/**
 * What a linked device must remember, as Baileys wants it: credentials in `creds`, everything else
 * in `keys.log`.
 *
 * Writes happen in the order in which they were asked for. Baileys counts its prekeys in the
 * credentials before it stores them: so after any end of the process the counter may be ahead of
 * the keys, which Baileys mends by uploading new ones, and never behind, which would give two keys
 * one number. `set` resolves when the state is on the disk: a message is never sent from a state
 * that could be forgotten.
 */
export class SessionStore {
	/** What Baileys reads and changes; `saveCreds` writes it. */
	creds: AuthenticationCreds;
	readonly keys: SignalKeyStore;
	private readonly writes: Write[] = [];
	private writing: Promise<void> | undefined;
	private fault: CallError | undefined;
	private closed = false;

	private constructor(
		private readonly options: SessionStoreOptions,
		private readonly box: Box,
		private log: KeyLog,
		creds: AuthenticationCreds | undefined,
	) {
		this.creds = creds ?? options.codec.initAuthCreds();
		this.keys = {
			get: (type, ids) => this.get(type, ids),
			set: (data) => this.set(data),
		};
	}

	/**
	 * Opens what is in the folder, or an empty store.
	 *
	 * @throws CallError SESSION_UNREADABLE for a passphrase that does not fit, a folder that cannot
	 * be read, and damaged credentials, which are set aside together with their keys
	 */
	static async open(options: SessionStoreOptions): Promise<SessionStore> {
		const { folder, passphrase, codec } = options;
		const box = await openCredsBox(folder, passphrase, options.now());
		const creds = await readCreds(folder, box, codec);
		await removeLeftovers(folder);
		if (creds === 'damaged') {
			const refusal = await refuseCreds(folder, options.now());
			await setAside(join(folder, KEYS_FILE), options.now()).catch(ignoreAbsent);
			throw refusal;
		}
		if (creds === undefined) {
			// Keys of credentials that are gone: of no use, and wrong for new ones.
			await rm(join(folder, KEYS_FILE), { force: true });
		}
		return new SessionStore(options, box, await openLog(options, box), creds);
	}

	/** Whether the device was accepted by a phone. A pairing that was not finished does not count. */
	get isLinked(): boolean {
		return isLinked(this.creds);
	}

	/** Why the last write failed; undefined when it did not. Baileys keeps such reasons to itself. */
	get writeFault(): CallError | undefined {
		return this.fault;
	}

	/** Writes the credentials as they are now. Resolves when they are on the disk. */
	async saveCreds(): Promise<void> {
		const encoded = encodeCreds(this.creds, this.box, this.options.codec);
		return this.write((done, failed) => ({ kind: 'creds', encoded, done, failed }));
	}

	/** Begins anew with a fresh identity, for a new link. Nothing is kept of the old one. */
	async reset(): Promise<void> {
		await this.settle();
		await this.log.close();
		await removeFiles(this.options.folder, [CREDS_FILE, KEYS_FILE]);
		this.creds = this.options.codec.initAuthCreds();
		this.log = await openLog(this.options, this.box);
	}

	/** Deletes every key, damaged copies included, and closes the store. */
	async wipe(): Promise<void> {
		await this.close();
		await wipeFolder(this.options.folder);
	}

	/** Waits for what is being written. Later writes are dropped: their socket is closed. */
	async close(): Promise<void> {
		if (this.closed) {
			return this.settle();
		}
		this.closed = true;
		await this.settle();
		await this.log.close();
	}

	private async get<T extends keyof SignalDataTypeMap>(
		type: T,
		ids: string[],
	): Promise<{ [id: string]: SignalDataTypeMap[T] }> {
		const found: { [id: string]: SignalDataTypeMap[T] } = {};
		if (this.closed) {
			return found;
		}
		const { BufferJSON, reviveAppStateKey } = this.options.codec;
		await Promise.all(
			ids.map(async (id) => {
				const text = await this.log.read(`${type}:${id}`);
				if (text !== undefined) {
					const value: unknown = JSON.parse(text.toString('utf8'), BufferJSON.reviver);
					found[id] = (
						type === 'app-state-sync-key' ? reviveAppStateKey(value as object) : value
					) as SignalDataTypeMap[T];
				}
			}),
		);
		return found;
	}

	private set(data: SignalDataSet): Promise<void> {
		const { BufferJSON } = this.options.codec;
		const batch = Object.entries(data).flatMap(([type, values]) =>
			Object.entries<unknown>(values ?? {}).map(
				([id, value]): KeyChange => [
					`${type}:${id}`,
					value === null || value === undefined
						? undefined
						: Buffer.from(JSON.stringify(value, BufferJSON.replacer)),
				],
			),
		);
		return this.write((done, failed) => ({ kind: 'keys', batch, done, failed }));
	}

	private write(
		make: (done: () => void, failed: (error: unknown) => void) => Write,
	): Promise<void> {
		if (this.closed) {
			return Promise.resolve();
		}
		return new Promise((resolve, reject) => {
			this.writes.push(make(resolve, reject));
			this.writing ??= this.writeAll();
		});
	}

	/** Takes one write of credentials, or all writes of keys up to the next one, at a time. */
	private async writeAll(): Promise<void> {
		for (let next = this.writes.shift(); next !== undefined; next = this.writes.shift()) {
			const together = [next];
			try {
				if (next.kind === 'creds') {
					await writeCreds(this.options.folder, next.encoded);
				} else {
					const batches = [next.batch];
					for (let [more] = this.writes; more?.kind === 'keys'; [more] = this.writes) {
						together.push(more);
						batches.push(more.batch);
						this.writes.shift();
					}
					await this.log.append(batches);
				}
				this.fault = undefined;
				together.forEach(({ done }) => done());
			} catch (error) {
				const fault = unwritable(error);
				this.fault = fault;
				together.forEach(({ failed }) => failed(fault));
			}
		}
		this.writing = undefined;
	}

	private async settle(): Promise<void> {
		await this.writing;
	}
}

/** Whether credentials are those of a device that a phone accepted. */
export function isLinked({ account, me }: AuthenticationCreds): boolean {
	return account !== undefined && account !== null && me?.id !== undefined;
}

/** Deletes every key that a session folder holds; the folder and what others keep there stay. */
export async function wipeFolder(folder: string): Promise<void> {
	const files = [CREDS_FILE, KEYS_FILE, PASSPHRASE_FILE];
	const copies = (await readdir(folder)).filter((name) =>
		files.some((file) => name.startsWith(`${file}.corrupt-`)),
	);
	// The header goes last: without it, sealed credentials that are left could not be explained.
	await removeFiles(folder, [CREDS_FILE, KEYS_FILE, ...copies, PASSPHRASE_FILE]);
	await removeLeftovers(folder);
}

async function removeFiles(folder: string, names: string[]): Promise<void> {
	for (const name of names) {
		await rm(join(folder, name), { force: true });
	}
	await syncFolder(folder);
}

function openLog({ folder, now, onDamage }: SessionStoreOptions, box: Box): Promise<KeyLog> {
	return KeyLog.open({
		path: join(folder, KEYS_FILE),
		box,
		now,
		onDamage,
		isPerishable: (key) => PERISHABLE.test(key),
	});
}

function ignoreAbsent(error: unknown): void {
	if (errorCodeOf(error) !== 'ENOENT') {
		throw error;
	}
}
