import { rm } from 'node:fs/promises';
import type { Clock } from '../../common/clock';
import { sessionFolder } from '../../engine';
import { newToken } from '../options';
import { instanceNotFound, invalidBody, Refusal } from '../refusal';
import { TokenDigest } from '../tokens';
import { Instance, type InstanceOptions, type InstancePhone } from './instance';
import { InstanceFile, type StoredInstance } from './instanceFile';

/** Whom a token belongs to: the account, or one instance. */
export type Caller = { kind: 'account' } | { kind: 'instance'; name: string };

export interface InstancesOptions {
	data: string;
	accountToken: string;
	maximum: number;
	clock: Clock;
	openPhone: (name: string) => InstancePhone;
	tell: (instance: Instance, ...event: Parameters<InstanceOptions['tell']>) => void;
	/** Told what went wrong aside. */
	onFault: (name: string, what: string, error: unknown) => void;
}

/** The account's instances and who may use them. */
export class Instances {
	private readonly file: InstanceFile;
	private readonly account: TokenDigest;
	private readonly byName = new Map<string, Instance>();
	/** One change after the other: each sees what the one before it made. */
	private changing: Promise<unknown> = Promise.resolve();

	constructor(private readonly options: InstancesOptions) {
		this.file = new InstanceFile(options.data);
		this.account = new TokenDigest(options.accountToken);
	}

	/**
	 * Takes up what an earlier server kept, and connects what is linked.
	 *
	 * @throws CallError SESSION_UNREADABLE
	 */
	async load(): Promise<void> {
		for (const stored of await this.file.read()) {
			const instance = this.open(stored);
			this.byName.set(stored.name, instance);
			instance.keepConnected();
		}
	}

	get all(): Instance[] {
		return [...this.byName.values()];
	}

	/** Whom a token belongs to; undefined for nobody's. Takes as long for each of them. */
	callerOf(token: string): Caller | undefined {
		const digest = new TokenDigest(token);
		let caller: Caller | undefined;
		for (const { name, digest: known } of this.byName.values()) {
			if (known.matches(digest)) {
				caller = { kind: 'instance', name };
			}
		}
		return this.account.matches(digest) ? { kind: 'account' } : caller;
	}

	/** All of the account, or an instance's own. */
	visibleTo(caller: Caller): Instance[] {
		return this.all.filter(({ name }) => caller.kind === 'account' || caller.name === name);
	}

	/** @throws Refusal 404 for one that does not exist or that the caller may not use */
	find(name: string, caller: Caller): Instance {
		const instance = this.byName.get(name);
		if (instance === undefined || (caller.kind === 'instance' && caller.name !== name)) {
			throw instanceNotFound();
		}
		return instance;
	}

	/**
	 * A new one, born disconnected.
	 *
	 * @throws Refusal 400 when the name or the token is in use, 403 when there are as many as may be
	 */
	async create(name: string, token: string = newToken()): Promise<Instance> {
		return await this.change(async () => {
			if (this.byName.has(name)) {
				throw invalidBody('name is in use');
			}
			if (this.callerOf(token) !== undefined) {
				throw invalidBody('token is in use');
			}
			if (this.byName.size >= this.options.maximum) {
				throw new Refusal(403, 'Account instance quota exceeded', { code: 'FORBIDDEN' });
			}
			const createdAt = new Date(this.options.clock.now()).toISOString();
			const instance = this.open({ name, token, createdAt });
			// Kept before it is known to anybody.
			await this.write([...this.all, instance]);
			this.byName.set(name, instance);
			return instance;
		});
	}

	/** Logs out, and forgets the instance and its keys. */
	async remove(instance: Instance): Promise<void> {
		await instance.logOut();
		await this.change(async () => {
			await this.write(this.all.filter((other) => other !== instance));
			this.byName.delete(instance.name);
			await instance.close();
			const folder = sessionFolder(this.options.data, instance.name);
			await rm(folder, { recursive: true, force: true });
		});
	}

	/** Keeps what changed in the instances. @throws CallError SESSION_UNREADABLE */
	async save(): Promise<void> {
		await this.change(() => this.write(this.all));
	}

	/** Closes all, whatever they are doing. */
	async close(): Promise<void> {
		await Promise.allSettled(this.all.map((instance) => instance.close()));
	}

	private async change<T>(work: () => Promise<T>): Promise<T> {
		const changing = this.changing.then(work);
		this.changing = changing.catch(() => undefined);
		return await changing;
	}

	private async write(instances: readonly Instance[]): Promise<void> {
		await this.file.write(instances.map(({ stored }) => stored));
	}

	private open(stored: StoredInstance): Instance {
		const { clock, onFault, openPhone, tell } = this.options;
		const instance: Instance = new Instance(stored, {
			phone: openPhone(stored.name),
			clock,
			tell: (...event) => tell(instance, ...event),
			onFault: (what, error) => onFault(stored.name, what, error),
			save: () => this.save(),
		});
		return instance;
	}
}
