import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Address, CallableAddress } from '../../../common/address';
import { CallError } from '../../../common/errors';
import type { CallReport, VoiceReport } from '../../../common/report';
import { asSentence } from '../../../common/text';
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
import {
	fetchRecording,
	isOwnServer,
	ownServerFields,
	refuseOwnServerFields,
	reportIn,
	waitingForEnd,
} from './ownServer';
import { requireSuccess, unclearSuccess } from './serverAnswer';
import { readService, requireText } from './service';
import { readRecordingField, soundOptionFields } from './soundOptions';

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
		...(operation === 'audioCall' ? soundOptionFields().map(onOwnServer) : []),
		numberOptionField('waitAtMostSeconds'),
		{
			displayName: 'Wait for Outcome',
			name: 'waitForOutcome',
			type: 'boolean',
			default: false,
			description:
				'Whether to wait until the call has ended, so that the item tells whether it was answered or declined. Otherwise the node goes on as soon as the server has accepted the call.',
		},
	];
}

/** RyzeAPI itself has none of these. */
function onOwnServer(field: INodeProperties): INodeProperties {
	const description = `${asSentence(field.description ?? '')} Needs the server of this package: RyzeAPI itself cannot do it.`;
	return { ...field, description };
}

class RyzeApiConnection implements Pick<Connection, 'audioCall' | 'fakeCall' | 'sendVoice'> {
	constructor(private readonly context: ConnectionContext) {}

	async fakeCall({ to, ringSeconds }: FakeCallRequest): Promise<CallReport> {
		const account = await this.account();
		const request: ApiRequest = {
			method: 'POST',
			path: `/api/call/fake/${account.instancePath}`,
			body: { number: phoneNumber(to), duration: ringSeconds },
			hasEffect: true,
		};
		const waits = this.context.options.waitForOutcome === true;
		const isOwn = waits && (await isOwnServer(this.context, account.service));
		return await this.call(account, request, waits, isOwn);
	}

	async audioCall({ to, audio }: AudioCallRequest): Promise<AudioCallResult> {
		const { options: chosen } = this.context;
		const field = readRecordingField(chosen);
		const wanted = ownServerFields(chosen);
		const number = phoneNumber(to);
		const account = await this.account();
		const waits = chosen.waitForOutcome === true || wanted.recordRecipient === true;
		const asks = waits || Object.keys(wanted).length > 0;
		const isOwn = asks && (await isOwnServer(this.context, account.service));
		if (!isOwn) {
			refuseOwnServerFields(wanted, account.service);
		}
		const request: ApiRequest = {
			method: 'POST',
			path: `/api/call/audio/${account.instancePath}`,
			body: bodyWithAudio({ number, ...wanted }, audio),
			hasEffect: true,
		};
		const report = await this.call(account, request, waits, isOwn);
		const ogg = wanted.recordRecipient === true ? await this.recording(account, report) : undefined;
		if (ogg === undefined) {
			return { report };
		}
		const { recordingSeconds } = report;
		const seconds = typeof recordingSeconds === 'number' ? recordingSeconds : 0;
		return { report, recording: { ogg, seconds, field } };
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

	/**
	 * Places a call. When somebody waits for its end, our own server answers then; of other servers
	 * it is told by events, which are listened for before.
	 */
	private async call(
		account: Account,
		request: ApiRequest,
		waits: boolean,
		isOwn: boolean,
	): Promise<CallReport> {
		if (!waits) {
			return this.placed(await this.request(account, request));
		}
		const waitSeconds = numberOption(this.context.options, 'waitAtMostSeconds');
		if (isOwn) {
			const answer = await this.request(account, waitingForEnd(request, waitSeconds));
			return { ...this.placed({}), ...reportIn(answer) };
		}
		const channel = await this.listen(account);
		try {
			const report = this.placed(await this.request(account, request));
			return { ...report, ...(await this.outcome(channel, report.callId, waitSeconds)) };
		} finally {
			channel.close();
		}
	}

	/** What the recipient said. The call has been: what goes wrong now is told as a hint. */
	private async recording(account: Account, report: CallReport): Promise<Uint8Array | undefined> {
		if (report.state !== 'ended') {
			this.hint(
				'The call had not ended within "Wait At Most", so there is no recording of the recipient.',
			);
			return undefined;
		}
		if (report.callId === undefined || report.recordingSeconds === undefined) {
			return undefined;
		}
		const { service, instancePath } = account;
		const fetched = fetchRecording(this.context, service, instancePath, report.callId);
		const ogg = await fetched.catch(() => undefined);
		if (ogg === undefined) {
			this.hint('The recording of the recipient could not be fetched from the server.');
		}
		return ogg;
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
