import type { FastifySchemaValidationError } from 'fastify/types/schema';
import { printable } from '../common/text';
import { invalidBody, Refusal } from './refusal';

/**
 * The keyword of our schemas that holds the contract's message for a value that does not fit;
 * `{value}` stands for the value. Values of another type get the message of their type.
 */
export const REFUSAL = 'x-refusal';

/** Types are checked as they are: nothing is coerced, filled in or removed. */
export const VALIDATOR_OPTIONS = {
	coerceTypes: false,
	removeAdditional: false,
	useDefaults: false,
	allErrors: false,
	// The schema and the value of an error.
	verbose: true,
	allowUnionTypes: true,
	keywords: [REFUSAL],
} as const;

const TYPES: Readonly<Record<string, string>> = {
	string: 'a string',
	integer: 'an integer',
	number: 'a number',
	boolean: 'a boolean',
	object: 'an object',
};

interface Schema {
	type?: unknown;
	items?: Schema;
	properties?: Record<string, Schema>;
	[REFUSAL]?: string;
}

/** What `verbose` adds. */
interface VerboseError extends FastifySchemaValidationError {
	parentSchema?: Schema;
	schema?: unknown;
	data?: unknown;
}

/** The contract's answer to a request that does not fit the schema of its route. */
export function refusalOfValidation(
	[error]: readonly FastifySchemaValidationError[],
	part: string | undefined,
): Refusal {
	if (error === undefined) {
		return invalidBody('it does not fit');
	}
	const { data, instancePath, keyword, params, parentSchema = {} } = error as VerboseError;
	const [, field, item] = instancePath.split('/');
	if (keyword === 'additionalProperties') {
		const name = printable(String(params.additionalProperty), 60);
		return part === 'querystring'
			? new Refusal(400, `Unknown query parameter "${name}"`)
			: invalidBody(`unknown field "${name}"`);
	}
	if (keyword === 'required') {
		const name = String(params.missingProperty);
		return said(parentSchema.properties?.[name], '') ?? invalidBody(`${name} is required`);
	}
	if (field === undefined) {
		return invalidBody('a JSON object is expected');
	}
	if (keyword === 'type') {
		const type = String(params.type);
		const title = item === undefined ? titleOf(type, parentSchema) : listOf(type);
		return invalidBody(`${field} must be ${title}`);
	}
	const value = printable(String(data), 60);
	return said(parentSchema, value) ?? invalidBody(`${field} ${error.message ?? 'does not fit'}`);
}

function said(schema: Schema | undefined, value: string): Refusal | undefined {
	const message = schema?.[REFUSAL];
	return message === undefined ? undefined : new Refusal(400, message.replace('{value}', value));
}

function titleOf(type: string, { items }: Schema): string {
	return type === 'array' ? listOf(String(items?.type)) : (TYPES[type] ?? `of the type ${type}`);
}

function listOf(type: string): string {
	return `a list of ${type}s`;
}
