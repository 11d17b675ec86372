/** Both servers are started with this TokenAccount. */
export const ACCOUNT_TOKEN = 'account-token-of-the-contract-0123456789';

/**
 * A server that speaks RyzeAPI's contract, as the tests of the contract see it. It has two instances:
 * `main`, which is connected, with the token `instance-token`, and `other`, which never was linked,
 * with `other-token`.
 */
export interface ContractSubject {
	readonly url: string;
	/** Somebody who can be called, and lets it ring. */
	readonly number: string;
	/** How many calls were placed so far. */
	callsPlaced(): number;
	/** How many voice notes were sent so far. */
	notesSent(): number;
	/** Before the next test: nobody rings, and instances that tests made are gone. */
	reset(): Promise<void>;
	close(): Promise<void>;
}

export interface SubjectOptions {
	/** No limit when absent. */
	requestsPerMinute?: number;
}

export type StartSubject = (options?: SubjectOptions) => Promise<ContractSubject>;
