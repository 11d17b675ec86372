import fastify, {
	LogController,
	type FastifyError,
	type FastifyInstance,
	type FastifyReply,
} from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CallError } from '../common/errors';
import { loggerOptions } from './logging';
import type { ServerOptions } from './options';
import { invalidBody, Refusal, refusalOf, ryzeApiError } from './refusal';
import { refusalOfValidation, VALIDATOR_OPTIONS } from './validation';

const LONGEST_PARAMETER = 500;
const BYTES_PER_MEGABYTE = 1024 * 1024;
/** How often Node looks for requests that take too long, in milliseconds. */
const LONGEST_LOOK_MS = 5_000;
const HEADERS_MS = 30_000;
/** A refused body is read to its end, so that its sender sees the answer; but not for ever. */
const DRAIN_MS = 30_000;

export interface AppOptions extends Pick<ServerOptions, 'log'> {
	bodyLimitBytes: number;
	requestTimeoutMs: number;
}

/** Fastify as this server needs it: strict schemas, JSON bodies, the contract's errors. */
export function createApp({ bodyLimitBytes, log, requestTimeoutMs }: AppOptions): FastifyInstance {
	const app = fastify({
		bodyLimit: bodyLimitBytes,
		exposeHeadRoutes: false,
		logController: new LogController({ disableRequestLogging: true }),
		requestTimeout: requestTimeoutMs,
		// Node takes no shorter time for a request than for its headers.
		http: {
			requestTimeout: requestTimeoutMs,
			headersTimeout: Math.min(requestTimeoutMs, HEADERS_MS),
			connectionsCheckingInterval: Math.min(requestTimeoutMs, LONGEST_LOOK_MS),
		},
		forceCloseConnections: 'idle',
		routerOptions: { maxParamLength: LONGEST_PARAMETER },
		ajv: { customOptions: { ...VALIDATOR_OPTIONS, keywords: [...VALIDATOR_OPTIONS.keywords] } },
		logger: loggerOptions(log),
		// A path that cannot be decoded.
		frameworkErrors: (_error, _request, reply) => {
			void (reply as unknown as FastifyReply).code(404).send(ryzeApiError(notFound()));
		},
		clientErrorHandler: answerClientError,
	}) as unknown as FastifyInstance;
	readJsonOnly(app);
	// Schemas describe answers; they do not change them.
	app.setSerializerCompiler(() => (data) => JSON.stringify(data));
	app.setErrorHandler(async (error: FastifyError, request, reply) => {
		const refusal = asRefusal(error, bodyLimitBytes);
		if (refusal.status >= 500 && !(error instanceof CallError) && !(error instanceof Refusal)) {
			request.log.error({ err: error }, 'a request failed');
		}
		if (refusal.status === 413) {
			await drain(request.raw);
		}
		return reply.code(refusal.status).send(ryzeApiError(refusal));
	});
	return app;
}

export function notFound(): Refusal {
	return new Refusal(404, 'Not found');
}

/** What went wrong with a request, as an answer. */
export function asRefusal(error: unknown, bodyLimitBytes: number): Refusal {
	if (error instanceof Refusal) {
		return error;
	}
	if (error instanceof CallError) {
		return refusalOf(error);
	}
	const { code, statusCode, validation, validationContext } = error as Partial<FastifyError>;
	if (validation !== undefined) {
		return refusalOfValidation(validation, validationContext);
	}
	if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
		const megabytes = Math.round(bodyLimitBytes / BYTES_PER_MEGABYTE);
		return new Refusal(413, `Invalid request body: larger than ${megabytes} MB`, {
			code: 'AUDIO_TOO_LARGE',
		});
	}
	if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
		return invalidBody('Content-Type must be application/json');
	}
	return statusCode !== undefined && statusCode < 500
		? invalidBody('a JSON object is expected')
		: new Refusal(500, 'Internal server error', { code: 'SERVER_ERROR' });
}

/** An empty body is none: clients name a content type also for requests without one. */
function readJsonOnly(app: FastifyInstance): void {
	const parse = app.getDefaultJsonParser('error', 'error');
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
		if (body === '') {
			done(null, undefined);
			return;
		}
		void parse(request, body as string, done);
	});
}

async function drain(request: IncomingMessage): Promise<void> {
	if (request.readableEnded || request.destroyed) {
		return;
	}
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, DRAIN_MS);
		const finish = (): void => {
			clearTimeout(timer);
			resolve();
		};
		request.once('end', finish).once('close', finish).once('error', finish).resume();
	});
}

/** For what is no HTTP, or does not arrive in time. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
	if (error.code === 'ECONNRESET' || !socket.writable) {
		socket.destroy();
		return;
	}
	const [status, title, message] = CLIENT_ERRORS[error.code ?? ''] ?? [
		400,
		'Bad Request',
		'Invalid HTTP request',
	];
	const body = JSON.stringify(ryzeApiError(new Refusal(status, message)));
	socket.end(
		`HTTP/1.1 ${status} ${title}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
	);
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string, string]>> = {
	ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long to arrive'],
	HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The headers are too large'],
};
