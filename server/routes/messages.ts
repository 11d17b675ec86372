import type { FastifyInstance } from 'fastify';
import { parseAddress } from '../../common/address';
import type { ServerContext } from '../context';
import { readMedia } from '../media';
import { invalidBody } from '../refusal';
import {
	answers,
	instanceParams,
	mediaProperties,
	noQuery,
	number,
	textProperty,
} from '../schemas';
import { REFUSAL } from '../validation';

const MILLISECONDS_PER_SECOND = 1_000;
const LONGEST_DELAY_SECONDS = 60;

interface MediaBody {
	number: string;
	mediaType: 'audio';
	mediaUrl?: string;
	mediaBase64?: string;
	isVoice?: boolean;
	delay?: number;
	replyTo?: string;
	replyPrivate?: boolean;
}

/** The media message of RyzeAPI's contract, for audio: always a voice note. */
export function messageRoutes(
	scope: FastifyInstance,
	{ clock, instances, settings }: ServerContext,
): void {
	scope.post<{ Params: { instance: string }; Body: MediaBody }>(
		'/api/message/media/:instance',
		{ schema: MEDIA },
		async ({ body, caller, params }) => {
			const to = parseAddress(body.number);
			const audio = readMedia(body);
			if (body.isVoice === false) {
				throw invalidBody('only voice notes are sent, so isVoice cannot be false');
			}
			if (body.replyPrivate === true) {
				throw invalidBody('replyPrivate is not supported');
			}
			const { phone } = instances.find(params.instance, caller);
			if (body.delay !== undefined && body.delay > 0) {
				const seconds = Math.min(body.delay, LONGEST_DELAY_SECONDS);
				await clock.sleep(seconds * MILLISECONDS_PER_SECOND);
			}
			const { messageId, jid, status, seconds } = await phone.sendVoiceNote({
				to,
				audio,
				conversion: {
					maximumBytes: settings.bodyLimitBytes,
					allowPrivateAddresses: settings.allowPrivateAddresses,
				},
				...(body.replyTo !== undefined && body.replyTo !== '' && { replyTo: body.replyTo }),
			});
			return {
				success: true,
				message: 'Media sent',
				status: 'sent',
				data: { messageId, jid, status, seconds },
			};
		},
	);
}

const MEDIA = {
	tags: ['Messages'],
	summary: 'Sends a voice note to a person, a group or a channel',
	params: instanceParams,
	querystring: noQuery,
	body: {
		type: 'object',
		properties: {
			number: { ...number, description: 'A number, or a JID: also @g.us, @lid, @newsletter' },
			mediaType: {
				type: 'string',
				enum: ['audio'],
				[REFUSAL]: 'Invalid request body: mediaType must be "audio"',
			},
			...mediaProperties,
			isVoice: { type: 'boolean', description: 'Only true, which is the default' },
			mimeType: { type: 'string', description: 'Without effect: the file tells what it is' },
			fileName: { type: 'string', description: 'Without effect: voice notes have no name' },
			duration: {
				type: 'integer',
				minimum: 0,
				description: 'Without effect: it is measured',
				[REFUSAL]: 'Invalid request body: duration and delay must not be negative',
			},
			waveform: {
				type: 'array',
				items: { type: 'number' },
				description: 'Without effect: it is drawn from the recording',
			},
			delay: {
				type: 'number',
				minimum: 0,
				description: 'Seconds to wait before it is sent, at most 60',
				[REFUSAL]: 'Invalid request body: duration and delay must not be negative',
			},
			replyTo: { type: 'string', description: 'Id of the message that is replied to' },
			replyPrivate: { type: 'boolean', description: 'Not supported' },
		},
		required: ['number', 'mediaType'],
		additionalProperties: false,
	},
	response: answers('The voice note is sent', {
		status: textProperty,
		data: { type: 'object', properties: { messageId: textProperty }, additionalProperties: true },
	}),
};
