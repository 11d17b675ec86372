import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultLog } from '../faults';
import { certificateFor } from './certificate';

const MOST_BYTES = 64 * 1024 * 1024;
const FORMS: Readonly<Record<string, MediaForm>> = {
	'/mms/audio': 'encrypted',
	'/newsletter/newsletter-audio': 'open',
};

/** `open` is what followers of a channel may read. */
export type MediaForm = 'encrypted' | 'open';

/** What the host does with uploads: takes them, answers 500, says nothing, or breaks the line. */
export type UploadConditions = 'take' | 'refuse' | 'hang' | 'break';

export const UPLOAD_CONDITIONS: readonly UploadConditions[] = ['take', 'refuse', 'hang', 'break'];

interface Stored {
	form: MediaForm;
	bytes: Buffer;
}

/** The media server of a network: takes files and gives them to whoever knows their path. */
export class MediaHost {
	/** For uploads to come. */
	uploads: UploadConditions = 'take';
	/** Uploads that arrived whole, whatever became of them. */
	attempts = 0;
	/** What `media_conn` gives to clients; the host takes uploads with it only. */
	readonly auth = randomBytes(24).toString('base64url');
	private readonly files = new Map<string, Stored>();

	private constructor(
		private readonly server: Server,
		private readonly folder: string,
		/** The certificate of the host, in PEM. */
		readonly certificate: string,
		private readonly faults: FaultLog,
	) {
		server.on('request', (request, response) => {
			this.answer(request, response).catch((error: unknown) => {
				// A client that breaks off is none of ours.
				if (!request.destroyed) faults.add('simulator', String(error));
				response.destroy();
			});
		});
	}

	static async start(host: string, faults: FaultLog): Promise<MediaHost> {
		const { certPem, keyPem } = certificateFor(host);
		const server = createServer({ cert: certPem, key: keyPem });
		server.listen(0, host);
		await once(server, 'listening');
		const folder = await mkdtemp(join(tmpdir(), 'whatsapp-simulator-'));
		const media = new MediaHost(server, folder, certPem, faults);
		await writeFile(media.certificateFile, certPem);
		return media;
	}

	/** Host and port, as `media_conn` names them. */
	get name(): string {
		const { address, port } = this.server.address() as AddressInfo;
		return `${address}:${port}`;
	}

	/** The path of the file with the certificate. */
	get certificateFile(): string {
		return join(this.folder, 'media-ca.pem');
	}

	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
		this.server.closeAllConnections();
		await closed;
		await rm(this.folder, { recursive: true, force: true });
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', `https://${this.name}`);
		if (request.method === 'POST') return this.take(request, response, url);
		const file = request.method === 'GET' ? this.files.get(url.pathname) : undefined;
		if (file) response.writeHead(200, { 'content-type': 'application/octet-stream' });
		else response.writeHead(404);
		response.end(file?.bytes);
	}

	private async take(
		request: IncomingMessage,
		response: ServerResponse,
		{ pathname, searchParams }: URL,
	): Promise<void> {
		const bytes = await readBody(request);
		this.attempts++;
		if (this.uploads === 'break') return void response.destroy();
		if (this.uploads === 'hang') return;
		const name = pathname.slice(pathname.lastIndexOf('/') + 1);
		const form = FORMS[pathname.slice(0, -name.length - 1)];
		const hash = createHash('sha256').update(bytes).digest('base64url');
		const { 'content-type': type, origin } = request.headers;
		const faults = [
			...(form ? [] : [`no uploads to ${pathname}`]),
			...(searchParams.get('auth') === this.auth ? [] : ['not the auth of media_conn']),
			...(name === hash ? [] : ['the name is not the sha-256 of the file']),
			...(searchParams.get('token') === hash ? [] : ['the token is not the sha-256 of the file']),
			...(type === 'application/octet-stream' ? [] : [`content-type ${type}`]),
			...(origin === 'https://web.whatsapp.com' ? [] : [`origin ${origin}`]),
		];
		for (const fault of faults) this.faults.add('upload', fault);
		if (this.uploads === 'refuse' || !form || faults.length > 0) {
			return void response.writeHead(faults.length > 0 ? 403 : 500).end('{"error":"simulated"}');
		}
		const path = `/${form === 'open' ? 'm1' : 'o1'}/v/t24/${randomBytes(12).toString('hex')}`;
		this.files.set(path, { form, bytes });
		const directPath = `${path}?ccb=11-4`;
		const url = `https://${this.name}${directPath}&mms3=true`;
		response
			.writeHead(200, { 'content-type': 'application/json' })
			.end(JSON.stringify({ url, direct_path: directPath }));
	}

	/** Whether this path was given for an upload of this form. */
	holds(directPath: string, form: MediaForm): boolean {
		return this.files.get(new URL(directPath, 'https://host').pathname)?.form === form;
	}
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	const pieces: Buffer[] = [];
	let length = 0;
	for await (const piece of request as AsyncIterable<Buffer>) {
		length += piece.length;
		if (length > MOST_BYTES) throw new Error('an upload of more than 64 MB');
		pieces.push(piece);
	}
	return Buffer.concat(pieces);
}
