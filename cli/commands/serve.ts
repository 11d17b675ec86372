import { resolve } from 'node:path';
import { CallError } from '../../common/errors';
import type { LogLevel, ServerOptions } from '../../server';
import { defineCommand, UsageError } from '../command';
import { EXIT, type Context } from '../context';
import { passphraseOf, SESSION_OPTIONS } from '../session';

const TOKEN_VARIABLE = 'WHATSAPP_CALL_ACCOUNT_TOKEN';
const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];
const CODECS = ['mlow', 'opus', 'escape'] as const;
const LARGEST_PORT = 65_535;
const MANY = 1_000_000;
const BYTES_PER_MEGABYTE = 1024 * 1024;
const MILLISECONDS_PER_SECOND = 1_000;

type WholeOption =
	| 'body-limit'
	| 'calls-per-day'
	| 'max-instances'
	| 'pause'
	| 'port'
	| 'rate-limit';

export const serve = defineCommand({
	name: 'serve',
	summary: "Serves sessions over HTTP, in the shape of RyzeAPI's contract",
	options: {
		port: { type: 'string', value: 'N', default: '3000', help: 'Port; 0 takes a free one' },
		host: {
			type: 'string',
			value: 'ADDRESS',
			default: '127.0.0.1',
			help: 'Address to listen on; 0.0.0.0 for every one of this machine',
		},
		data: SESSION_OPTIONS.data,
		'rate-limit': {
			type: 'string',
			value: 'N',
			default: '100',
			help: 'Requests a minute and token; 0 for no limit',
		},
		'max-instances': { type: 'string', value: 'N', default: '100', help: 'Most instances' },
		'calls-per-day': {
			type: 'string',
			value: 'N',
			default: '100',
			help: 'Most calls of an instance within 24 hours',
		},
		pause: {
			type: 'string',
			value: 'SECONDS',
			default: '3',
			help: 'Rest between two calls of an instance',
		},
		'body-limit': { type: 'string', value: 'MB', default: '64', help: 'Largest request' },
		codec: {
			type: 'string',
			value: 'NAME',
			default: 'mlow',
			help: `What audio calls are sent in: ${CODECS.join(', ')}`,
		},
		'base-url': {
			type: 'string',
			value: 'URL',
			help: 'How others reach this server, for events; where it listens when absent',
		},
		'allow-private-addresses': {
			type: 'boolean',
			help: 'Fetches recordings also from private networks and this machine',
		},
		'no-docs': { type: 'boolean', help: 'Leaves out the page at /docs' },
		'passphrase-file': {
			type: 'string',
			value: 'FILE',
			help: 'File with the passphrase of all sessions; else WHATSAPP_CALL_PASSPHRASE',
		},
		'log-level': {
			type: 'string',
			value: 'LEVEL',
			default: 'info',
			help: `What is logged: ${LEVELS.join(', ')}`,
		},
	},
	notes: [
		`${TOKEN_VARIABLE} holds the token that opens everything: at least 32 characters.`,
		'Prints its log, one JSON text a line. Ends on SIGTERM and SIGINT, and hangs up before.',
	],
	run: async (values, context) => {
		const whole = (name: WholeOption, smallest: number, largest = MANY): number =>
			readWhole(name, values[name], smallest, largest);
		const passphrase = await passphraseOf(values, context);
		const baseUrl = readBaseUrl(values['base-url']);
		return await untilEnd(context, {
			accountToken: context.environment[TOKEN_VARIABLE] ?? '',
			data: await dataOf(values.data, context),
			host: values.host,
			port: whole('port', 0, LARGEST_PORT),
			requestsPerMinute: whole('rate-limit', 0),
			maximumInstances: whole('max-instances', 1),
			callsPerDay: whole('calls-per-day', 1),
			pauseMilliseconds: whole('pause', 0) * MILLISECONDS_PER_SECOND,
			bodyLimitBytes: whole('body-limit', 1) * BYTES_PER_MEGABYTE,
			codec: oneOf('codec', values.codec, CODECS),
			allowPrivateAddresses: values['allow-private-addresses'] === true,
			docsPage: values['no-docs'] !== true,
			environment: context.environment,
			log: { stream: context.output, level: oneOf('log-level', values['log-level'], LEVELS) },
			...(baseUrl !== undefined && { baseUrl }),
			...(passphrase !== undefined && { passphrase }),
		});
	},
});

/** Serves until a signal asks for the end. @returns the exit code */
async function untilEnd({ signal }: Context, options: ServerOptions): Promise<number> {
	const { createServer } = await import('../../server/index.js');
	const server = await createServer(options);
	const asked = new Promise<void>((tell) => {
		signal.addEventListener('abort', () => tell(), { once: true });
		if (signal.aborted) {
			tell();
		}
	});
	await Promise.race([asked, server.closed]);
	await server.close();
	return signal.aborted ? EXIT.done : EXIT.failed;
}

async function dataOf(given: string | undefined, { environment }: Context): Promise<string> {
	if (given !== undefined) {
		return resolve(given);
	}
	const { engineSettings } = await import('../../engine/index.js');
	return engineSettings(environment).data;
}

/** @throws UsageError */
function readWhole(name: string, text: string, smallest: number, largest: number): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < smallest || value > largest) {
		throw new UsageError(
			`Option '--${name}' must be a whole number from ${smallest} to ${largest}`,
			serve,
		);
	}
	return value;
}

/** @throws UsageError */
function oneOf<Value extends string>(name: string, text: string, values: readonly Value[]): Value {
	const found = values.find((value) => value === text);
	if (found === undefined) {
		throw new UsageError(`Option '--${name}' must be one of ${values.join(', ')}`, serve);
	}
	return found;
}

/** @throws CallError INVALID_OPTION */
function readBaseUrl(text: string | undefined): string | undefined {
	if (text !== undefined && !(URL.canParse(text) && /^https?:/i.test(text))) {
		throw new CallError('INVALID_OPTION', 'The base URL is no http(s) address', {
			hint: 'Write --base-url as others see this server, for example https://calls.example.com.',
		});
	}
	return text?.replace(/\/+$/, '');
}
