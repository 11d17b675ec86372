import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context';
import { EVENT_TYPES } from '../events/channels';
import { Refusal } from '../refusal';
import { answers, instanceParams, noQuery } from '../schemas';
import { REFUSAL } from '../validation';

interface Route {
	Params: { instance: string };
}

interface Configuration {
	enabled: boolean;
	events?: string[];
	mediaBase64?: boolean;
}

/** The event routes of RyzeAPI's contract, by WebSocket. */
export function eventRoutes(scope: FastifyInstance, context: ServerContext): void {
	const { channels, instances, upgrades } = context;

	scope.post<Route & { Body: Configuration }>(
		'/api/events/websocket/:instance',
		{ schema: CONFIGURE },
		async ({ body, caller, params }) => {
			const instance = instances.find(params.instance, caller);
			const { enabled, events = [], mediaBase64 = false } = body;
			const websocket = { enabled, events, mediaBase64 };
			instance.stored.webSocket = websocket;
			await instances.save();
			if (!enabled) {
				channels.closeOf(instance);
			}
			return { success: true, message: 'WebSocket configured', websocket };
		},
	);

	scope.get<Route>(
		'/api/events/getWebsocket/:instance',
		{ schema: READ },
		async ({ caller, params }) => {
			const websocket = instances.find(params.instance, caller).stored.webSocket;
			if (websocket === undefined) {
				throw new Refusal(404, 'WebSocket is not configured for this instance');
			}
			return { success: true, message: 'WebSocket found', websocket };
		},
	);

	scope.get<Route>('/ws/:instance', { schema: LISTEN }, async (request, reply) => {
		const instance = instances.find(request.params.instance, request.caller);
		const { name, stored } = instance;
		if (stored.webSocket?.enabled !== true) {
			throw new Refusal(
				400,
				`WebSocket is not enabled for this instance. Configure it first using POST /api/events/websocket/${name}`,
			);
		}
		if (!upgrades.isOne(reply.raw)) {
			throw new Refusal(426, 'WebSocket upgrade required');
		}
		const headers = reply.getHeaders();
		reply.hijack();
		upgrades.accept(request.raw, reply.raw, headers, (webSocket) =>
			channels.add(instance, webSocket),
		);
	});
}

const websocketProperty = {
	type: 'object',
	properties: {
		enabled: { type: 'boolean' },
		events: { type: 'array', items: { type: 'string' } },
		mediaBase64: { type: 'boolean' },
	},
} as const;

const CONFIGURE = {
	tags: ['Events'],
	summary: 'Switches the event channel on or off; replaces the configuration as a whole',
	params: instanceParams,
	querystring: noQuery,
	body: {
		type: 'object',
		properties: {
			enabled: { type: 'boolean' },
			events: {
				type: 'array',
				items: {
					type: 'string',
					enum: EVENT_TYPES,
					[REFUSAL]: 'Invalid request body: unknown event "{value}"',
				},
				description: 'Types to send; all when it is empty or left out',
			},
			mediaBase64: { type: 'boolean', description: 'Without effect: no event carries media' },
		},
		required: ['enabled'],
		additionalProperties: false,
	},
	response: answers('Configured', { websocket: websocketProperty }),
};

const READ = {
	tags: ['Events'],
	summary: 'How the event channel is configured; 404 when it never was',
	params: instanceParams,
	querystring: noQuery,
	response: answers('The configuration', { websocket: websocketProperty }),
};

const LISTEN = {
	tags: ['Events'],
	summary: 'The event channel: a WebSocket whose frames are JSON',
	params: instanceParams,
	querystring: {
		type: 'object',
		properties: {
			token: { type: 'string', description: 'For clients that cannot send the header' },
		},
		additionalProperties: false,
	},
};
