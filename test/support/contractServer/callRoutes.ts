import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newStanzaId } from './identifiers';
import { requireOneMedia } from './media';
import { readCallee } from './recipients';
import { Refusal } from './refusal';
import {
	allowQuery,
	findInstance,
	instanceName,
	readFields,
	requireConnected,
} from './requestParts';
import type { ContractState } from './state';
import type { PlacedCall } from './types';

const DEFAULT_DURATION_SECONDS = 8;
const LONGEST_DURATION_SECONDS = 60;

/** The call routes of RyzeAPI's contract. Checks run in the order in which it lists the errors. */
export function callRoutes(scope: FastifyInstance, state: ContractState): void {
	scope.post('/api/call/fake/:instance', async (request) => {
		instanceName(request);
		allowQuery(request);
		const fields = readFields(request, { number: 'string', duration: 'integer' });
		const number = readCallee(fields.number);
		const duration = readDuration(fields.duration);
		const callId = await place(request, state, { kind: 'fake', number, duration });
		return { success: true, message: 'Call placed successfully', callId, number, duration };
	});

	scope.post('/api/call/audio/:instance', async (request) => {
		instanceName(request);
		allowQuery(request);
		const { number: callee, ...media } = readFields(request, {
			number: 'string',
			mediaUrl: 'string',
			mediaBase64: 'string',
		});
		const number = readCallee(callee);
		requireOneMedia(media, state.digests);
		const callId = await place(request, state, { kind: 'audio', number, ...media });
		return { success: true, message: 'Audio call placed', callId, number };
	});
}

/** Seconds; left out or 0 means 8. */
function readDuration(duration: number | undefined): number {
	const seconds = duration || DEFAULT_DURATION_SECONDS;
	if (seconds < 1 || seconds > LONGEST_DURATION_SECONDS) {
		throw new Refusal(400, 'Duration must be between 1 and 60 seconds');
	}
	return seconds;
}

/** Executes a call; resolves with its id when the answer may go out. */
async function place(
	request: FastifyRequest,
	state: ContractState,
	call: Omit<PlacedCall, 'instance' | 'callId'>,
): Promise<string> {
	const instance = findInstance(request, state);
	requireConnected(instance);
	const callId = newStanzaId();
	state.calls.push({ ...call, instance: instance.name, callId });
	await state.scripts.play(instance.name, callId);
	return callId;
}
