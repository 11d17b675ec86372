import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { BodyReader } from './bodies';
import { playFault, statusOf } from './faults';
import { invalidBody, Refusal } from './refusal';
import type { ContractState } from './state';
import type { ReceivedRequest } from './types';

/** Bytes of the largest body that is taken: more than 20 MB as base64 in JSON. */
export const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

declare module 'fastify' {
	interface FastifyRequest {
		/** The request as the contract server records it. */
		received: ReceivedRequest;
	}
}

/**
 * What every request goes through first: it is recorded, its body is read to the end, and a fault
 * that waits for it is played. Reading comes before any refusal, so that a client that is still
 * sending gets its answer instead of a broken connection.
 */
export function receiveRequests(
	scope: FastifyInstance,
	state: ContractState,
	newReader: () => BodyReader,
): void {
	// The hook below has taken the body by the time fastify looks for it.
	scope.removeAllContentTypeParsers();
	scope.addContentTypeParser('*', (_request, _payload, done) => done(null));

	scope.decorateRequest('received');
	scope.addHook('onRequest', async (request, reply) => {
		const received = record(request.raw, state);
		request.received = received;
		const fault = state.faults.take(received.path);
		let complete = true;
		if (fault?.kind !== 'resetBeforeReading') {
			complete = await readBody(request.raw, received, newReader());
		}
		if (!complete) {
			reply.hijack();
		} else if (fault !== undefined) {
			reply.hijack();
			received.status = statusOf(fault);
			playFault(fault, request.raw, reply.raw, state);
		}
	});
	scope.addHook('onSend', async (request, reply) => {
		request.received.status = reply.statusCode;
	});
}

/** Adds a request to the state's lists; its body is still to come. */
export function record(request: IncomingMessage, state: ContractState): ReceivedRequest {
	const url = request.url ?? '/';
	const questionMark = url.indexOf('?');
	const received: ReceivedRequest = {
		method: request.method ?? '',
		path: questionMark < 0 ? url : url.slice(0, questionMark),
		query: questionMark < 0 ? {} : Object.fromEntries(new URLSearchParams(url.slice(questionMark))),
		headers: Object.fromEntries(
			Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
		),
		rawBody: Buffer.alloc(0),
		body: undefined,
		status: undefined,
	};
	(isUpgrade(request) ? state.webSocketUpgrades : state.requests).push(received);
	return received;
}

/** Whether a body was sent, even one that was not kept. */
export function hasBody({ headers }: ReceivedRequest): boolean {
	return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function isUpgrade(request: IncomingMessage): boolean {
	return request.headers.upgrade !== undefined;
}

/**
 * @returns false when the client went away before it had sent everything
 * @throws Refusal 413
 */
async function readBody(
	request: IncomingMessage,
	received: ReceivedRequest,
	reader: BodyReader,
): Promise<boolean> {
	let bytes = 0;
	try {
		for await (const chunk of request as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			if (bytes <= BODY_LIMIT_BYTES) {
				reader.write(chunk);
			}
		}
	} catch {
		return false;
	}
	if (bytes > BODY_LIMIT_BYTES) {
		throw new Refusal(413, invalidBody('larger than 64 MB').message);
	}
	Object.assign(received, reader.end());
	return true;
}
