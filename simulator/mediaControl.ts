import type { FastifyInstance } from 'fastify';
import { readWav, writeWav } from './media/wav';
import type { Network } from './network';
import type { Phone } from './phone/phone';

const WAV = 'audio/wav';
/** Half an hour of speech. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The part of the HTTP control that is about sound and relays. */
export function addMediaRoutes(
	server: FastifyInstance,
	network: Network,
	find: (id: string) => Phone,
): void {
	server.addContentTypeParser(
		[WAV, 'audio/x-wav', 'application/octet-stream'],
		{ parseAs: 'buffer', bodyLimit: MOST_BYTES },
		(_request, body, done) => done(null, body),
	);
	server.get<{ Params: { id: string; call: string } }>(
		'/phones/:id/calls/:call/heard',
		async ({ params }, reply) => {
			const pcm = await find(params.id).mediaOf(Number(params.call)).heard();
			return reply.type(WAV).send(writeWav(pcm));
		},
	);
	server.post<{ Params: { id: string } }>(
		'/phones/:id/speak',
		{ bodyLimit: MOST_BYTES },
		({ params, body }) => {
			if (!Buffer.isBuffer(body)) throw new Error('Send a WAV file, as audio/wav');
			const pcm = readWav(body);
			const phone = find(params.id);
			if (!phone.isInCall) throw new Error(`The phone ${phone.id} is in no call`);
			// It is said while the caller goes on: nobody waits for the end.
			phone.speak(pcm).catch((error: unknown) => network.faults.add('simulator', String(error)));
			return { samples: pcm.length };
		},
	);
	server.get('/relays', () =>
		network.relays.list.map(({ name, host, port, ports, conditions, clients }) => {
			const { fingerprint } = network.relays;
			return { name, host, port, ports, fingerprint, conditions, clients };
		}),
	);
}
