import { STATUS_CODES } from 'node:http';

/** A request that is answered with an error: its HTTP status and the contract's message. */
export class Refusal extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
		this.name = 'Refusal';
	}
}

/** 400 of RyzeAPI's contract for a body it cannot take: `Invalid request body: <detail>`. */
export function invalidBody(detail: string): Refusal {
	return new Refusal(400, `Invalid request body: ${detail}`);
}

/** What a route threw, as a refusal: fastify's own 4xx are about the body, all else is a 500. */
export function asRefusal(error: unknown): Refusal {
	if (error instanceof Refusal) {
		return error;
	}
	const text = error instanceof Error ? error.message : String(error);
	const { statusCode } = error as { statusCode?: number };
	return statusCode !== undefined && statusCode < 500 ? invalidBody(text) : new Refusal(500, text);
}

/** RyzeAPI's envelope of an error. */
export function ryzeApiError(message: string) {
	return { success: false, error: { message } };
}

/** The Voice API's error object; `status` is the HTTP status. */
export function voiceApiError(status: number, message: string) {
	return { status, message, error: STATUS_CODES[status] ?? 'Error' };
}
