/** Where the call engine tells what it does. Never given keys, tokens or numbers. */
export interface CallLogger {
	debug(message: string, details?: Record<string, unknown>): void;
	warn(message: string, details?: Record<string, unknown>): void;
}

export const silentLogger: CallLogger = { debug: () => undefined, warn: () => undefined };
