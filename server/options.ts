import { randomBytes } from 'node:crypto';
import type { Clock } from '../common/clock';
import { CallError } from '../common/errors';
import type { CallCodecName } from '../engine';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 3000;
/** RyzeAPI's contract. */
export const DEFAULT_REQUESTS_PER_MINUTE = 100;
export const DEFAULT_BODY_LIMIT_BYTES = 64 * 1024 * 1024;
export const DEFAULT_MAXIMUM_INSTANCES = 100;
/** How long a call waits while its instance is in another one. */
export const DEFAULT_WAIT_IN_LINE_MS = 60_000;
/** For a request to arrive, its body included. */
export const DEFAULT_REQUEST_TIMEOUT_MS = 120_000;
/** How long a server waits for the data folder: the lock of a container that is gone lasts so long. */
export const DEFAULT_LOCK_PATIENCE_MS = 12_000;
const SHORTEST_ACCOUNT_TOKEN = 32;
const SUGGESTION_BYTES = 32;

/** Where the lines of the log go: one JSON text each. */
export interface LogStream {
	write(line: string): unknown;
}

export type LogLevel = 'debug' | 'error' | 'info' | 'warn';

export interface ServerOptions {
	/** The TokenAccount: opens every instance and makes new ones. At least 32 characters. */
	accountToken: string;
	/** Folder of the instances and their sessions; it belongs to one server at a time. */
	data: string;
	/** Default '127.0.0.1': this machine only. */
	host?: string;
	/** Default 3000; 0 takes a free one. */
	port?: number;
	/** Requests a minute and token, default 100; 0 for no limit. */
	requestsPerMinute?: number;
	/** Default 64 MB. */
	bodyLimitBytes?: number;
	/** How long a request may take to arrive, in milliseconds; default 120,000. */
	requestTimeoutMs?: number;
	/** How many instances there may be, default 100. */
	maximumInstances?: number;
	/** How the outside reaches this server, for events; by default the address it listens on. */
	baseUrl?: string;
	/** Encrypts the keys of all sessions. */
	passphrase?: string;
	/** At least this long between the calls of an instance, in milliseconds; default 3,000. */
	pauseMilliseconds?: number;
	/** At most so many calls of an instance within 24 hours; default 100. */
	callsPerDay?: number;
	/** How long a call waits for the one before it, in milliseconds; default 60,000. */
	waitInLineMilliseconds?: number;
	/** What audio calls are sent in; default 'mlow', and Opus to an app that does not speak it. */
	codec?: CallCodecName;
	/** Fetch recordings also from private addresses; off by default. */
	allowPrivateAddresses?: boolean;
	/** The readable page at /docs; on by default. */
	docsPage?: boolean;
	/** How long to wait for the lock of the data folder, in milliseconds; default 12,000. */
	lockPatienceMs?: number;
	/** What the engine is pointed elsewhere by; `process.env` by default. */
	environment?: Readonly<Record<string, string | undefined>>;
	/** Nothing is logged without it. */
	log?: { stream: LogStream; level?: LogLevel };
	/** Time of the engine's calls. */
	clock?: Clock;
}

/**
 * A token that is good enough, when it is one.
 *
 * @throws CallError INVALID_OPTION, with a new one in its hint
 */
export function requireAccountToken(token: string | undefined): string {
	const text = token?.trim() ?? '';
	// A header carries it.
	if (text.length >= SHORTEST_ACCOUNT_TOKEN && /^[\x21-\x7e]+$/.test(text)) {
		return text;
	}
	const fault =
		text === ''
			? 'is not set'
			: text.length < SHORTEST_ACCOUNT_TOKEN
				? `is too short: ${text.length} characters instead of at least ${SHORTEST_ACCOUNT_TOKEN}`
				: 'has characters that a header cannot carry';
	throw new CallError('INVALID_OPTION', `The account token ${fault}`, {
		hint: `Set it, for example to this one, which was made just now:\nWHATSAPP_CALL_ACCOUNT_TOKEN=${newToken()}`,
	});
}

/** A secret that nobody guesses: 43 characters of base64url. */
export function newToken(): string {
	return randomBytes(SUGGESTION_BYTES).toString('base64url');
}
