import fastify, { type FastifyInstance, type FastifyReply, type RouteOptions } from 'fastify';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BODY_LIMIT_BYTES, receiveRequests, record } from './arrival';
import { DroppingReader, KeepingReader } from './bodies';
import { callRoutes } from './callRoutes';
import { eventRoutes, type Upgrade } from './eventRoutes';
import { instanceRoutes } from './instanceRoutes';
import { messageRoutes } from './messageRoutes';
import { asRefusal, Refusal, ryzeApiError, voiceApiError } from './refusal';
import { ContractState } from './state';
import { limitRate, requireToken } from './tokens';
import type { ContractServer, ContractServerOptions } from './types';
import { voiceApiRoutes } from './voiceApiRoutes';

const VOICE_API_PREFIX = '/v2/';
const LONGEST_INSTANCE_NAME = 500;

/** What only the server's own process may ask for. */
export interface InternalOptions {
	/** Hash long texts of bodies as they come in, and keep no body. */
	dropBodies?: boolean;
	/** Routes outside of the contracts, neither recorded nor guarded. */
	control?: (state: ContractState) => RouteOptions[];
}

/** Opens the port and answers by the contracts until it is closed. */
export async function openContractServer(
	options: ContractServerOptions,
	{ dropBodies = false, control }: InternalOptions = {},
): Promise<ContractServer> {
	const { port = 0, host = '127.0.0.1', tls } = options;
	const state = new ContractState(options);
	const app = createApp(state, tls);
	const sockets = trackSockets(app);
	const takeUpgrade = routeUpgrades(app);

	app.register(async (scope) => {
		receiveRequests(scope, state, () =>
			dropBodies ? new DroppingReader(state.digests) : new KeepingReader(),
		);
		scope.setErrorHandler((error, _request, reply) => {
			const { status, message } = asRefusal(error);
			return reply.code(status).send(ryzeApiError(message));
		});
		scope.setNotFoundHandler((request, reply) => {
			const { path } = request.received;
			if (path.startsWith(VOICE_API_PREFIX)) {
				return reply.code(404).send(voiceApiError(404, 'Not found'));
			}
			limitRate(request, reply, state);
			throw new Refusal(404, 'Not found');
		});
		scope.register(async (ryzeApi) => {
			requireToken(ryzeApi, state);
			callRoutes(ryzeApi, state);
			messageRoutes(ryzeApi, state);
			instanceRoutes(ryzeApi, state);
			eventRoutes(ryzeApi, state, takeUpgrade);
		});
		scope.register(async (voiceApi) => voiceApiRoutes(voiceApi, state));
	});
	for (const route of control?.(state) ?? []) {
		app.route(route);
	}

	await app.listen({ port, host });
	const address = app.server.address() as AddressInfo;
	return contractServer(state, {
		scheme: tls === undefined ? 'http' : 'https',
		address,
		close: async () => {
			state.scripts.reset();
			sockets.forEach((socket) => socket.destroy());
			await app.close();
		},
	});
}

function createApp(state: ContractState, tls: ContractServerOptions['tls']): FastifyInstance {
	return fastify({
		bodyLimit: BODY_LIMIT_BYTES,
		exposeHeadRoutes: false,
		forceCloseConnections: true,
		routerOptions: { maxParamLength: LONGEST_INSTANCE_NAME },
		frameworkErrors: (_error, request, reply) => {
			// A path that cannot be decoded reaches no route, and so no hook.
			record(request.raw, state).status = 404;
			void (reply as FastifyReply).code(404).send(ryzeApiError('Not found'));
		},
		...(tls === undefined ? {} : { https: tls }),
	}) as FastifyInstance;
}

/** All connections that are open, upgraded ones included. */
function trackSockets(app: FastifyInstance): ReadonlySet<Socket> {
	const sockets = new Set<Socket>();
	app.server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
	});
	return sockets;
}

/**
 * Sends requests for an upgrade through the same hooks and routes as all others, with a response
 * that the route either uses for a refusal or trades for the socket.
 */
function routeUpgrades(app: FastifyInstance): (response: ServerResponse) => Upgrade | undefined {
	const upgrades = new WeakMap<ServerResponse, Upgrade>();
	app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		const response = new ServerResponse(request);
		response.shouldKeepAlive = false;
		response.assignSocket(socket as Socket);
		response.on('finish', () => socket.end());
		socket.on('error', () => socket.destroy());
		upgrades.set(response, { socket, head });
		app.routing(request, response);
	});
	return (response) => {
		const upgrade = upgrades.get(response);
		if (upgrade !== undefined) {
			response.detachSocket(upgrade.socket as Socket);
		}
		return upgrade;
	};
}

function contractServer(
	state: ContractState,
	opened: { scheme: string; address: AddressInfo; close: () => Promise<void> },
): ContractServer {
	const { address: bound, port, family } = opened.address;
	const host = family === 'IPv6' ? `[${bound}]` : bound;
	let closing: Promise<void> | undefined;
	return {
		url: `${opened.scheme}://${host}:${port}`,
		port,
		requests: state.requests,
		calls: state.calls,
		voiceNotes: state.voiceNotes,
		webSocketUpgrades: state.webSocketUpgrades,
		get openWebSockets() {
			return state.channels.openWebSockets;
		},
		failNext: (fault, when) => state.faults.add(fault, when?.path),
		eventsOfNextCall: (events) => state.scripts.add(events),
		sendEvent: (instance, frame) => void state.channels.send(instance, frame),
		dropWebSockets: () => state.channels.drop(),
		setInstanceState: (name, value) => state.instances.setState(name, value),
		configureWebSocket: (instance, config) => state.channels.configure(instance, config),
		webSocketConfig: (instance) => state.channels.config(instance),
		reset: () => state.reset(),
		close: () => (closing ??= opened.close()),
	};
}
