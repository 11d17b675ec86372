import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Where the WebSocket is: the only place of RyzeAPI's contract whose query may hold the token. */
const WEB_SOCKET_PREFIX = '/ws/';

/** The token that a request shows by one of the contract's ways; empty when it shows none. */
export function presentedToken({ headers, query, url }: FastifyRequest): string {
	const { token } = headers;
	if (typeof token === 'string') {
		return token;
	}
	const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
	const inQuery = url.startsWith(WEB_SOCKET_PREFIX)
		? (query as { token?: unknown } | undefined)?.token
		: undefined;
	return bearer ?? (typeof inQuery === 'string' ? inQuery : '');
}

/** A token as it is kept for comparing: whoever reads the memory of a comparison sees no secret. */
export class TokenDigest {
	private readonly digest: Buffer;

	constructor(token: string) {
		this.digest = digestOf(token);
	}

	/** Takes as long for one that is nearly right. */
	matches(other: TokenDigest): boolean {
		return timingSafeEqual(this.digest, other.digest);
	}

	/** Names a token without telling it. */
	get name(): string {
		return this.digest.toString('base64url');
	}
}

function digestOf(token: string): Buffer {
	return createHash('sha256').update(token).digest();
}
