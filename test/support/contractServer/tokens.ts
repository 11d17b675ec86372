import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RATE_LIMIT_MESSAGE, rateLimitHeaders } from './rateLimit';
import { Refusal } from './refusal';
import type { ContractState } from './state';
import type { ReceivedRequest } from './types';

/** Where instances are created: RyzeAPI's contract limits it by itself. */
export const CREATION_ROUTE = '/api/instance/new';

/** Where the WebSocket is: the only place whose query may hold the token. */
export const WEB_SOCKET_PREFIX = '/ws/';

/** The token a request shows by the ways of RyzeAPI's contract; empty when it shows none. */
export function presentedToken({ path, query, headers }: ReceivedRequest): string {
	const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
	const inQuery = path.startsWith(WEB_SOCKET_PREFIX) ? query.token : undefined;
	return headers.token ?? bearer ?? inQuery ?? '';
}

/** Puts the rate limit and the check of the token in front of all routes of the scope. */
export function requireToken(scope: FastifyInstance, state: ContractState): void {
	scope.addHook('onRequest', async (request, reply) => limitRate(request, reply, state));
	scope.addHook('onRequest', async (request) => {
		if (!state.instances.isToken(presentedToken(request.received))) {
			throw new Refusal(401, 'Invalid token');
		}
	});
}

/**
 * Counts the request and puts the limit's headers on the answer.
 *
 * @throws Refusal 429
 */
export function limitRate(
	request: FastifyRequest,
	reply: FastifyReply,
	state: ContractState,
): void {
	const creates = request.routeOptions.url === CREATION_ROUTE;
	const limiter = creates ? state.creationLimit : state.requestLimit;
	const limit = limiter.count(presentedToken(request.received));
	reply.headers(rateLimitHeaders(limit));
	if (limit.exceeded) {
		throw new Refusal(429, RATE_LIMIT_MESSAGE);
	}
}
