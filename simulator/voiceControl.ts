import type { FastifyInstance } from 'fastify';
import type { Network } from './network';
import type { Phone } from './phone/phone';

const OGG = 'audio/ogg';

interface Members {
	Body: { participants?: string[]; admins?: string[]; followers?: string[] };
}

/** The part of the HTTP control that is about voice notes, groups and channels. */
export function addVoiceRoutes(
	server: FastifyInstance,
	network: Network,
	find: (id: string) => Phone,
): void {
	const phones = (numbers: string[] = []): Phone[] => numbers.map(find);
	server.get<{ Params: { id: string; message: string } }>(
		'/phones/:id/messages/:message/voice',
		({ params }, reply) => reply.type(OGG).send(find(params.id).voiceOf(Number(params.message))),
	);
	server.post<Members>('/groups', ({ body }, reply) =>
		reply.code(201).send({ jid: network.addGroup(phones(body?.participants)) }),
	);
	server.post<Members>('/channels', ({ body }, reply) =>
		reply
			.code(201)
			.send({ jid: network.addChannel(phones(body?.admins), phones(body?.followers)) }),
	);
}
