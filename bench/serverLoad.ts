import { Client } from 'undici';

export interface Request {
	method: 'GET' | 'POST';
	path: string;
	headers?: Readonly<Record<string, string>>;
	body?: object;
}

export interface Load {
	seconds: number;
	/** One of each request asked for, in milliseconds. */
	latencies: number[];
	/** How often each status was answered. */
	statuses: Map<number, number>;
}

/** Each connection asks again as soon as it was answered, for so long. */
export async function load(
	url: string,
	milliseconds: number,
	/** One of each connection. */
	requests: readonly Request[],
): Promise<Load> {
	const latencies: number[] = [];
	const statuses = new Map<number, number>();
	const startedAt = performance.now();
	const until = startedAt + milliseconds;
	await Promise.all(
		requests.map(async ({ body, headers = {}, ...request }) => {
			const client = new Client(url, { pipelining: 1 });
			const text = body === undefined ? undefined : JSON.stringify(body);
			const all = {
				...headers,
				...(text !== undefined && { 'content-type': 'application/json' }),
			};
			while (performance.now() < until) {
				const askedAt = performance.now();
				const answer = await client.request({ ...request, headers: all, body: text ?? null });
				await answer.body.dump();
				latencies.push(performance.now() - askedAt);
				statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
			}
			await client.close();
		}),
	);
	return { seconds: (performance.now() - startedAt) / 1_000, latencies, statuses };
}

export function percentile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
