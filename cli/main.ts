import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { columns, paragraphs, UsageError } from './command';
import { COMMANDS } from './commands';
import { EXIT, PROGRAM, type Context } from './context';
import { reportFailure } from './failure';

/** The folder that this file is compiled to lies in `dist`. */
const MANIFEST = join(__dirname, '..', '..', 'package.json');

/**
 * Runs one command.
 *
 * @param args without the names of node and of the script
 * @returns the exit code
 */
export async function main(args: string[], context: Context): Promise<number> {
	try {
		return await dispatch(args, context);
	} catch (error) {
		return reportFailure(error, context);
	}
}

async function dispatch([name, ...args]: string[], context: Context): Promise<number> {
	switch (name) {
		case undefined:
		case '-h':
		case '--help':
			context.output.write(help());
			return EXIT.done;
		case '--version':
			context.output.write(`${await version()}\n`);
			return EXIT.done;
	}
	const command = COMMANDS.find((one) => one.name === name);
	if (command === undefined) {
		throw new UsageError(
			name.startsWith('-') ? `Unknown option '${name}'` : `Unknown command '${name}'`,
		);
	}
	return await command.run(args, context);
}

function help(): string {
	return paragraphs([
		[`Usage: ${PROGRAM} <command> [options]`],
		['Links WhatsApp accounts to the sessions that the node WhatsApp Call rings from.'],
		['Commands:', ...columns(COMMANDS.map((command) => [command.name, command.summary]))],
		[
			'Options:',
			...columns([
				['-h, --help', 'Prints this help; after a command, the help of that command'],
				['--version', 'Prints the version'],
			]),
		],
		[
			'Environment:',
			...columns([
				['WHATSAPP_CALL_DATA', 'Folder of all sessions; ~/.n8n/whatsapp-call when absent'],
				['WHATSAPP_CALL_PASSPHRASE', 'Passphrase of the session'],
				['WHATSAPP_CALL_ACCOUNT_TOKEN', 'For serve: the token that opens everything'],
			]),
		],
		[
			'Exit codes:',
			...columns([
				['0', 'Done; for status: linked'],
				['1', 'Failed: the reason is on stderr'],
				['2', 'Unknown command or option'],
				['3', 'status: not linked, logged out, or restricted by WhatsApp'],
				['130, 143', 'Stopped by Ctrl-C (SIGINT) or SIGTERM'],
			]),
		],
	]);
}

async function version(): Promise<string> {
	return (JSON.parse(await readFile(MANIFEST, 'utf8')) as { version: string }).version;
}
