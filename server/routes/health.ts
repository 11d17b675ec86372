import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context';
import { noQuery } from '../schemas';
import { PACKAGE } from '../version';

/** For machines that watch over this one, without a token. They tell nothing of instances but how many. */
export function healthRoutes(app: FastifyInstance, context: ServerContext): void {
	const { instances, isReady, metrics, version } = context;
	const schema = (summary: string) => ({ tags: ['Health'], summary, querystring: noQuery });

	app.get('/healthz', { schema: schema('Whether the server lives, and which one it is') }, () => ({
		name: PACKAGE,
		version,
		status: 'ok',
	}));

	app.get(
		'/readyz',
		{ schema: schema('Whether requests are taken: 503 while it starts or ends') },
		async (_request, reply) => {
			const states = await Promise.all(
				instances.all.map(async (instance) => (await instance.status()).connection),
			);
			const connected = states.filter((state) => state === 'connected').length;
			const ready = isReady();
			return reply.code(ready ? 200 : 503).send({
				status: ready ? 'ready' : 'notReady',
				instances: { total: states.length, connected },
			});
		},
	);

	app.get('/metrics', { schema: schema('Figures for Prometheus') }, async (_request, reply) =>
		reply.type(metrics.contentType).send(await metrics.text()),
	);
}
