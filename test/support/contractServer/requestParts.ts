import type { FastifyRequest } from 'fastify';
import { invalidBody, Refusal } from './refusal';
import type { Instance } from './instances';
import type { ContractState } from './state';
import { presentedToken } from './tokens';
import type { ReceivedRequest } from './types';

interface FieldTypes {
	string: string;
	integer: number;
	number: number;
	boolean: boolean;
	strings: string[];
	numbers: number[];
}

/** Fields of a body by name; all may be left out. */
type Shape = Record<string, keyof FieldTypes>;
type Fields<S extends Shape> = { [Name in keyof S]?: FieldTypes[S[Name]] };

const TYPES: Record<keyof FieldTypes, { title: string; accepts: (value: unknown) => boolean }> = {
	string: { title: 'a string', accepts: (value) => typeof value === 'string' },
	integer: { title: 'an integer', accepts: Number.isInteger },
	number: { title: 'a number', accepts: (value) => typeof value === 'number' },
	boolean: { title: 'a boolean', accepts: (value) => typeof value === 'boolean' },
	strings: { title: 'a list of strings', accepts: (value) => isListOf('string', value) },
	numbers: { title: 'a list of numbers', accepts: (value) => isListOf('number', value) },
};

/**
 * The body's fields.
 *
 * @throws Refusal 400 for a body that is not a JSON object sent as JSON, a field that is not in the
 * shape, or one of another type; null is of no type
 */
export function readFields<S extends Shape>(request: FastifyRequest, shape: S): Fields<S> {
	const body = readObject(request.received);
	for (const name of Object.keys(body)) {
		if (!Object.hasOwn(shape, name)) {
			throw invalidBody(`unknown field "${name}"`);
		}
	}
	return checkTypes(body, shape);
}

/** As readFields, for a route whose contract has further fields that it does not name. */
export function readSomeFields<S extends Shape>(request: FastifyRequest, shape: S): Fields<S> {
	return checkTypes(readObject(request.received), shape);
}

/** @throws Refusal 400 for a body that is not a JSON object sent as JSON */
export function readObject({ headers, body }: ReceivedRequest): Record<string, unknown> {
	if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
		throw invalidBody('Content-Type must be application/json');
	}
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw invalidBody('a JSON object is expected');
	}
	return body as Record<string, unknown>;
}

/** @throws Refusal 400 for a query with another name than these */
export function allowQuery({ received }: FastifyRequest, ...names: string[]): void {
	for (const name of Object.keys(received.query)) {
		if (!names.includes(name)) {
			throw new Refusal(400, `Unknown query parameter "${name}"`);
		}
	}
}

/**
 * The instance's name in the path.
 *
 * @throws Refusal 400
 */
export function instanceName(request: FastifyRequest): string {
	const { instance = '' } = request.params as { instance?: string };
	if (instance.trim() === '') {
		throw new Refusal(400, 'Instance name is required');
	}
	return instance;
}

/**
 * The instance in the path.
 *
 * @throws Refusal 400 for an empty name, 404 for one that the token does not open
 */
export function findInstance(request: FastifyRequest, state: ContractState): Instance {
	return state.instances.find(instanceName(request), presentedToken(request.received));
}

/** @throws Refusal 500, the failure reason of an instance that cannot reach WhatsApp */
export function requireConnected(instance: Instance): void {
	if (instance.state !== 'connected') {
		throw new Refusal(500, `instance is not connected (${instance.state})`);
	}
}

function checkTypes<S extends Shape>(body: Record<string, unknown>, shape: S): Fields<S> {
	for (const [name, type] of Object.entries(shape)) {
		if (Object.hasOwn(body, name) && !TYPES[type].accepts(body[name])) {
			throw invalidBody(`${name} must be ${TYPES[type].title}`);
		}
	}
	return body as Fields<S>;
}

function isListOf(type: 'string' | 'number', value: unknown): boolean {
	return Array.isArray(value) && value.every((each) => typeof each === type);
}
