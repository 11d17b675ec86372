import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { RATE_LIMIT_MESSAGE, rateLimitHeaders } from './rateLimit';
import { ryzeApiError } from './refusal';
import type { Fault } from './types';

const TRUNCATED_BODY = JSON.stringify({
	success: true,
	message: 'Call placed successfully',
	callId: '3EB00000000000000000',
	number: '5511999999999',
});

/** Faults that wait for their request, first come, first served. */
export class FaultQueue {
	private readonly waiting: Array<{ fault: Fault; path: string }> = [];

	add(fault: Fault, path = ''): void {
		this.waiting.push({ fault, path });
	}

	/** The first fault for this path, which is then used up. */
	take(path: string): Fault | undefined {
		const index = this.waiting.findIndex((each) => path.startsWith(each.path));
		return index < 0 ? undefined : this.waiting.splice(index, 1)[0]?.fault;
	}

	clear(): void {
		this.waiting.length = 0;
	}
}

/** The rate limit that a faked 429 speaks of: requests a minute, and the time in milliseconds. */
export interface FaultSurroundings {
	requestsPerMinute: number;
	now: () => number;
}

/** The status a fault answers with in full, undefined where it cuts the connection or stays silent. */
export function statusOf(fault: Fault): number | undefined {
	return fault.kind === 'answer' ? fault.status : fault.kind === 'rateLimit' ? 429 : undefined;
}

/** Does to an exchange what the fault says; the caller has read the body, where the fault wants that. */
export function playFault(
	fault: Fault,
	request: IncomingMessage,
	response: ServerResponse,
	surroundings: FaultSurroundings,
): void {
	switch (fault.kind) {
		case 'hang':
			return;
		case 'reset':
		case 'resetBeforeReading':
			reset(request);
			return;
		case 'truncate':
			truncate(response);
			return;
		case 'rateLimit':
			answerJson(response, 429, ryzeApiError(RATE_LIMIT_MESSAGE), {
				...rateLimitHeaders({
					limit: surroundings.requestsPerMinute,
					remaining: 0,
					resetSeconds: Math.ceil(surroundings.now() / 1000 + fault.resetInSeconds),
				}),
			});
			return;
		case 'answer':
			if (typeof fault.body === 'string') {
				const headers = { 'content-type': 'text/html', ...lowerCase(fault.headers ?? {}) };
				response.writeHead(fault.status, headers).end(fault.body);
			} else {
				answerJson(response, fault.status, fault.body, fault.headers ?? {});
			}
	}
}

function answerJson(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Record<string, string>,
): void {
	response
		.writeHead(status, { 'content-type': 'application/json', ...lowerCase(headers) })
		.end(body === undefined ? undefined : JSON.stringify(body));
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
	);
}

function reset({ socket }: IncomingMessage): void {
	// Node sends a RST for plain TCP sockets only.
	if (socket instanceof TLSSocket) {
		socket.destroy();
	} else {
		socket.resetAndDestroy();
	}
}

function truncate(response: ServerResponse): void {
	response.writeHead(200, {
		'content-type': 'application/json',
		'content-length': TRUNCATED_BODY.length,
	});
	const half = TRUNCATED_BODY.slice(0, TRUNCATED_BODY.length / 2);
	response.write(half, () => response.socket?.destroy());
}
