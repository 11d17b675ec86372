import type { FastifyBaseLogger, FastifyInstance, FastifyServerOptions } from 'fastify';
import type { SessionLogger } from '../engine';
import type { ServerOptions } from './options';

/** Nothing of ours puts them into the log; this is the second lock on the door. */
const SECRETS = ['token', 'access_token', 'authorization', 'qrCode', 'pairingCode'].flatMap(
	(name) => [name, `*.${name}`, `*.*.${name}`],
);

/** Routes that are asked all the time by machines. */
const QUIET_ROUTES: readonly string[] = ['/healthz', '/readyz', '/metrics'];

export function loggerOptions(log: ServerOptions['log']): FastifyServerOptions['logger'] {
	if (log === undefined) {
		return false;
	}
	const { stream, level = 'info' } = log;
	return {
		level,
		stream: { write: (line: string) => void stream.write(line) },
		redact: SECRETS,
		serializers: {
			// Never the URL: its query may hold a token.
			req: ({ method }) => ({ method }),
		},
	};
}

/** One line for each request: its route instead of its path, and nothing of headers, query and body. */
export function logRequests(app: FastifyInstance): void {
	app.addHook('onResponse', async (request, reply) => {
		const { instance } = (request.params ?? {}) as { instance?: unknown };
		const route = request.routeOptions.url ?? 'none';
		const line = {
			method: request.method,
			route,
			...(typeof instance === 'string' && reply.statusCode < 400 && { instance }),
			status: reply.statusCode,
			ms: Math.round(reply.elapsedTime),
		};
		if (QUIET_ROUTES.includes(route)) {
			request.log.debug(line, 'request');
		} else {
			request.log.info(line, 'request');
		}
	});
}

/** The engine's log of an instance, as part of the server's. */
export function engineLogger(log: FastifyBaseLogger, instance: string): SessionLogger {
	const child = log.child({ instance });
	return {
		debug: (message, details = {}) => child.debug(details, message),
		info: (message, details = {}) => child.info(details, message),
		warn: (message, details = {}) => child.warn(details, message),
	};
}
