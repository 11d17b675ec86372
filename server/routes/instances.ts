import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context';
import { numberJidOf, type Instance } from '../instances/instance';
import { invalidToken } from '../refusal';
import { answers, INSTANCE_NAME, instanceParams, noQuery, textProperty } from '../schemas';
import { REFUSAL } from '../validation';

/** Where instances are created: RyzeAPI's contract limits it by itself. */
export const CREATION_ROUTE = '/api/instance/new';

interface Route {
	Params: { instance: string };
}

/** The instance routes of RyzeAPI's contract. */
export function instanceRoutes(scope: FastifyInstance, context: ServerContext): void {
	const { calls, channels, instances } = context;

	scope.post<{ Body: { name: string; token?: string } }>(
		CREATION_ROUTE,
		{
			schema: NEW,
			onRequest: async ({ caller }) => {
				if (caller.kind !== 'account') {
					throw invalidToken();
				}
			},
		},
		async ({ body }) => {
			const instance = await instances.create(body.name, body.token || undefined);
			const { token } = instance.stored;
			return {
				success: true,
				message: 'Instance created',
				instance: { ...(await summary(instance)), token },
			};
		},
	);

	scope.get<Route & { Querystring: { number?: string } }>(
		'/api/instance/connect/:instance',
		{ schema: CONNECT },
		async ({ caller, params, query }) => {
			const instance = instances.find(params.instance, caller);
			const step = await instance.link(query.number);
			if (step.state === 'linked') {
				const { connection } = await instance.status();
				return connection === 'connected'
					? { success: true, message: 'Instance is already connected', status: 'connected' }
					: { success: true, message: 'Instance is linked and connects', status: 'connecting' };
			}
			if (step.method === 'code') {
				const message = 'Pairing code generated';
				return { success: true, message, pairingCode: step.code, status: 'pairing' };
			}
			const { toDataURL } = await import('qrcode');
			return {
				success: true,
				message: 'QR code generated',
				qrCode: step.qr,
				qrCodeBase64: await toDataURL(step.qr, { errorCorrectionLevel: 'L' }),
				status: 'qr',
			};
		},
	);

	scope.get<{ Querystring: { instanceName?: string } }>(
		'/api/instance/list',
		{ schema: LIST },
		async ({ caller, query }) => {
			const names = (query.instanceName ?? '')
				.split(',')
				.map((name) => name.trim())
				.filter((name) => name !== '');
			const [single] = names;
			const found =
				single !== undefined && names.length === 1
					? [instances.find(single, caller)]
					: instances
							.visibleTo(caller)
							.filter(({ name }) => names.length === 0 || names.includes(name));
			return {
				success: true,
				message: `${found.length} ${found.length === 1 ? 'Instance' : 'Instances'} found`,
				instances: await Promise.all(found.map(summary)),
			};
		},
	);

	scope.post<Route>(
		'/api/instance/logout/:instance',
		{
			schema: {
				...OF_INSTANCE,
				summary: 'Removes the device from its account; the instance stays',
			},
		},
		async ({ caller, params }) => {
			const instance = instances.find(params.instance, caller);
			await calls.hangUp(instance.name);
			await instance.logOut();
			return { success: true, message: 'Instance logged out' };
		},
	);

	scope.delete<Route>(
		'/api/instance/:instance',
		{ schema: { ...OF_INSTANCE, summary: 'Logs out and removes the instance' } },
		async ({ caller, params }) => {
			const instance = instances.find(params.instance, caller);
			await calls.hangUp(instance.name);
			await instances.remove(instance);
			calls.forget(instance.name);
			channels.closeOf(instance);
			return { success: true, message: 'Instance deleted' };
		},
	);
}

/** An instance as the list shows it; its token is no part of it. */
async function summary(instance: Instance) {
	const { connection, lastError, number } = await instance.status();
	return {
		name: instance.name,
		connection: {
			state: connection,
			numberJid: numberJidOf(number),
			...(lastError !== undefined && { lastError }),
		},
		profile: { name: null },
	};
}

const instanceProperty = {
	type: 'object',
	properties: {
		name: textProperty,
		connection: {
			type: 'object',
			properties: {
				state: {
					type: 'string',
					enum: ['connected', 'connecting', 'disconnected', 'loggedout'],
				},
				numberJid: { type: ['string', 'null'] },
			},
			additionalProperties: true,
		},
	},
	additionalProperties: true,
} as const;

const OF_INSTANCE = {
	tags: ['Instances'],
	params: instanceParams,
	querystring: noQuery,
	response: answers('Done', { message: textProperty }),
};

const NEW = {
	tags: ['Instances'],
	summary: 'Makes an instance; for the account token only',
	querystring: noQuery,
	body: {
		type: 'object',
		properties: {
			name: {
				type: 'string',
				allOf: [
					{ type: 'string', pattern: '\\S', [REFUSAL]: 'Instance name is required' },
					{
						type: 'string',
						pattern: INSTANCE_NAME,
						[REFUSAL]:
							'Invalid request body: name must have 1 to 64 letters, digits, dashes or underscores',
					},
				],
				description: '1 to 64 letters, digits, dashes or underscores',
				[REFUSAL]: 'Instance name is required',
			},
			token: {
				type: 'string',
				maxLength: 500,
				pattern: '^[\\x21-\\x7e]*$',
				description: 'The token of the instance; made when it is left out',
				[REFUSAL]: 'Invalid request body: token has characters that a header cannot carry',
			},
		},
		required: ['name'],
	},
	response: answers('The new instance, with its token', { instance: instanceProperty }),
};

const CONNECT = {
	tags: ['Instances'],
	summary: 'Starts to link a phone; waits up to a minute for the code',
	params: instanceParams,
	querystring: {
		type: 'object',
		properties: {
			number: {
				type: 'string',
				pattern: '^[1-9]\\d{4,14}$',
				description: 'Digits of the number to link, for a pairing code instead of a QR code',
				[REFUSAL]: 'Invalid request body: number must be a plain number like 5511999999999',
			},
		},
		additionalProperties: false,
	},
	response: answers('A QR code, a pairing code, or that it is connected', {
		status: { type: 'string', enum: ['qr', 'pairing', 'connected', 'connecting'] },
		qrCode: textProperty,
		qrCodeBase64: textProperty,
		pairingCode: textProperty,
	}),
};

const LIST = {
	tags: ['Instances'],
	summary: 'The instances that the token opens',
	querystring: {
		type: 'object',
		properties: { instanceName: { type: 'string', description: 'Names, with commas' } },
		additionalProperties: false,
	},
	response: answers('Instances', {
		message: textProperty,
		instances: { type: 'array', items: instanceProperty },
	}),
};
