import { basename } from 'node:path/posix';
import type { IDataObject } from 'n8n-workflow';
import type { Address } from '../../../common/address';
import { CallError } from '../../../common/errors';
import type { VoiceReport } from '../../../common/report';
import { numberOptionField } from '../options';
import type {
	Connection,
	ConnectionContext,
	ConnectionDefinition,
	SendVoiceRequest,
} from './connection';
import { sendRequest } from './http';
import { requireSuccess, unclearSuccess } from './serverAnswer';
import { readService, requireText } from './service';

const CREDENTIAL_NAME = 'wawpApi';
const DISPLAY_NAME = 'Voice API';
const VOICE_NOTE_MIME_TYPE = 'audio/ogg; codecs=opus';
const DEFAULT_FILE_NAME = 'voice.ogg';

const MIME_TYPE_OF_EXTENSION: Readonly<Record<string, string>> = {
	aac: 'audio/aac',
	amr: 'audio/amr',
	flac: 'audio/flac',
	m4a: 'audio/mp4',
	mp3: 'audio/mpeg',
	mp4: 'audio/mp4',
	oga: VOICE_NOTE_MIME_TYPE,
	ogg: VOICE_NOTE_MIME_TYPE,
	opus: VOICE_NOTE_MIME_TYPE,
	wav: 'audio/wav',
	webm: 'audio/webm',
};

/** Voice notes through a hosted API with an instance id and an access token (Wawp). */
export const voiceApi: ConnectionDefinition = {
	name: 'voiceApi',
	displayName: DISPLAY_NAME,
	description: 'A hosted API for voice messages with an instance ID and an access token (Wawp)',
	supports: ['sendVoice'],
	options: () => [
		numberOptionField('pauseBetweenCallsSeconds'),
		numberOptionField('timeoutSeconds'),
		numberOptionField('waitWhenRateLimitedSeconds'),
	],
	open: (context) => new VoiceApiConnection(context),
};

class VoiceApiConnection implements Pick<Connection, 'sendVoice'> {
	constructor(private readonly context: ConnectionContext) {}

	async sendVoice(request: SendVoiceRequest): Promise<VoiceReport> {
		const { to, audio, replyTo, convert, fileName, mimeType } = request;
		const chatId = chatIdOf(to);
		if (audio.kind !== 'url') {
			throw new CallError(
				'NOT_SUPPORTED',
				`The connection "${DISPLAY_NAME}" takes audio by URL only`,
				{
					hint: 'Choose the audio source "URL", or the connection "RyzeAPI Server", which also sends binary files and base64.',
				},
			);
		}
		if (!audio.url.startsWith('https:')) {
			throw new CallError(
				'AUDIO_SOURCE',
				`The connection "${DISPLAY_NAME}" fetches audio over https only`,
				{
					hint: 'Use the https:// address of the file, or the connection "RyzeAPI Server".',
				},
			);
		}
		const name = fileName ?? fileNameOf(audio.url);
		const parameters: IDataObject = {
			chatId,
			'file[url]': audio.url,
			'file[filename]': name,
			'file[mimetype]': mimeType ?? mimeTypeOf(name),
			convert,
			...(replyTo !== undefined && { reply_to: replyTo }),
		};
		const { functions, itemIndex } = this.context;
		const credential = await functions.getCredentials(CREDENTIAL_NAME, itemIndex);
		const accessToken = requireText(credential.accessToken, 'Access Token');
		requireText(credential.instanceId, 'Instance ID');
		const service = readService(CREDENTIAL_NAME, credential.baseUrl, [accessToken]);
		// The credential adds the instance id and the token, and moves the parameters to where the
		// user's "Send Parameters As" wants them.
		const answer = await sendRequest(this.context, service, {
			method: 'POST',
			path: '/v2/send/voice',
			body: parameters,
			hasEffect: true,
		});
		const message = requireSuccess(answer, service, true);
		const messageId = messageIdOf(message);
		if (messageId === undefined && message.success !== true) {
			throw unclearSuccess(answer.status, 'without the id of a message');
		}
		return { ...message, success: true, ...(messageId !== undefined && { messageId }) };
	}
}

/** `…@c.us` for persons, `…@g.us` for groups, `…@newsletter` for channels. */
function chatIdOf(to: Address): string {
	switch (to.kind) {
		case 'phone':
			return `${to.number}@c.us`;
		case 'lid':
			throw new CallError(
				'NOT_SUPPORTED',
				`The connection "${DISPLAY_NAME}" cannot reach "${to.jid}"`,
				{
					hint: 'Enter the telephone number of this person, or choose the connection "RyzeAPI Server".',
				},
			);
		default:
			return to.jid;
	}
}

function messageIdOf({ id }: IDataObject): string | undefined {
	if (typeof id === 'string' && id !== '') {
		return id;
	}
	const serialized = (id as IDataObject | undefined)?._serialized;
	return typeof serialized === 'string' ? serialized : undefined;
}

function fileNameOf(url: string): string {
	const name = decodedName(basename(new URL(url).pathname));
	return /\.[a-z0-9]{2,4}$/i.test(name) ? name : DEFAULT_FILE_NAME;
}

/** A path segment as text; as it stands when its escapes are broken. */
function decodedName(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

function mimeTypeOf(fileName: string): string {
	const extension = fileName.split('.').pop()?.toLowerCase() ?? '';
	return MIME_TYPE_OF_EXTENSION[extension] ?? VOICE_NOTE_MIME_TYPE;
}
