import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusal';
import { TokenDigest } from './tokens';

const WINDOW_MS = 60_000;
/** Of creating instances. RyzeAPI's contract. */
export const CREATIONS_PER_MINUTE = 20;
const RATE_LIMIT_MESSAGE = 'Rate limit exceeded. Try again later.';

/** Counts a request, puts the contract's headers on its answer, and refuses it with 429. */
export type Limiter = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export interface LimiterOptions {
	/** Requests a minute and token; 0 for no limit. */
	perMinute: number;
	/** The token of a request. */
	tokenOf: (request: FastifyRequest) => string;
	isKnown: (token: string) => boolean;
	/** Sent as X-RateLimit headers; on by default. */
	headers?: boolean;
}

/** Makes `limiter` usable. */
export async function registerLimits(app: FastifyInstance): Promise<void> {
	await app.register(rateLimit, { global: false });
}

/**
 * Requests are counted for each token by itself; those with a token that is nobody's, for the
 * address they come from, so that nobody guesses without end.
 */
export function limiter(app: FastifyInstance, options: LimiterOptions): Limiter {
	const { perMinute, tokenOf, isKnown, headers = true } = options;
	if (perMinute === 0) {
		return async () => undefined;
	}
	const settings: CreateRateLimitOptions = {
		max: perMinute,
		timeWindow: WINDOW_MS,
		keyGenerator: (request) => {
			const token = tokenOf(request);
			return isKnown(token) ? new TokenDigest(token).name : `address ${request.ip}`;
		},
	};
	const count = app.createRateLimit(settings);
	return async (request, reply) => {
		const counted = await count(request);
		if (counted.isAllowed) {
			return;
		}
		if (headers) {
			void reply.headers({
				'x-ratelimit-limit': counted.max,
				'x-ratelimit-remaining': counted.remaining,
				'x-ratelimit-reset': Math.ceil((Date.now() + counted.ttl) / 1_000),
			});
		}
		if (counted.isExceeded) {
			void reply.header('retry-after', counted.ttlInSeconds);
			throw new Refusal(429, RATE_LIMIT_MESSAGE, {
				code: 'RATE_LIMITED',
				hint: 'Nothing was done. X-RateLimit-Reset says when to try again.',
			});
		}
	};
}
