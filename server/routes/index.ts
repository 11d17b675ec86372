import type { FastifyInstance } from 'fastify';
import { notFound } from '../app';
import type { ServerContext } from '../context';
import { CREATIONS_PER_MINUTE, limiter } from '../limits';
import { invalidToken, voiceApiError } from '../refusal';
import { presentedToken } from '../tokens';
import { callRoutes } from './calls';
import { callReportRoutes } from './callReports';
import { eventRoutes } from './events';
import { healthRoutes } from './health';
import { CREATION_ROUTE, instanceRoutes } from './instances';
import { messageRoutes } from './messages';
import { voiceApiRoutes } from './voiceApi';

const VOICE_API_PREFIX = '/v2/';

/** Every route, with what stands in front of it. */
export function addRoutes(app: FastifyInstance, context: ServerContext): void {
	const { instances, settings } = context;
	const limits = {
		tokenOf: presentedToken,
		isKnown: (token: string) => instances.callerOf(token) !== undefined,
	};
	const perMinute = settings.requestsPerMinute;
	const limit = limiter(app, { ...limits, perMinute });
	const limitCreations = limiter(app, {
		...limits,
		perMinute: perMinute === 0 ? 0 : CREATIONS_PER_MINUTE,
	});

	app.setNotFoundHandler(async (request, reply) => {
		if (request.url.startsWith(VOICE_API_PREFIX)) {
			return reply.code(404).send(voiceApiError(notFound()));
		}
		await limit(request, reply);
		throw notFound();
	});
	void app.register(async (ryzeApi) => {
		ryzeApi.addHook('onRequest', async (request, reply) => {
			const creates = request.routeOptions.url === CREATION_ROUTE;
			await (creates ? limitCreations : limit)(request, reply);
		});
		ryzeApi.addHook('onRequest', async (request) => {
			const caller = instances.callerOf(presentedToken(request));
			if (caller === undefined) {
				throw invalidToken();
			}
			request.caller = caller;
		});
		callRoutes(ryzeApi, context);
		callReportRoutes(ryzeApi, context);
		messageRoutes(ryzeApi, context);
		instanceRoutes(ryzeApi, context);
		eventRoutes(ryzeApi, context);
	});
	void app.register(async (voiceApi) => voiceApiRoutes(voiceApi, context));
	healthRoutes(app, context);
}
