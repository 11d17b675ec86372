import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { CallError } from '../common/errors';
import { createApp } from './app';
import { assemble } from './assemble';
import type { ServerContext } from './context';
import { takeDataFolder } from './dataFolder';
import { addDocs } from './docs';
import { registerLimits } from './limits';
import { logRequests } from './logging';
import {
	DEFAULT_BODY_LIMIT_BYTES,
	DEFAULT_HOST,
	DEFAULT_LOCK_PATIENCE_MS,
	DEFAULT_PORT,
	DEFAULT_REQUEST_TIMEOUT_MS,
	requireAccountToken,
	type ServerOptions,
} from './options';
import { addRoutes } from './routes';

/** How long what is under way may take after the server was told to end, in milliseconds. */
const CLOSING_MS = 10_000;
const LISTEN_FAULTS: Readonly<Record<string, string>> = {
	EACCES: 'this user may not listen there',
	EADDRINUSE: 'something else listens there',
	EADDRNOTAVAIL: 'this machine does not have the address',
	ENOTFOUND: 'there is no such host',
};

export interface RunningServer {
	/** E.g. http://127.0.0.1:3000 */
	readonly url: string;
	readonly port: number;
	/** Resolves when the server has ended, also when it lost its data folder to another one. */
	readonly closed: Promise<void>;
	/**
	 * Takes no more requests, hangs up, answers what waits, disconnects, and lets go of the data
	 * folder. May be called twice.
	 */
	close(): Promise<void>;
}

/**
 * Starts a server for the instances of a data folder. Those that are linked connect by themselves.
 *
 * @throws CallError INVALID_OPTION, SESSION_IN_USE, SESSION_UNREADABLE
 */
export async function createServer(given: ServerOptions): Promise<RunningServer> {
	const accountToken = requireAccountToken(given.accountToken);
	const options = { ...given, accountToken, data: resolve(given.data) };
	const app = createApp({
		bodyLimitBytes: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
		requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
		...(options.log !== undefined && { log: options.log }),
	});
	let ready = false;
	let url = '';
	let end = (): void => undefined;
	const patience = options.lockPatienceMs ?? DEFAULT_LOCK_PATIENCE_MS;
	const lock = await takeDataFolder(options.data, patience, () => {
		app.log.error('another server took the data folder while this one slept');
		end();
	});
	const context = assemble(app, options, {
		baseUrl: () => options.baseUrl ?? url,
		isReady: () => ready,
	});
	const release = async (): Promise<void> => {
		await context.channels.close();
		context.metrics.close();
		await context.instances.close();
		await lock.release();
	};
	try {
		await open(app, context, options);
	} catch (error) {
		await app.close();
		await release();
		throw error;
	}
	const address = app.server.address() as AddressInfo;
	url = urlOf(address);
	ready = true;
	let tellClosed = (): void => undefined;
	const closed = new Promise<void>((tell) => (tellClosed = tell));
	let closing: Promise<void> | undefined;
	const close = async (): Promise<void> => {
		ready = false;
		await endRequests(app, context);
		await release();
		tellClosed();
	};
	const server = { url, port: address.port, closed, close: () => (closing ??= close()) };
	end = () => void server.close();
	return server;
}

async function open(
	app: FastifyInstance,
	context: ServerContext,
	{ docsPage = true, host = DEFAULT_HOST, port = DEFAULT_PORT }: ServerOptions,
): Promise<void> {
	await registerLimits(app);
	await addDocs(app, context.version, docsPage);
	logRequests(app);
	app.addHook('onSend', async (_request, reply) => {
		// A connection that is kept would hold up the end.
		if (!context.isReady()) {
			void reply.header('connection', 'close');
		}
	});
	addRoutes(app, context);
	await context.instances.load();
	try {
		await app.listen({ host, port });
	} catch (error) {
		const fault = LISTEN_FAULTS[(error as NodeJS.ErrnoException).code ?? ''];
		throw fault === undefined
			? error
			: new CallError('INVALID_OPTION', `The server cannot listen on ${host}:${port}: ${fault}`, {
					hint: 'Choose another --port or --host.',
				});
	}
}

/** Hangs up and answers; whoever takes too long with it is cut off. */
async function endRequests(
	app: FastifyInstance,
	{ calls, channels }: ServerContext,
): Promise<void> {
	const patience = setTimeout(() => app.server.closeAllConnections(), CLOSING_MS);
	try {
		const closed = app.close();
		await calls.close();
		// After the events of what was hung up.
		await channels.close();
		await closed;
	} finally {
		clearTimeout(patience);
	}
}

function urlOf({ address, family, port }: AddressInfo): string {
	const isEverywhere = address === '0.0.0.0' || address === '::';
	const host = isEverywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
	return `http://${host}:${port}`;
}
