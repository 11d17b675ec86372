import Fastify, { type FastifyInstance } from 'fastify';
import type { Network } from './network';
import type { Phone, PhoneOptions } from './phone/phone';
import type { PhoneScript } from './phone/script';

/** What `POST /faults` may do to a network. */
export type Mishap =
	| { kind: 'cut'; seconds?: number }
	| { kind: 'restore' }
	| { kind: 'logOut' | 'replace'; phone: string }
	| { kind: 'streamError'; phone: string; code: number }
	| { kind: 'exhaustKeys' | 'reinstall' | 'removeDevice'; phone: string; device: number };

interface WithPhone {
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
		addFaultRoutes(server, network);
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
	server.get<WithPhone>('/phones/:id', (request) => describe(network, find(network, request)));
	server.post<WithPhone & { Body: { qr?: string; code?: string } }>(
		'/phones/:id/scan',
		(request) => {
			const phone = find(network, request);
			const { qr, code } = request.body ?? {};
			if (qr !== undefined) return phone.scan(qr);
			if (code !== undefined) return phone.enterPairingCode(code);
			throw new Error('Give qr, the text of a QR code, or code, a pairing code');
		},
	);
	server.post<WithPhone & { Body: Partial<PhoneScript> }>('/phones/:id/script', async (request) => {
		const phone = find(network, request);
		await phone.setScript(request.body ?? {});
		return phone.script;
	});
	server.post<WithPhone & { Body: { to: string; text: string } }>(
		'/phones/:id/message',
		async (request) => {
			const { to, text } = request.body;
			return { id: await find(network, request).sendText(to, text) };
		},
	);
}

function addFaultRoutes(server: FastifyInstance, network: Network): void {
	server.get('/faults', () => network.faults.list);
	server.delete('/faults', () => network.takeFaults());
	server.post<{ Body: Mishap }>('/faults', (request) => {
		cause(network, request.body);
		return { done: request.body.kind };
	});
}

function cause(network: Network, mishap: Mishap): void {
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
	if (!phone) throw Object.assign(new Error(`There is no phone ${params.id}`), { statusCode: 404 });
	return phone;
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
