import type { Readable } from 'node:stream';
import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';

export interface ApiRequest {
	method: IHttpRequestMethods;
	/** Behind the base URL, starting with a slash; path segments already encoded. */
	path: string;
	query?: IDataObject;
	/** Sent as JSON. With `stream`, the JSON text itself and its length in bytes. */
	body?: IDataObject | StreamedJson;
	/** Whether carrying it out rings somebody's phone or sends a message: such a request is never repeated. */
	hasEffect: boolean;
	/** How long the server may take by design, beside the time that an answer takes. */
	answerAfterSeconds?: number;
	/** When more than 2 MiB can come. */
	maximumAnswerBytes?: number;
}

export interface StreamedJson {
	/** Opens the JSON text; once for each time the request is sent. */
	stream(): Readable;
	byteLength: number;
}

export interface ApiAnswer {
	status: number;
	/** Lower-case names. */
	headers: Record<string, string>;
	/** The body as text; empty for sound. */
	text: string;
	/** The body when it is a JSON object, without the secrets of the service. */
	json: IDataObject | undefined;
}

/** An answer with the body as it came. */
export interface RawAnswer extends ApiAnswer {
	bytes: Uint8Array;
}

/** The server behind a credential. */
export interface Service {
	credentialName: string;
	/** Origin and path, without a slash at the end; safe to show in messages. */
	baseUrl: string;
	/** Texts that are taken out of whatever the server answers. */
	secrets: readonly string[];
}
