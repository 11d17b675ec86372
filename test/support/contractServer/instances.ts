import { randomUUID } from 'node:crypto';
import { invalidBody, Refusal } from './refusal';
import type { InitialInstance } from './types';

/** How many instances the account may have; one more is RyzeAPI's 403. */
export const ACCOUNT_INSTANCE_QUOTA = 10;

const FIRST_NUMBER = 5511988880000;

export interface Instance {
	name: string;
	/** Its TokenInstance. */
	token: string;
	state: string;
	/** The linked account, undefined before linking and after logging out. */
	numberJid: string | undefined;
}

/** The account's instances and who may use them. */
export class Instances {
	private readonly byName = new Map<string, Instance>();
	private numbersGiven = 0;

	constructor(
		private readonly accountToken: string,
		private readonly initial: readonly InitialInstance[],
	) {
		this.restore();
	}

	/** As it was at the start. */
	restore(): void {
		this.byName.clear();
		this.numbersGiven = 0;
		for (const { name, token, state = 'connected' } of this.initial) {
			this.byName.set(name, { name, token, state: 'disconnected', numberJid: undefined });
			this.setState(name, state);
		}
	}

	isToken(token: string): boolean {
		return this.isAccountToken(token) || this.all().some((each) => each.token === token);
	}

	isAccountToken(token: string): boolean {
		return token === this.accountToken;
	}

	/** All of the account, or a TokenInstance's own. */
	visibleTo(token: string): Instance[] {
		return this.all().filter((each) => this.isAccountToken(token) || each.token === token);
	}

	/** @throws Refusal 404 for a name that does not exist or that the token does not open */
	find(name: string, token: string): Instance {
		const instance = this.visibleTo(token).find((each) => each.name === name);
		if (instance === undefined) {
			throw new Refusal(404, 'instance not found');
		}
		return instance;
	}

	/**
	 * A new one, born disconnected.
	 *
	 * @throws Refusal 400 when the name or the token is in use, 403 when the account is full
	 */
	create(name: string, token: string = randomUUID()): Instance {
		if (this.byName.has(name)) {
			throw invalidBody('name is in use');
		}
		if (this.isToken(token)) {
			throw invalidBody('token is in use');
		}
		if (this.byName.size >= ACCOUNT_INSTANCE_QUOTA) {
			throw new Refusal(403, 'Account instance quota exceeded');
		}
		const instance = { name, token, state: 'disconnected', numberJid: undefined };
		this.byName.set(name, instance);
		return instance;
	}

	delete(name: string): void {
		this.byName.delete(name);
	}

	/** @throws Error for a name that does not exist */
	setState(name: string, state: string): void {
		const instance = this.byName.get(name);
		if (instance === undefined) {
			throw new Error(`The contract server has no instance "${name}"`);
		}
		instance.state = state;
		if (state === 'connected') {
			instance.numberJid ??= `${FIRST_NUMBER + this.numbersGiven++}@s.whatsapp.net`;
		} else if (state === 'loggedout') {
			instance.numberJid = undefined;
		}
	}

	private all(): Instance[] {
		return [...this.byName.values()];
	}
}
