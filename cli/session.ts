import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CallError } from '../common/errors';
import type { SessionLogger } from '../engine';
import type { Options, Values } from './command';
import type { Context, Output, SessionPhone } from './context';

/** Options of every command that works on a session. */
export const SESSION_OPTIONS = {
	session: { type: 'string', value: 'NAME', default: 'main', help: 'Name of the session' },
	data: {
		type: 'string',
		value: 'DIR',
		help: 'Folder of all sessions; else WHATSAPP_CALL_DATA, else ~/.n8n/whatsapp-call',
	},
	'passphrase-file': {
		type: 'string',
		value: 'FILE',
		help: 'File with the passphrase of the session; else WHATSAPP_CALL_PASSPHRASE',
	},
	verbose: { type: 'boolean', help: 'Tells on stderr what the engine does' },
} as const satisfies Options;

/**
 * The phone of the session that the options name.
 *
 * @throws CallError INVALID_OPTION
 */
export async function openSession(
	values: Values<typeof SESSION_OPTIONS>,
	context: Context,
): Promise<SessionPhone> {
	const { session: name, data, verbose } = values;
	const { errors, openPhone } = context;
	const passphrase = await passphraseOf(values, context);
	return await openPhone({
		name,
		logger: verbose === true ? printingLogger(errors) : SILENT,
		...(data !== undefined && { data: resolve(data) }),
		...(passphrase !== undefined && { passphrase }),
	});
}

/**
 * The passphrase that the options or the environment name; undefined for none.
 *
 * @throws CallError INVALID_OPTION
 */
export async function passphraseOf(
	{ 'passphrase-file': file }: { readonly 'passphrase-file': string | undefined },
	{ environment }: Context,
): Promise<string | undefined> {
	return file === undefined ? environment.WHATSAPP_CALL_PASSPHRASE : await readPassphrase(file);
}

/** Where the engine keeps the session that the options name. */
export async function folderOf(
	{ session, data }: Values<typeof SESSION_OPTIONS>,
	{ environment }: Context,
): Promise<string> {
	const { engineSettings } = await import('../engine/index.js');
	return join(resolve(data ?? engineSettings(environment).data), session);
}

/** @throws CallError INVALID_OPTION */
async function readPassphrase(file: string): Promise<string> {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		const { code = 'unknown' } = error as NodeJS.ErrnoException;
		throw new CallError('INVALID_OPTION', `The passphrase file cannot be read (${code}): ${file}`, {
			hint: 'Correct --passphrase-file, and let the user that runs this read the file.',
		});
	}
	// Editors end the last line.
	const passphrase = text.replace(/\r?\n$/, '');
	if (passphrase === '') {
		throw new CallError('INVALID_OPTION', `The passphrase file is empty: ${file}`, {
			hint: 'Write the passphrase into it, or leave --passphrase-file out for a session without one.',
		});
	}
	return passphrase;
}

function printingLogger(errors: Output): SessionLogger {
	const printAs =
		(level: string) =>
		(message: string, details?: Record<string, unknown>): void => {
			const more = details === undefined ? '' : ` ${JSON.stringify(details)}`;
			errors.write(`${level}: ${message}${more}\n`);
		};
	return { debug: printAs('debug'), info: printAs('info'), warn: printAs('warn') };
}

const SILENT: SessionLogger = {
	debug: () => undefined,
	info: () => undefined,
	warn: () => undefined,
};
