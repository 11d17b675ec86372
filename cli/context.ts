import type { Clock } from '../common/clock';
import type { Phone, PhoneRequest } from '../engine';

export const PROGRAM = 'n8n-nodes-whatsapp-call';

export const EXIT = {
	done: 0,
	failed: 1,
	/** An unknown command or option. */
	usage: 2,
	/** The session cannot be used as it is. */
	notLinked: 3,
} as const;

/** What commands use of a phone. */
export type SessionPhone = Pick<Phone, 'close' | 'link' | 'linked' | 'logOut' | 'status'>;

/** A stream of this process, or what stands for it in a test. */
export interface Output {
	write(text: string): unknown;
	isTTY?: boolean;
	columns?: number;
	rows?: number;
}

/** All that a command touches. */
export interface Context {
	environment: Readonly<Record<string, string | undefined>>;
	output: Output;
	errors: Output;
	clock: Clock;
	/** Aborts, with an `Interrupted`, when the process is asked to end. */
	signal: AbortSignal;
	/** Loads the engine. */
	openPhone(request: PhoneRequest): Promise<SessionPhone>;
}
