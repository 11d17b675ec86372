import type { FastifyInstance } from 'fastify';
import { hasBody } from './arrival';
import { newStanzaId } from './identifiers';
import { asRefusal, Refusal, voiceApiError } from './refusal';
import { readObject } from './requestParts';
import type { ContractState } from './state';
import type { ReceivedRequest } from './types';

const CREDENTIALS = ['instance_id', 'access_token'];
const REQUIRED = ['chatId', 'file[url]', 'file[filename]', 'file[mimetype]', 'convert'];
const OPTIONAL = ['reply_to'];
const PARAMETERS = [...CREDENTIALS, ...REQUIRED, ...OPTIONAL];

const CHAT_ID = /^\d[\d-]*@(c\.us|g\.us|newsletter)$/;

type Parameters = Record<string, string | boolean>;

/**
 * The Voice API. Its parameters come by exactly one of three ways: all in a JSON body, all in the
 * query, or the credentials in the query and the rest in a JSON body.
 */
export function voiceApiRoutes(scope: FastifyInstance, state: ContractState): void {
	scope.setErrorHandler((error, _request, reply) => {
		const { status, message } = asRefusal(error);
		return reply.code(status).send(voiceApiError(status, message));
	});

	scope.post('/v2/send/voice', async (request) => {
		const parameters = readParameters(request.received);
		for (const name of CREDENTIALS) {
			requireParameter(parameters, name);
		}
		const account = state.voiceAccounts.find(
			({ instanceId, accessToken }) =>
				instanceId === parameters.instance_id && accessToken === parameters.access_token,
		);
		if (account === undefined) {
			throw new Refusal(401, 'Invalid access token');
		}
		checkValues(parameters);
		const messageId = newStanzaId();
		state.voiceNotes.push({
			api: 'voiceApi',
			instance: account.instanceId,
			messageId,
			parameters,
		});
		return sentMessage(messageId, parameters, Math.floor(state.now() / 1000));
	});
}

function readParameters(received: ReceivedRequest): Parameters {
	const { query } = received;
	const body = hasBody(received) ? readObject(received) : undefined;
	const inQuery = Object.keys(query);
	const inBody = Object.keys(body ?? {});
	for (const name of [...inQuery, ...inBody]) {
		if (!PARAMETERS.includes(name)) {
			throw new Refusal(400, `Unknown parameter: ${name}`);
		}
	}
	const mixed =
		inQuery.some((name) => !CREDENTIALS.includes(name)) ||
		inBody.some((name) => CREDENTIALS.includes(name));
	if (body !== undefined && inQuery.length > 0 && mixed) {
		throw new Refusal(
			400,
			'Send all parameters in the body, all in the query, or only instance_id and access_token in the query',
		);
	}
	const parameters: Parameters = {};
	for (const [name, value] of Object.entries(query)) {
		parameters[name] = name === 'convert' ? readBooleanText(value) : value;
	}
	for (const [name, value] of Object.entries(body ?? {})) {
		parameters[name] = requireType(name, value);
	}
	return parameters;
}

function readBooleanText(text: string): boolean {
	if (text !== 'true' && text !== 'false') {
		throw new Refusal(400, 'convert must be true or false');
	}
	return text === 'true';
}

function requireType(name: string, value: unknown): string | boolean {
	if (name === 'convert' ? typeof value === 'boolean' : typeof value === 'string') {
		return value as string | boolean;
	}
	throw new Refusal(400, `${name} must be a ${name === 'convert' ? 'boolean' : 'string'}`);
}

function requireParameter(parameters: Parameters, name: string): void {
	if (parameters[name] === undefined || parameters[name] === '') {
		throw new Refusal(400, `Missing parameter: ${name}`);
	}
}

function checkValues(parameters: Parameters): void {
	for (const name of REQUIRED) {
		requireParameter(parameters, name);
	}
	if (!CHAT_ID.test(String(parameters.chatId))) {
		throw new Refusal(400, 'chatId must end with @c.us, @g.us or @newsletter');
	}
	const url = String(parameters['file[url]']);
	if (!/^https:\/\//i.test(url) || !URL.canParse(url)) {
		throw new Refusal(400, 'file[url] must be an HTTPS URL');
	}
}

/** The message object of the contract, with every field it documents; `timestamp` in Unix seconds. */
function sentMessage(messageId: string, parameters: Parameters, timestamp: number) {
	const chat = String(parameters.chatId);
	const id = {
		fromMe: true,
		remote: chat,
		id: messageId,
		_serialized: `true_${chat}_${messageId}`,
	};
	const message = {
		mediaKey: Buffer.alloc(32).toString('base64'),
		id,
		ack: 0,
		hasMedia: true,
		body: '',
		type: 'ptt',
		timestamp,
		from: '5511988880000@c.us',
		to: chat,
		deviceType: 'android',
		isForwarded: false,
		forwardingScore: 0,
		isStatus: false,
		isStarred: false,
		fromMe: true,
		hasQuotedMsg: parameters.reply_to !== undefined,
		hasReaction: false,
		vCards: [],
		mentionedIds: [],
		groupMentions: [],
		isGif: false,
		links: [],
	};
	return { _data: { id, type: message.type, t: timestamp, to: chat }, ...message };
}
