import { parseArgs } from 'node:util';
import { PROGRAM, type Context } from './context';

export interface Option {
	type: 'string' | 'boolean';
	/** What stands for the value in the help. */
	value?: string;
	short?: string;
	default?: string;
	help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** Options as they were given. */
export type Values<O extends Options> = {
	readonly [K in keyof O]: O[K] extends { type: 'boolean' }
		? boolean | undefined
		: O[K] extends { default: string }
			? string
			: string | undefined;
};

/** What a command is made of. */
export interface CommandDefinition<O extends Options> {
	name: string;
	/** One line. */
	summary: string;
	options: O;
	/** What else the help says. */
	notes?: string[];
	/** @returns the exit code */
	run(values: Values<O>, context: Context): Promise<number>;
}

export interface Command extends Pick<CommandDefinition<Options>, 'name' | 'summary' | 'notes'> {
	options: Options;
	/**
	 * @returns the exit code
	 * @throws UsageError
	 */
	run(args: string[], context: Context): Promise<number>;
}

/** The command line is wrong. */
export class UsageError extends Error {
	/** @param command the one it was meant for, when it is known */
	constructor(
		message: string,
		readonly command?: Command,
	) {
		super(message);
		this.name = 'UsageError';
	}
}

export const HELP = { type: 'boolean', short: 'h', help: 'Prints this help' } as const;

export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
	const command: Command = {
		...definition,
		options: { ...definition.options, help: HELP },
		run: async (args, context) => {
			const values = parse(command, args);
			if (values.help === true) {
				context.output.write(helpOf(command));
				return 0;
			}
			return await definition.run(values as Values<O>, context);
		},
	};
	return command;
}

function parse(command: Command, args: string[]): Record<string, string | boolean | undefined> {
	const named = args.map((arg) => arg.split('=')[0]);
	if (named.includes('--passphrase')) {
		throw new UsageError(
			'A passphrase is never an argument, which others on this machine could read: use WHATSAPP_CALL_PASSPHRASE or --passphrase-file',
			command,
		);
	}
	try {
		const { values } = parseArgs({ args, options: command.options });
		const blank = Object.entries(values).find(([, value]) => String(value).trim() === '');
		if (blank !== undefined) {
			throw new UsageError(`Option '--${blank[0]}' has no value`, command);
		}
		return values;
	} catch (error) {
		if (error instanceof Error && String((error as { code?: unknown }).code).startsWith(PARSING)) {
			// The sentences that follow explain how to pass what no command takes.
			throw new UsageError(error.message.split(/\. |\n/)[0] ?? '', command);
		}
		throw error;
	}
}

const PARSING = 'ERR_PARSE_ARGS';

export function usageOf({ name }: Command): string {
	return `Usage: ${PROGRAM} ${name} [options]`;
}

function helpOf(command: Command): string {
	const { summary, options, notes = [] } = command;
	const rows = Object.entries(options).map(([name, { value, short, default: initial, help }]) => [
		`${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
		initial === undefined ? help : `${help} (default: ${initial})`,
	]);
	const blocks = [[usageOf(command)], [summary], ['Options:', ...columns(rows)], notes];
	return paragraphs(blocks);
}

/** Two columns, indented. */
export function columns(rows: string[][]): string[] {
	const width = Math.max(...rows.map(([first = '']) => first.length));
	return rows.map(([first = '', second = '']) => `  ${first.padEnd(width)}  ${second}`);
}

export function paragraphs(blocks: string[][]): string {
	const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
	return `${texts.join('\n\n')}\n`;
}
