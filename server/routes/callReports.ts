import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context';
import { answers, callParams, noQuery, reportProperties } from '../schemas';

interface Route {
	Params: { instance: string; callId: string };
}

/** What became of the calls of the last day. RyzeAPI has nothing of this kind. */
export function callReportRoutes(
	scope: FastifyInstance,
	{ calls, instances }: ServerContext,
): void {
	scope.get<Route>(
		'/api/call/:instance/:callId',
		{
			schema: {
				tags: ['Calls'],
				summary: 'The report of a call so far; kept for a day',
				params: callParams,
				querystring: noQuery,
				response: answers('What is known', {
					...reportProperties,
					state: { type: 'string', enum: ['placed', 'ringing', 'answered', 'ended'] },
				}),
			},
		},
		async ({ caller, params }) => {
			const { name } = instances.find(params.instance, caller);
			return calls.find(name, params.callId).toJson();
		},
	);

	scope.get<Route>(
		'/api/call/:instance/:callId/recording',
		{
			schema: {
				tags: ['Calls'],
				summary: 'What the recipient said, when it was asked for; kept for a day',
				params: callParams,
				querystring: noQuery,
			},
		},
		async ({ caller, params }, reply) => {
			const { name } = instances.find(params.instance, caller);
			const ogg = calls.recording(name, params.callId);
			return reply
				.type('audio/ogg')
				.header('content-disposition', `attachment; filename="${name}-recording.ogg"`)
				.send(Buffer.from(ogg.buffer, ogg.byteOffset, ogg.byteLength));
		},
	);
}
