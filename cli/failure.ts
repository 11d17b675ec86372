import { CallError, ERRORS } from '../common/errors';
import { asSentence } from '../common/text';
import { UsageError, usageOf } from './command';
import { EXIT, PROGRAM, type Context } from './context';
import { Interrupted } from './interrupted';

/**
 * Says on stderr what went wrong.
 *
 * @returns the exit code
 */
export function reportFailure(error: unknown, { errors, signal }: Context): number {
	if (signal.reason instanceof Interrupted) {
		errors.write('Stopped.\n');
		return signal.reason.exitCode;
	}
	if (error instanceof UsageError) {
		const { message, command } = error;
		const usage =
			command === undefined ? `Usage: ${PROGRAM} <command> [options]` : usageOf(command);
		const help = [PROGRAM, command?.name, '--help'].filter(Boolean).join(' ');
		errors.write(`${asSentence(message)}\n${usage}\nTry "${help}".\n`);
		return EXIT.usage;
	}
	if (error instanceof CallError) {
		errors.write(`${error.message} [${error.code}]\n${hintOf(error)}\n`);
		return EXIT.failed;
	}
	// A fault of this package: whoever reports it needs the place.
	errors.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
	return EXIT.failed;
}

/** Hints are written for the panel of the node. */
function hintOf({ code, hint }: CallError): string {
	switch (code) {
		case 'LOGGED_OUT':
		case 'NOT_LINKED':
			return hint === ERRORS[code].hint ? `Run "${PROGRAM} link" for this session first.` : hint;
		case 'SESSION_IN_USE':
			return 'Only one process can use a session at a time. Wait until the other one is done (n8n lets go of a session soon after its last call), or stop it.';
		case 'SESSION_UNREADABLE':
			return hint.replace('the credential', 'WHATSAPP_CALL_PASSPHRASE or --passphrase-file');
		default:
			return hint;
	}
}
