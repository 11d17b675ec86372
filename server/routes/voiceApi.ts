import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseAddress } from '../../common/address';
import { readSource, requireFormat, type AudioInput } from '../../engine';
import { asRefusal } from '../app';
import type { ServerContext } from '../context';
import type { Instance } from '../instances/instance';
import { limiter } from '../limits';
import { Refusal, voiceApiError } from '../refusal';
import { readVoiceParameters, type VoiceParameters } from './voiceParameters';

/**
 * `POST /v2/send/voice` of the Voice API: `instance_id` is an instance's name, `access_token` its
 * token.
 */
export function voiceApiRoutes(scope: FastifyInstance, context: ServerContext): void {
	const { clock, instances, settings } = context;
	const limit = limiter(scope, {
		perMinute: settings.requestsPerMinute,
		tokenOf: ({ voiceParameters }) => voiceParameters.access_token ?? '',
		isKnown: (token) => instances.callerOf(token) !== undefined,
		headers: false,
	});

	scope.decorateRequest('voiceParameters');
	scope.setErrorHandler((error, request, reply) => {
		const refusal = asRefusal(error, settings.bodyLimitBytes);
		if (refusal.status >= 500) {
			request.log.warn({ code: refusal.code ?? 'SERVER_ERROR' }, 'a voice note was not sent');
		}
		return reply.code(refusal.status).send(voiceApiError(refusal));
	});

	scope.post('/v2/send/voice', { schema: SEND }, async (request, reply) => {
		request.voiceParameters = readVoiceParameters(request.query, request.body);
		await limit(request, reply);
		const { voiceParameters: parameters } = request;
		const instance = authorized(request, context);
		const to = readChat(parameters.chatId);
		const audio = await readFile(parameters, settings);
		const { number } = await instance.status();
		const { messageId } = await instance.phone.sendVoiceNote({
			to,
			audio,
			conversion: { maximumBytes: settings.bodyLimitBytes },
			...(parameters.reply_to !== undefined && { replyTo: parameters.reply_to }),
		});
		return sentMessage(messageId, parameters, number, Math.floor(clock.now() / 1_000));
	});
}

declare module 'fastify' {
	interface FastifyRequest {
		voiceParameters: VoiceParameters;
	}
}

/** @throws Refusal 400, 401 */
function authorized({ voiceParameters }: FastifyRequest, { instances }: ServerContext): Instance {
	const name = required(voiceParameters, 'instance_id');
	const caller = instances.callerOf(required(voiceParameters, 'access_token'));
	const found =
		caller === undefined ? [] : instances.visibleTo(caller).filter((one) => one.name === name);
	const [instance] = found;
	if (instance === undefined) {
		throw new Refusal(401, 'Invalid access token');
	}
	return instance;
}

/** @throws Refusal 400; CallError INVALID_NUMBER */
function readChat(chatId: string | undefined) {
	const text = required({ chatId }, 'chatId');
	if (!/@(c\.us|g\.us|newsletter)$/.test(text)) {
		throw new Refusal(400, 'chatId must end with @c.us, @g.us or @newsletter');
	}
	return parseAddress(text);
}

/** The file, fetched. @throws Refusal 400; CallError with one of the AUDIO_ codes */
async function readFile(
	parameters: VoiceParameters,
	{ allowPrivateAddresses, bodyLimitBytes }: ServerContext['settings'],
): Promise<AudioInput> {
	const url = required(parameters, 'file[url]');
	const scheme = allowPrivateAddresses ? /^https?:\/\//i : /^https:\/\//i;
	if (!scheme.test(url) || !URL.canParse(url)) {
		throw new Refusal(400, 'file[url] must be an HTTPS URL');
	}
	const { bytes } = await readSource(
		{ text: url },
		{ maximumBytes: bodyLimitBytes, allowPrivateAddresses },
	);
	if (parameters.convert === false && requireFormat(bytes) !== 'ogg-opus') {
		throw new Refusal(400, 'file[url] is no OGG/Opus file, and convert is false', {
			code: 'AUDIO_FORMAT',
		});
	}
	return { bytes };
}

/** @throws Refusal 400 */
function required<Name extends string>(
	parameters: Partial<Record<Name, unknown>>,
	name: Name,
): string {
	const value = parameters[name];
	if (typeof value !== 'string' || value === '') {
		throw new Refusal(400, `Missing parameter: ${name}`);
	}
	return value;
}

/**
 * The message object with every field that the Voice API documents. The key of the media is nobody's
 * but the recipient's, so it is left empty.
 */
function sentMessage(
	messageId: string,
	{ chatId = '', reply_to: replyTo }: VoiceParameters,
	ownNumber: string | undefined,
	timestamp: number,
) {
	const _serialized = `true_${chatId}_${messageId}`;
	const id = { fromMe: true, remote: chatId, id: messageId, _serialized };
	const from = `${ownNumber ?? ''}@c.us`;
	return {
		_data: { id, type: 'ptt', t: timestamp, from, to: chatId },
		mediaKey: '',
		id,
		ack: 1,
		hasMedia: true,
		body: '',
		type: 'ptt',
		timestamp,
		from,
		to: chatId,
		deviceType: 'web',
		isForwarded: false,
		forwardingScore: 0,
		isStatus: false,
		isStarred: false,
		fromMe: true,
		hasQuotedMsg: replyTo !== undefined,
		hasReaction: false,
		vCards: [],
		mentionedIds: [],
		groupMentions: [],
		isGif: false,
		links: [],
	};
}

const SEND = {
	tags: ['Messages'],
	summary: 'Sends a voice note, in the shape of the Voice API (Wawp)',
	description:
		'Parameters come all in a JSON body, all in the query, or instance_id and access_token in the query and the rest in the body: instance_id, access_token, chatId, file[url], file[filename], file[mimetype], convert, reply_to.',
};
