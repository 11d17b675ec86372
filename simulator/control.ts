import Fastify, { type FastifyInstance } from 'fastify';
import { addMediaRoutes } from './mediaControl';
import type { Network } from './network';
import type { Phone, PhoneOptions } from './phone/phone';
import type { PhoneScript } from './phone/script';
import { readConditions, type RelayConditions } from './relay/conditions';
import { UPLOAD_CONDITIONS, type UploadConditions } from './voice/mediaHost';
import { addVoiceRoutes } from './voiceControl';

/** What `POST /faults` may do to a network. */
export type Mishap =
	| { kind: 'cut'; seconds?: number }
	| { kind: 'restore' }
	| { kind: 'logOut' | 'replace'; phone: string }
	| { kind: 'streamError'; phone: string; code: number }
	/** Without a number, all of them. */
	| { kind: 'relay'; relay?: number; conditions: Partial<RelayConditions> }
	| { kind: 'endRelay'; relay?: number }
	| { kind: 'uploads'; uploads: UploadConditions }
	| { kind: 'exhaustKeys' | 'reinstall' | 'removeDevice'; phone: string; device: number };

interface WithId {
	Params: { id: string };
}

/** The HTTP control of a network, for tests in other processes. */
export class Control {
	private constructor(
		private readonly server: FastifyInstance,
		/** What `WHATSAPP_SIMULATOR_URL` is to be. */
		readonly url: string,
	) {}

	/** Listens; port 0 takes a free one. */
	static async listen(network: Network, host: string, port: number): Promise<Control> {
		const server = Fastify({ logger: false, forceCloseConnections: true });
		server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
			reply.code(error.statusCode ?? 400).send({ error: error.message }),
		);
		addPhoneRoutes(server, network);
		addCallRoutes(server, network);
		addFaultRoutes(server, network);
		addMediaRoutes(server, network, (id) => find(network, { params: { id } }));
		addVoiceRoutes(server, network, (id) => find(network, { params: { id } }));
		const url = await server.listen({ host, port });
		return new Control(server, url);
	}

	async close(): Promise<void> {
		await this.server.close();
	}
}

function addPhoneRoutes(server: FastifyInstance, network: Network): void {
	server.post<{ Body: PhoneOptions }>('/phones', (request, reply) => {
		if (!/^\d{5,15}$/.test(request.body?.number ?? '')) throw new Error('number: digits, please');
		return reply.code(201).send(describe(network, network.addPhone(request.body)));
	});
	server.get<WithId>('/phones/:id', (request) => describe(network, find(network, request)));
	server.post<WithId & { Body: { qr?: string; code?: string } }>('/phones/:id/scan', (request) => {
		const phone = find(network, request);
		const { qr, code } = request.body ?? {};
		if (qr !== undefined) return phone.scan(qr);
		if (code !== undefined) return phone.enterPairingCode(code);
		throw new Error('Give qr, the text of a QR code, or code, a pairing code');
	});
	server.post<WithId & { Body: Partial<PhoneScript> }>('/phones/:id/script', async (request) => {
		const phone = find(network, request);
		await phone.setScript(request.body ?? {});
		return phone.script;
	});
	server.post<WithId & { Body: { to: string; text: string } }>(
		'/phones/:id/message',
		async (request) => {
			const { to, text } = request.body;
			return { id: await find(network, request).sendText(to, text) };
		},
	);
	for (const button of ['answer', 'decline', 'hangUp'] as const) {
		server.post<WithId>(`/phones/:id/${button}`, (request) => {
			find(network, request)[button]();
			return { pressed: button };
		});
	}
	server.post<WithId & { Body: { to: string } }>('/phones/:id/trust', (request) => {
		const { to } = request.body;
		find(network, request).trust(to);
		return { trusted: to };
	});
}

function addCallRoutes(server: FastifyInstance, network: Network): void {
	server.get<WithId>('/calls/:id', ({ params }) => {
		const call = network.calls.get(params.id);
		if (!call) throw absent(`There is no call ${params.id}`);
		const { id, offeredAt, caller, callee } = call;
		const bridged = network.relays.lineOf(id)?.bridged ?? [];
		return { id, caller: caller.lid, callee: callee.number, offeredAt, bridged };
	});
}

function addFaultRoutes(server: FastifyInstance, network: Network): void {
	server.get('/faults', () => network.faults.list);
	server.delete('/faults', () => network.takeFaults());
	server.post<{ Body: Mishap }>('/faults', async (request) => {
		await cause(network, request.body);
		return { done: request.body.kind };
	});
}

function cause(network: Network, mishap: Mishap): void | Promise<void> {
	const phone = () => find(network, { params: { id: 'phone' in mishap ? mishap.phone : '' } });
	switch (mishap.kind) {
		case 'cut':
			return network.cut(mishap.seconds);
		case 'restore':
			return network.restore();
		case 'logOut':
			return network.logOut(phone());
		case 'replace':
			return network.replace(phone());
		case 'streamError':
			return network.streamError(phone(), mishap.code);
		case 'relay':
			return network.relays.change(readConditions(mishap.conditions), mishap.relay);
		case 'endRelay':
			return network.relays.end(mishap.relay);
		case 'uploads':
			if (!UPLOAD_CONDITIONS.includes(mishap.uploads)) throw new Error('uploads is unknown');
			network.media.uploads = mishap.uploads;
			return;
		case 'exhaustKeys':
			return phone().exhaustKeys(mishap.device);
		case 'reinstall':
			return phone().reinstall(mishap.device);
		case 'removeDevice':
			return phone().removeDevice(mishap.device);
		default:
			throw new Error('kind is unknown');
	}
}

function find(network: Network, { params }: { params: { id: string } }): Phone {
	const phone = network.phones.get(params.id);
	if (!phone) throw absent(`There is no phone ${params.id}`);
	return phone;
}

function absent(message: string): Error {
	return Object.assign(new Error(message), { statusCode: 404 });
}

function describe(network: Network, phone: Phone): Record<string, unknown> {
	return {
		id: phone.id,
		jid: phone.jid,
		lid: phone.lid,
		devices: phone.devices.map(({ id, online }) => ({ id, online })),
		clients: network.clientsOf(phone).map((client) => ({
			device: client.id,
			online: client.line?.isOpen === true,
		})),
		script: phone.script,
		seen: phone.seen,
	};
}
