import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Address, CallableAddress } from '../../../common/address';
import { CallError } from '../../../common/errors';
import type { CallReport, VoiceReport } from '../../../common/report';
import { numberOption, numberOptionField } from '../options';
import type { ApiRequest, Service } from './api';
import { reportOf } from './callEvents';
import type {
	AudioCallRequest,
	AudioCallResult,
	AudioSource,
	Connection,
	ConnectionContext,
	ConnectionDefinition,
	FakeCallRequest,
	OperationName,
	SendVoiceRequest,
} from './connection';
import { openEventChannel, type EventChannel } from './eventChannel';
import { subscriptionRequest } from './eventSubscription';
import { jsonWithBase64, sendRequest } from './http';
import { requireSuccess, unclearSuccess } from './serverAnswer';
import { readService, requireText } from './service';

const CREDENTIAL_NAME = 'ryzeApi';
const BASE64_BYTES_PER_GROUP = 3;
const BASE64_CHARACTERS_PER_GROUP = 4;

/** Everything a request needs, read from the credential once per item. */
interface Account {
	service: Service;
	/** Encoded for a path. */
	instancePath: string;
	/** Only for the event channel: requests get theirs from n8n. */
	token: string;
}

/** WhatsApp through a server that speaks RyzeAPI's contract. */
export const ryzeApi: ConnectionDefinition = {
	name: 'ryzeApi',
	displayName: 'RyzeAPI Server',
	description: "A hosted or own server that speaks RyzeAPI's contract",
	supports: ['audioCall', 'fakeCall', 'sendVoice'],
	options,
	open: (context) => new RyzeApiConnection(context),
};

function options(operation: OperationName): INodeProperties[] {
	const always = [
		numberOptionField('pauseBetweenCallsSeconds'),
		numberOptionField('timeoutSeconds'),
		numberOptionField('waitWhenRateLimitedSeconds'),
	];
	if (operation === 'sendVoice') {
		return always;
	}
	return [
		...always,
		numberOptionField('waitAtMostSeconds'),
		{
			displayName: 'Wait for Outcome',
			name: 'waitForOutcome',
			type: 'boolean',
			default: false,
			description:
				"Whether to listen to the server's events until the call has ended, so that the item tells whether it was answered or declined. Otherwise the node goes on as soon as the server has accepted the call.",
		},
	];
}

class RyzeApiConnection implements Pick<Connection, 'audioCall' | 'fakeCall' | 'sendVoice'> {
	constructor(private readonly context: ConnectionContext) {}

	async fakeCall({ to, ringSeconds }: FakeCallRequest): Promise<CallReport> {
		const account = await this.account();
		return await this.call(account, {
			method: 'POST',
			path: `/api/call/fake/${account.instancePath}`,
			body: { number: phoneNumber(to), duration: ringSeconds },
			hasEffect: true,
		});
	}

	async audioCall({ to, audio }: AudioCallRequest): Promise<AudioCallResult> {
		const account = await this.account();
		const report = await this.call(account, {
			method: 'POST',
			path: `/api/call/audio/${account.instancePath}`,
			body: bodyWithAudio({ number: phoneNumber(to) }, audio),
			hasEffect: true,
		});
		return { report };
	}

	async sendVoice(request: SendVoiceRequest): Promise<VoiceReport> {
		const { to, audio, replyTo, fileName, mimeType } = request;
		const account = await this.account();
		const fields: IDataObject = {
			number: recipient(to),
			mediaType: 'audio',
			isVoice: true,
			...(replyTo !== undefined && { replyTo }),
			...(fileName !== undefined && { fileName }),
			...(mimeType !== undefined && { mimeType }),
		};
		const answer = await this.request(account, {
			method: 'POST',
			path: `/api/message/media/${account.instancePath}`,
			body: bodyWithAudio(fields, audio),
			hasEffect: true,
		});
		const messageId = (answer.data as IDataObject | undefined)?.messageId ?? answer.messageId;
		return {
			...answer,
			success: true,
			...(typeof messageId === 'string' && { messageId }),
		};
	}

	/** Places a call; with `waitForOutcome` listens first and answers when it has ended. */
	private async call(account: Account, request: ApiRequest): Promise<CallReport> {
		if (this.context.options.waitForOutcome !== true) {
			return this.placed(await this.request(account, request));
		}
		const waitSeconds = numberOption(this.context.options, 'waitAtMostSeconds');
		const channel = await this.listen(account);
		try {
			const report = this.placed(await this.request(account, request));
			return { ...report, ...(await this.outcome(channel, report.callId, waitSeconds)) };
		} finally {
			channel.close();
		}
	}

	private placed(answer: IDataObject): CallReport {
		return {
			...answer,
			success: true,
			outcome: 'placed',
			placedAt: new Date(this.context.clock.now()).toISOString(),
		};
	}

	private async outcome(
		channel: EventChannel,
		callId: string | undefined,
		waitSeconds: number,
	): Promise<Partial<CallReport>> {
		const { clock, signal } = this.context;
		if (typeof callId !== 'string' || callId === '') {
			this.hint('The server did not tell the id of the call, so its outcome cannot be known.');
			return {};
		}
		const { progress, lost } = await channel.follow(callId, waitSeconds, clock, signal);
		if (lost) {
			this.hint(
				'The event channel of the server broke before the call had ended, so its outcome is not known.',
			);
		}
		return reportOf(progress);
	}

	private hint(message: string): void {
		const { functions, itemIndex } = this.context;
		functions.addExecutionHints({
			message: `Item ${itemIndex}: ${message}`,
			location: 'outputPane',
		});
	}

	/** Switches the instance's event channel on, where it is not, and opens it. */
	private async listen({ service, instancePath, token }: Account): Promise<EventChannel> {
		const send = async (request: ApiRequest) => await sendRequest(this.context, service, request);
		const current = await send({
			method: 'GET',
			path: `/api/events/getWebsocket/${instancePath}`,
			hasEffect: false,
		});
		const subscription = subscriptionRequest(instancePath, current);
		if (subscription !== undefined) {
			requireSuccess(await send(subscription), service, false);
		}
		const url = `${service.baseUrl.replace(/^http/, 'ws')}/ws/${instancePath}`;
		const timeoutSeconds = numberOption(this.context.options, 'timeoutSeconds');
		return await openEventChannel(url, token, timeoutSeconds, this.context.clock);
	}

	private async request(account: Account, request: ApiRequest): Promise<IDataObject> {
		const answer = await sendRequest(this.context, account.service, request);
		const json = requireSuccess(answer, account.service, request.hasEffect);
		if (json.success !== true) {
			throw unclearSuccess(answer.status, 'without saying that it succeeded');
		}
		return json;
	}

	private async account(): Promise<Account> {
		const { functions, itemIndex } = this.context;
		const { baseUrl, instance, token } = await functions.getCredentials(CREDENTIAL_NAME, itemIndex);
		const secret = requireText(token, 'Token');
		return {
			service: readService(CREDENTIAL_NAME, baseUrl, [secret]),
			instancePath: encodeURIComponent(requireText(instance, 'Instance')),
			token: secret,
		};
	}
}

/** RyzeAPI calls plain numbers; hidden ids (`@lid`) are for its message route only. */
function phoneNumber(to: CallableAddress): string {
	if (to.kind === 'phone') {
		return to.number;
	}
	throw new CallError('NOT_SUPPORTED', `A RyzeAPI server cannot call "${to.jid}"`, {
		hint: 'Enter the telephone number of this person: a call through RyzeAPI needs it.',
	});
}

function recipient(to: Address): string {
	return to.kind === 'phone' ? to.number : to.jid;
}

/** URLs go as they are, everything else as base64: exactly one source reaches the server. */
function bodyWithAudio(fields: IDataObject, audio: AudioSource): ApiRequest['body'] {
	if (audio.kind === 'url') {
		return { ...fields, mediaUrl: audio.url };
	}
	const groups = Math.ceil(audio.byteLength / BASE64_BYTES_PER_GROUP);
	return jsonWithBase64(
		fields,
		'mediaBase64',
		() => audio.base64(),
		groups * BASE64_CHARACTERS_PER_GROUP,
	);
}
