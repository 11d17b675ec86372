import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const HOST = '127.0.0.1';
/** Beside the sources: nothing copies them. */
const FOLDER = join(__dirname, '../../demo/page');
const FILES: Record<string, [file: string, type: string]> = {
	'/': ['index.html', 'text/html; charset=utf-8'],
	'/page.css': ['page.css', 'text/css; charset=utf-8'],
	'/page.js': ['page.js', 'text/javascript; charset=utf-8'],
};
const HEADERS = {
	'cache-control': 'no-store',
	'content-security-policy':
		"default-src 'none'; connect-src 'self'; img-src data:; media-src 'self'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	'x-content-type-options': 'nosniff',
};

/** A sound file for the page. */
export interface SoundFile {
	bytes: Buffer;
	type: string;
}

/** What the page may ask. */
export interface PageHandler {
	/** What a page has to know that was opened just now: events, in order. */
	opening(): { event: string; data: unknown }[];
	/** Something was pressed. Throws with what to say when it cannot be done. */
	press(button: string): Promise<void>;
	/** A sound by its path. */
	sound(path: string): Promise<SoundFile | undefined>;
}

/** Serves the page on loopback and tells it what happens by Server-Sent Events. */
export class PageServer {
	private readonly readers = new Set<ServerResponse>();
	private firstReader: () => void = () => {};
	/** When a page is open. */
	readonly opened = new Promise<void>((resolve) => (this.firstReader = resolve));

	private constructor(
		private readonly server: Server,
		private readonly handler: PageHandler,
	) {}

	/** @param port 0 takes a free one */
	static async listen(port: number, handler: PageHandler): Promise<PageServer> {
		const server = createServer();
		const page = new PageServer(server, handler);
		server.on('request', (request, response) => {
			page.answer(request, response).catch((error: unknown) => {
				const message = error instanceof Error ? error.message : String(error);
				if (!response.headersSent) send(response, 409, { error: message });
				else response.destroy();
			});
		});
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(port, HOST, resolve);
		});
		return page;
	}

	get url(): string {
		const { port } = this.server.address() as AddressInfo;
		return `http://${HOST}:${port}`;
	}

	tell(event: string, data: unknown): void {
		const text = eventText(event, data);
		for (const reader of this.readers) reader.write(text);
	}

	async close(): Promise<void> {
		for (const reader of this.readers) reader.end();
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { pathname } = new URL(request.url ?? '/', this.url);
		// Other websites in the same browser have no business here.
		if (!isOurs(request, this.url)) return send(response, 403, { error: 'Not from here' });
		if (request.method === 'POST') {
			await this.handler.press(pathname.slice(1));
			return send(response, 200, { done: true });
		}
		if (request.method !== 'GET') return send(response, 405, { error: 'GET or POST' });
		if (pathname === '/events') return this.read(response);
		const [file, type] = FILES[pathname] ?? [];
		if (file !== undefined) {
			const bytes = await readFile(join(FOLDER, file));
			response.writeHead(200, { ...HEADERS, 'content-type': type });
			response.end(bytes);
			return;
		}
		const sound = await this.handler.sound(pathname);
		if (sound === undefined) return send(response, 404, { error: 'There is no such page' });
		sendSound(request, response, sound);
	}

	private read(response: ServerResponse): void {
		response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
		for (const { event, data } of this.handler.opening()) response.write(eventText(event, data));
		this.readers.add(response);
		response.on('close', () => this.readers.delete(response));
		this.firstReader();
	}
}

function eventText(event: string, data: unknown): string {
	return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function isOurs({ headers, method }: IncomingMessage, url: string): boolean {
	if (headers.host !== new URL(url).host) return false;
	return method === 'GET' || headers.origin === undefined || headers.origin === url;
}

function send(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' });
	response.end(JSON.stringify(body));
}

/** Browsers only jump about in a sound that is served in parts. */
function sendSound(
	request: IncomingMessage,
	response: ServerResponse,
	{ bytes, type }: SoundFile,
): void {
	const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
	const headers = { ...HEADERS, 'content-type': type, 'accept-ranges': 'bytes' };
	const from = Number(first);
	if (first === '' || from >= bytes.length) {
		response.writeHead(200, { ...headers, 'content-length': bytes.length });
		response.end(bytes);
		return;
	}
	const to = last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1);
	const part = bytes.subarray(from, to + 1);
	response.writeHead(206, {
		...headers,
		'content-length': part.length,
		'content-range': `bytes ${from}-${to}/${bytes.length}`,
	});
	response.end(part);
}
