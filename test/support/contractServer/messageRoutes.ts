import type { FastifyInstance } from 'fastify';
import { newStanzaId } from './identifiers';
import { requireOneMedia } from './media';
import { requireRecipient } from './recipients';
import { invalidBody } from './refusal';
import {
	allowQuery,
	findInstance,
	instanceName,
	readFields,
	requireConnected,
} from './requestParts';
import type { ContractState } from './state';

/** The media message of RyzeAPI's contract, for audio: a voice note unless `isVoice` is false. */
export function messageRoutes(scope: FastifyInstance, state: ContractState): void {
	scope.post('/api/message/media/:instance', async (request) => {
		instanceName(request);
		allowQuery(request);
		const fields = readFields(request, {
			number: 'string',
			mediaType: 'string',
			mediaUrl: 'string',
			mediaBase64: 'string',
			isVoice: 'boolean',
			mimeType: 'string',
			fileName: 'string',
			duration: 'integer',
			waveform: 'numbers',
			delay: 'number',
			replyTo: 'string',
			replyPrivate: 'boolean',
		});
		requireRecipient(fields.number);
		if (fields.mediaType !== 'audio') {
			throw invalidBody('mediaType must be "audio"');
		}
		if ((fields.duration ?? 0) < 0 || (fields.delay ?? 0) < 0) {
			throw invalidBody('duration and delay must not be negative');
		}
		requireOneMedia(fields, state.digests);
		const instance = findInstance(request, state);
		requireConnected(instance);
		const messageId = newStanzaId();
		state.voiceNotes.push({
			api: 'ryzeApi',
			instance: instance.name,
			messageId,
			parameters: { ...fields },
		});
		return { success: true, message: 'Media sent', status: 'sent', data: { messageId } };
	});
}
