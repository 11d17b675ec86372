import { REFUSAL } from './validation';

/** Pieces of the routes' schemas. They check requests and make the OpenAPI document. */

export const INSTANCE_NAME = '^[A-Za-z0-9_-]{1,64}$';

export const instanceParams = {
	type: 'object',
	properties: {
		instance: {
			type: 'string',
			pattern: '\\S',
			description: 'Name of the instance',
			[REFUSAL]: 'Instance name is required',
		},
	},
	required: ['instance'],
} as const;

export const callParams = {
	type: 'object',
	properties: {
		...instanceParams.properties,
		callId: { type: 'string', description: 'As the answer to the call told it' },
	},
	required: ['instance', 'callId'],
} as const;

export const noQuery = { type: 'object', properties: {}, additionalProperties: false } as const;

export const waitQuery = {
	type: 'object',
	properties: {
		wait: {
			type: 'string',
			enum: ['true', 'false'],
			description: 'Answer when the call has ended, with the whole report',
			[REFUSAL]: 'wait must be true or false',
		},
		waitAtMost: {
			type: 'string',
			// 1 to 3600: queries are text.
			pattern: '^([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|3600)$',
			description: 'With wait: answer after so many seconds, 1 to 3600, with what is known by then',
			[REFUSAL]: 'waitAtMost must be a whole number from 1 to 3600',
		},
	},
	additionalProperties: false,
} as const;

export const number = {
	type: 'string',
	minLength: 1,
	description: 'Number with its country code, or `…@s.whatsapp.net`',
	examples: ['5511999999999'],
	[REFUSAL]: 'Number is required',
} as const;

export const mediaProperties = {
	mediaUrl: {
		type: 'string',
		description: 'An http(s) URL, base64, or a data URI. Exactly one of the two is needed.',
	},
	mediaBase64: { type: 'string', description: 'Base64 without a data URI prefix' },
} as const;

/** A number of seconds, or of times, with its limits. */
export function between(
	name: string,
	type: 'integer' | 'number',
	minimum: number,
	maximum: number,
	description: string,
) {
	const refusal = `Invalid request body: ${name} must be from ${minimum} to ${maximum}`;
	return { type, minimum, maximum, description, [REFUSAL]: refusal } as const;
}

/** The answer to a route, for the document. */
export function answers(description: string, properties: Record<string, object> = {}) {
	return {
		200: {
			description,
			type: 'object',
			properties: { success: { type: 'boolean' }, ...properties },
			additionalProperties: true,
		},
		default: { description: 'What went wrong', ...errorEnvelope },
	};
}

const text = { type: 'string' } as const;

const errorEnvelope = {
	type: 'object',
	properties: {
		success: { type: 'boolean', enum: [false] },
		error: {
			type: 'object',
			properties: {
				message: text,
				code: { ...text, description: 'Stable, from the error table of the package' },
				hint: { ...text, description: 'What to do' },
			},
		},
	},
} as const;

const seconds = { type: 'number', description: 'Seconds, measured' } as const;

/** Of a CallReport. */
export const reportProperties = {
	message: text,
	callId: text,
	number: text,
	outcome: {
		type: 'string',
		enum: ['answered', 'busy', 'cancelled', 'declined', 'failed', 'noAnswer', 'placed'],
	},
	rang: { type: 'boolean' },
	ringSeconds: seconds,
	talkSeconds: seconds,
	endedBy: { type: 'string', enum: ['network', 'recipient', 'us'] },
	placedAt: text,
	answeredAt: text,
	endedAt: text,
} as const;

export { text as textProperty };
