import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { PACKAGE } from './version';

/**
 * The OpenAPI document at /openapi.json, and a page for people at /docs. Before the routes.
 *
 * @param hasPage the page is left out without it
 */
export async function addDocs(
	app: FastifyInstance,
	version: string,
	hasPage: boolean,
): Promise<void> {
	await app.register(swagger, {
		openapi: {
			openapi: '3.1.0',
			info: {
				title: PACKAGE,
				version,
				description:
					"WhatsApp calls and voice notes by linked devices, in the shape of RyzeAPI's contract.",
			},
			components: {
				securitySchemes: {
					token: { type: 'apiKey', in: 'header', name: 'token' },
					bearer: { type: 'http', scheme: 'bearer' },
				},
			},
			security: [{ token: [] }, { bearer: [] }],
		},
	});
	if (hasPage) {
		const { default: swaggerUi } = await import('@fastify/swagger-ui');
		await app.register(swaggerUi, { routePrefix: '/docs' });
	}
	app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
