import fastify from 'fastify';
import type { AddressInfo } from 'node:net';

/** Run by the bench as a process: Fastify with two routes that do nothing, to compare with. */
async function main(): Promise<void> {
	const app = fastify();
	const answer = { success: true, message: '1 Instance found', instances: [{ name: 'bare' }] };
	app.get('/bare', async () => answer);
	app.post('/bare', { schema: { body: BODY } }, async () => answer);
	await app.listen({ host: '127.0.0.1', port: 0 });
	process.once('SIGTERM', () => process.exit());
	console.log((app.server.address() as AddressInfo).port);
}

const BODY = {
	type: 'object',
	properties: { number: { type: 'string' }, duration: { type: 'integer' } },
	required: ['number'],
};

void main();
