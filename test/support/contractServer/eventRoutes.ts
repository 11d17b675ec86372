import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { invalidBody, Refusal } from './refusal';
import { allowQuery, findInstance, instanceName, readFields } from './requestParts';
import type { ContractState } from './state';
import type { WebSocketConfig } from './types';
import { WEB_SOCKET_PREFIX } from './tokens';

const EVENT_TYPES = [
	'message.exchange',
	'message.status',
	'call.update',
	'group.flow',
	'instance.state',
	'label.update',
];
const MOST_ENABLED_WEBHOOKS = 3;

/** What the HTTP server hands over with a request for an upgrade. */
export interface Upgrade {
	socket: Duplex;
	head: Buffer;
}

/**
 * The event routes of RyzeAPI's contract. Webhooks are configured, but nothing is ever sent to them.
 *
 * @param takeUpgrade the upgrade behind a response, which then no longer writes to the socket
 */
export function eventRoutes(
	scope: FastifyInstance,
	state: ContractState,
	takeUpgrade: (response: ServerResponse) => Upgrade | undefined,
): void {
	const { channels, webhooks } = state;

	scope.post('/api/events/websocket/:instance', async (request) => {
		instanceName(request);
		allowQuery(request);
		const { enabled, events, mediaBase64 } = readFields(request, {
			enabled: 'boolean',
			events: 'strings',
			mediaBase64: 'boolean',
		});
		const config = {
			enabled: requireEnabled(enabled),
			...(events === undefined ? {} : { events: requireEventTypes(events) }),
			...(mediaBase64 === undefined ? {} : { mediaBase64 }),
		};
		channels.configure(findInstance(request, state).name, config);
		return { success: true, message: 'WebSocket configured', websocket: inFull(config) };
	});

	scope.get('/api/events/getWebsocket/:instance', async (request) => {
		allowQuery(request);
		const config = channels.config(findInstance(request, state).name);
		if (config === undefined) {
			throw new Refusal(404, 'WebSocket is not configured for this instance');
		}
		return { success: true, message: 'WebSocket found', websocket: inFull(config) };
	});

	scope.post('/api/events/webhook/:instance', async (request) => {
		instanceName(request);
		allowQuery(request);
		const fields = readFields(request, {
			label: 'string',
			enabled: 'boolean',
			url: 'string',
			authorization: 'string',
			byEvents: 'boolean',
			events: 'strings',
			mediaBase64: 'boolean',
		});
		const enabled = requireEnabled(fields.enabled);
		const url = fields.url ?? '';
		if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
			throw invalidBody('url must be an http(s) URL');
		}
		requireEventTypes(fields.events ?? []);
		const { name } = findInstance(request, state);
		const configured = new Map(webhooks.get(name)).set(url, { enabled });
		if ([...configured.values()].filter((each) => each.enabled).length > MOST_ENABLED_WEBHOOKS) {
			throw new Refusal(400, 'At most 3 webhooks can be enabled per instance');
		}
		webhooks.set(name, configured);
		return { success: true, message: 'Webhook configured', webhook: fields };
	});

	const webSockets = new WebSocketServer({ noServer: true });
	const upgrading = new WeakMap<
		IncomingMessage,
		{ request: FastifyRequest; reply: FastifyReply }
	>();
	webSockets.on('headers', (headers, raw) => {
		const { request, reply } = upgrading.get(raw) ?? {};
		for (const [name, value] of Object.entries(reply?.getHeaders() ?? {})) {
			headers.push(`${name}: ${String(value)}`);
		}
		if (request !== undefined) {
			request.received.status = 101;
		}
	});
	scope.get(`${WEB_SOCKET_PREFIX}:instance`, async (request, reply) => {
		allowQuery(request, 'token');
		const { name } = findInstance(request, state);
		if (channels.config(name)?.enabled !== true) {
			throw new Refusal(
				400,
				`WebSocket is not enabled for this instance. Configure it first using POST /api/events/websocket/${name}`,
			);
		}
		const upgrade = takeUpgrade(reply.raw);
		if (upgrade === undefined) {
			throw new Refusal(426, 'WebSocket upgrade required');
		}
		reply.hijack();
		// A faulty handshake is refused by ws itself; a good one becomes 101 above.
		request.received.status = 400;
		upgrading.set(request.raw, { request, reply });
		webSockets.handleUpgrade(request.raw, upgrade.socket, upgrade.head, (webSocket) =>
			channels.add(name, webSocket),
		);
	});
}

function requireEnabled(enabled: boolean | undefined): boolean {
	if (enabled === undefined) {
		throw invalidBody('enabled is required');
	}
	return enabled;
}

function requireEventTypes(events: string[]): string[] {
	const unknown = events.find((type) => !EVENT_TYPES.includes(type));
	if (unknown !== undefined) {
		throw invalidBody(`unknown event "${unknown}"`);
	}
	return events;
}

function inFull({ enabled, events = [], mediaBase64 = false }: WebSocketConfig) {
	return { enabled, events, mediaBase64 };
}
