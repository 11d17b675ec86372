import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

export interface Answer {
	status: number;
	headers: Headers;
	/** The JSON, or the text where it is none. */
	body: unknown;
}

export interface Sent {
	method?: string;
	/** An object is sent as JSON, a string as it is; both as application/json. */
	body?: unknown;
	headers?: Record<string, string> | undefined;
	/** Null: none. Default 'instance-token'. */
	token?: string | null | undefined;
}

/** A server that speaks the contract, whichever it is. */
export interface AnyServer {
	readonly url: string;
}

/** One HTTP request to a server of the contract; POST when there is a body. */
export async function send(server: AnyServer, path: string, sent: Sent = {}): Promise<Answer> {
	const { body, token = 'instance-token' } = sent;
	const response = await fetch(server.url + path, {
		method: sent.method ?? (body === undefined ? 'GET' : 'POST'),
		headers: {
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
			...(token === null ? {} : { token }),
			...sent.headers,
		},
		...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, body: readJson(text) };
}

/** What a refusal by RyzeAPI looks like to `send`. */
export function refused(status: number, message: string) {
	return { status, body: { success: false, error: { message } } };
}

export interface Listener {
	webSocket: WebSocket;
	/** Texts, in order of arrival. */
	frames: string[];
	/** Of the 101. */
	upgradeHeaders: Headers;
}

/** An open WebSocket. */
export async function listen(
	server: AnyServer,
	path = '/ws/main',
	headers: Record<string, string> = { token: 'instance-token' },
): Promise<Listener> {
	const webSocket = new WebSocket(server.url.replace('http', 'ws') + path, { headers });
	const frames: string[] = [];
	webSocket.on('message', (data) => frames.push(String(data)));
	webSocket.on('error', () => undefined);
	const [[response]] = await Promise.all([once(webSocket, 'upgrade'), once(webSocket, 'open')]);
	return { webSocket, frames, upgradeHeaders: headersOf(response as IncomingMessage) };
}

/** The HTTP answer to a request for a WebSocket that is not granted. */
export async function refusedUpgrade(
	server: AnyServer,
	path = '/ws/main',
	headers: Record<string, string> = { token: 'instance-token' },
): Promise<Answer> {
	const webSocket = new WebSocket(server.url.replace('http', 'ws') + path, { headers });
	const [, response] = (await once(webSocket, 'unexpected-response')) as [unknown, IncomingMessage];
	let text = '';
	for await (const chunk of response) {
		text += String(chunk);
	}
	return { status: response.statusCode ?? 0, headers: headersOf(response), body: readJson(text) };
}

/** Waits until it holds; the test's own time limit ends a wait in vain. */
export async function eventually(holds: () => boolean): Promise<void> {
	while (!holds()) {
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
}

/** The listener's frames, when everything that was sent before has arrived. */
export async function everything({ webSocket, frames }: Listener): Promise<string[]> {
	webSocket.ping();
	await once(webSocket, 'pong');
	return frames;
}

function headersOf(response: IncomingMessage): Headers {
	return new Headers(
		Object.entries(response.headers).map(([name, value]): [string, string] => [
			name,
			String(value),
		]),
	);
}

function readJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}
