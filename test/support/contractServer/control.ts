import type { RouteOptions } from 'fastify';
import type { ContractState } from './state';
import type { ReceivedRequest } from './types';

/** Base64 texts longer than this, in characters, are described instead of shown. */
const LONGEST_SHOWN_TEXT = 256;
/** In place of a long text that was dropped and has no digest. */
const DROPPED_TEXT = '(dropped: not base64)';

/**
 * How another process asks what arrived and changes the server's state:
 *
 * - GET `/__control/requests` -> `{requests, webSocketUpgrades, calls, voiceNotes}`, long base64 as
 *   `{bytes, sha256}` of the decoded data, with `dataUri` where it was in a data URI
 * - POST `/__control/reset` -> `{}`
 * - POST `/__control/state` `{name, state}` -> `{}`, 404 for an unknown instance
 */
export function controlRoutes(state: ContractState): RouteOptions[] {
	return [
		{
			method: 'GET',
			url: '/__control/requests',
			handler: async () => ({
				requests: state.requests.map((request) => describe(request, state)),
				webSocketUpgrades: state.webSocketUpgrades.map((request) => describe(request, state)),
				calls: describeTexts(state.calls, state),
				voiceNotes: describeTexts(state.voiceNotes, state),
			}),
		},
		{
			method: 'POST',
			url: '/__control/reset',
			handler: async () => {
				state.reset();
				return {};
			},
		},
		{
			method: 'POST',
			url: '/__control/state',
			schema: {
				body: {
					type: 'object',
					required: ['name', 'state'],
					properties: { name: { type: 'string' }, state: { type: 'string' } },
				},
			},
			handler: async (request, reply) => {
				const { name, state: value } = request.body as { name: string; state: string };
				try {
					state.instances.setState(name, value);
				} catch (error) {
					return reply.code(404).send({ message: (error as Error).message });
				}
				return {};
			},
		},
	];
}

function describe({ method, path, query, status, body }: ReceivedRequest, state: ContractState) {
	return { method, path, query, status, body: describeTexts(body, state) };
}

function describeTexts(value: unknown, state: ContractState): unknown {
	if (typeof value === 'string') {
		if (value.length <= LONGEST_SHOWN_TEXT && !state.digests.isDropped(value)) {
			return value;
		}
		const { isBase64, ...digest } = state.digests.of(value);
		return isBase64 ? digest : state.digests.isDropped(value) ? DROPPED_TEXT : value;
	}
	if (Array.isArray(value)) {
		return value.map((each) => describeTexts(each, state));
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([name, each]) => [name, describeTexts(each, state)]),
		);
	}
	return value;
}
