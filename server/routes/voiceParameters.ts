import { printable } from '../../common/text';
import { invalidBody, Refusal } from '../refusal';

/** What the Voice API takes, under its own names. */
export interface VoiceParameters {
	instance_id?: string;
	access_token?: string;
	chatId?: string;
	'file[url]'?: string;
	'file[filename]'?: string;
	'file[mimetype]'?: string;
	convert?: boolean;
	reply_to?: string;
}

const CREDENTIALS: readonly string[] = ['instance_id', 'access_token'];
const NAMES: readonly string[] = [
	...CREDENTIALS,
	'chatId',
	'file[url]',
	'file[filename]',
	'file[mimetype]',
	'convert',
	'reply_to',
];

/**
 * Reads the parameters from where they are: all in the body, all in the query, or the credentials in
 * the query and the rest in the body.
 *
 * @param body undefined when there was none
 * @throws Refusal 400
 */
export function readVoiceParameters(query: unknown, body: unknown): VoiceParameters {
	const inQuery = Object.entries(query as Record<string, unknown>);
	const inBody = Object.entries(body === undefined || body === null ? {} : requireObject(body));
	for (const [name] of [...inQuery, ...inBody]) {
		if (!NAMES.includes(name)) {
			throw new Refusal(400, `Unknown parameter: ${printable(name, 60)}`);
		}
	}
	const isMixed =
		inQuery.some(([name]) => !CREDENTIALS.includes(name)) ||
		inBody.some(([name]) => CREDENTIALS.includes(name));
	if (inBody.length > 0 && inQuery.length > 0 && isMixed) {
		throw new Refusal(
			400,
			'Send all parameters in the body, all in the query, or only instance_id and access_token in the query',
		);
	}
	return Object.fromEntries(
		[
			...inQuery.map(
				([name, value]) => [name, name === 'convert' ? truthOf(value) : value] as const,
			),
			...inBody,
		].map(([name, value]) => [name, requireType(name, value)]),
	);
}

function requireObject(body: unknown): Record<string, unknown> {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw invalidBody('a JSON object is expected');
	}
	return body as Record<string, unknown>;
}

/** Of a query, where everything is text. */
function truthOf(value: unknown): boolean {
	if (value !== 'true' && value !== 'false') {
		throw new Refusal(400, 'convert must be true or false');
	}
	return value === 'true';
}

function requireType(name: string, value: unknown): unknown {
	const type = name === 'convert' ? 'boolean' : 'string';
	if (typeof value !== type) {
		throw new Refusal(400, `${name} must be a ${type}`);
	}
	return value;
}
