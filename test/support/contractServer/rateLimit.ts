const WINDOW_MS = 60_000;

export interface RateLimitState {
	exceeded: boolean;
	limit: number;
	remaining: number;
	/** Unix seconds at which the window has ended. */
	resetSeconds: number;
}

/** So many requests a minute and token, counted in a window that opens with a token's first request. */
export class RateLimiter {
	private readonly windows = new Map<string, { openedMs: number; used: number }>();

	/** @param now milliseconds since the epoch */
	constructor(
		private readonly limit: number,
		private readonly now: () => number,
	) {}

	/** Counts one request; one over the limit is not counted. */
	count(token: string): RateLimitState {
		const now = this.now();
		let window = this.windows.get(token);
		if (window === undefined || now >= window.openedMs + WINDOW_MS) {
			window = { openedMs: now, used: 0 };
			this.windows.set(token, window);
		}
		const exceeded = window.used >= this.limit;
		if (!exceeded) {
			window.used += 1;
		}
		return {
			exceeded,
			limit: this.limit,
			remaining: this.limit - window.used,
			resetSeconds: Math.ceil((window.openedMs + WINDOW_MS) / 1000),
		};
	}

	clear(): void {
		this.windows.clear();
	}
}

/** The three headers that RyzeAPI's contract puts on every answer. */
export function rateLimitHeaders(
	state: Pick<RateLimitState, 'limit' | 'remaining' | 'resetSeconds'>,
): Record<string, string> {
	return {
		'X-RateLimit-Limit': String(state.limit),
		'X-RateLimit-Remaining': String(state.remaining),
		'X-RateLimit-Reset': String(state.resetSeconds),
	};
}

export const RATE_LIMIT_MESSAGE = 'Rate limit exceeded. Try again later.';
