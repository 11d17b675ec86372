import { printable } from '../../common/text';
import type { SessionLogger } from './sessionTypes';

/** The logger that Baileys wants. */
export interface BaileysLogger {
	level: string;
	child(bindings: Record<string, unknown>): BaileysLogger;
	trace(details: unknown, message?: string): void;
	debug(details: unknown, message?: string): void;
	info(details: unknown, message?: string): void;
	warn(details: unknown, message?: string): void;
	error(details: unknown, message?: string): void;
}

/** Whatever could be a key, a token or a code: long runs of base64, hex or digits. */
const SECRET = /[A-Za-z0-9+/=_-]{20,}|\d{8,}/g;

/**
 * Passes on the sentences of Baileys, for debugging. What it logs beside them holds stanzas and
 * keys, and is dropped.
 */
export function quietLogger(logger: SessionLogger): BaileysLogger {
	const say = (details: unknown, message?: string): void => {
		const sentence = message ?? (typeof details === 'string' ? details : undefined);
		if (sentence !== undefined) {
			logger.debug(`Baileys: ${printable(sentence, 160).replace(SECRET, '***')}`);
		}
	};
	const quiet: BaileysLogger = {
		level: 'info',
		child: () => quiet,
		trace: () => undefined,
		debug: () => undefined,
		info: say,
		warn: say,
		error: say,
	};
	return quiet;
}

/** How the lines begin that libsignal prints, whole session records with private keys among them. */
const LIBSIGNAL_LINES = [
	'Closing session:',
	'Closing open session in favor of incoming prekey bundle',
	'Decrypted message with closed session.',
	'Failed to decrypt message with any known session...',
	'Migrating session to:',
	'Opening session:',
	'Removing old closed session:',
	'Session already closed',
	'Session already open',
	'Session error:',
	'V1 session storage migration error:',
];
const MUTED = Symbol.for('n8n-nodes-whatsapp-call.libsignalMuted');

/** Keeps libsignal's lines out of the output of this process, and nothing else. */
export function muteLibsignal(output: Console = console): void {
	const marked = output as Console & { [MUTED]?: true };
	if (marked[MUTED] === true) {
		return;
	}
	marked[MUTED] = true;
	for (const level of ['info', 'warn', 'error'] as const) {
		const print = output[level].bind(output);
		output[level] = (...values: unknown[]) => {
			const [first] = values;
			if (typeof first !== 'string' || !LIBSIGNAL_LINES.some((line) => first.startsWith(line))) {
				print(...values);
			}
		};
	}
}
