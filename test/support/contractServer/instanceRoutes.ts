import type { FastifyInstance } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { Instance } from './instances';
import { invalidBody, Refusal } from './refusal';
import { allowQuery, findInstance, readSomeFields } from './requestParts';
import type { ContractState } from './state';
import { CREATION_ROUTE, presentedToken } from './tokens';

const PHONE_NUMBER = /^[1-9]\d{4,14}$/;
/** Crockford's base 32: what WhatsApp's eight-character pairing codes are made of, without 0. */
const PAIRING_ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';
const PAIRING_CODE_LENGTH = 8;
/** One white pixel: nobody scans the QR codes of this server. */
const PNG_BASE64 =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=';

/** The instance routes of RyzeAPI's contract. Pairing answers at once and is never completed. */
export function instanceRoutes(scope: FastifyInstance, state: ContractState): void {
	const { instances, channels, webhooks } = state;

	scope.post(CREATION_ROUTE, async (request) => {
		if (!instances.isAccountToken(presentedToken(request.received))) {
			throw new Refusal(401, 'Invalid token');
		}
		allowQuery(request);
		const { name, token } = readSomeFields(request, { name: 'string', token: 'string' });
		if (name === undefined || name.trim() === '') {
			throw new Refusal(400, 'Instance name is required');
		}
		const instance = instances.create(name, token || undefined);
		return {
			success: true,
			message: 'Instance created',
			instance: { ...summary(instance), token: instance.token },
		};
	});

	scope.get('/api/instance/connect/:instance', async (request) => {
		allowQuery(request, 'number');
		const instance = findInstance(request, state);
		const { number } = request.received.query;
		if (number !== undefined && !PHONE_NUMBER.test(number)) {
			throw invalidBody('number must be a plain number like 5511999999999');
		}
		if (instance.state === 'connected') {
			return { success: true, message: 'Instance is already connected', status: 'connected' };
		}
		instances.setState(instance.name, 'connecting');
		return number === undefined ? qrCode() : pairingCode();
	});

	scope.get('/api/instance/list', async (request) => {
		allowQuery(request, 'instanceName');
		const token = presentedToken(request.received);
		const names = (request.received.query.instanceName ?? '')
			.split(',')
			.map((name) => name.trim())
			.filter((name) => name !== '');
		const found =
			names.length === 1
				? names.map((name) => instances.find(name, token))
				: instances
						.visibleTo(token)
						.filter(({ name }) => names.length === 0 || names.includes(name));
		const noun = found.length === 1 ? 'Instance' : 'Instances';
		return {
			success: true,
			message: `${found.length} ${noun} found`,
			instances: found.map(summary),
		};
	});

	scope.post('/api/instance/logout/:instance', async (request) => {
		allowQuery(request);
		instances.setState(findInstance(request, state).name, 'loggedout');
		return { success: true, message: 'Instance logged out' };
	});

	scope.delete('/api/instance/:instance', async (request) => {
		allowQuery(request);
		const { name } = findInstance(request, state);
		instances.delete(name);
		channels.configure(name, undefined);
		webhooks.delete(name);
		return { success: true, message: 'Instance deleted' };
	});
}

/** An instance as the list shows it; its token is no part of it. */
function summary({ name, state, numberJid }: Instance) {
	return {
		name,
		connection: { state, numberJid: numberJid ?? null },
		profile: { name: numberJid === undefined ? null : `Profile of ${name}` },
	};
}

function qrCode() {
	return {
		success: true,
		message: 'QR code generated',
		qrCode: `2@${randomBytes(48).toString('base64')}`,
		qrCodeBase64: `data:image/png;base64,${PNG_BASE64}`,
		status: 'qr',
	};
}

function pairingCode() {
	const characters = [...randomBytes(PAIRING_CODE_LENGTH)].map(
		(byte) => PAIRING_ALPHABET[byte % PAIRING_ALPHABET.length],
	);
	return {
		success: true,
		message: 'Pairing code generated',
		pairingCode: characters.join(''),
		status: 'pairing',
	};
}
