import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
	port: number;
	/** `http://127.0.0.1:<port>` */
	origin: string;
	/** Paths with queries, in the order in which they were asked for. */
	requests: string[];
	openConnections(): Promise<number>;
	close(): Promise<void>;
}

/** A web server on the loopback interface. */
export async function startServer(
	listener: RequestListener,
	host = '127.0.0.1',
): Promise<TestServer> {
	const requests: string[] = [];
	const server = createServer((request, response) => {
		requests.push(request.url ?? '');
		listener(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	const { port } = server.address() as AddressInfo;
	return {
		port,
		origin: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
		requests,
		openConnections: () =>
			new Promise((resolve, reject) =>
				server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
			),
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** Waits until the server sees no connection any more; rejects after two seconds. */
export async function untilNoConnection(server: TestServer): Promise<void> {
	for (let attempt = 0; attempt < 100; attempt++) {
		if ((await server.openConnections()) === 0) {
			return;
		}
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error('connections are left open');
}
