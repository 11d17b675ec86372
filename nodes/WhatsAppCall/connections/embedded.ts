import type { ICredentialDataDecryptedObject, INodeProperties } from 'n8n-workflow';
import type {
	CallReport,
	LinkReport,
	LogOutReport,
	SessionReport,
	VoiceReport,
} from '../../../common/report';
import type { Phone, SessionLogger } from '../../../engine';
import type {
	AudioCallRequest,
	AudioCallResult,
	AudioSource,
	Connection,
	ConnectionContext,
	ConnectionDefinition,
	FakeCallRequest,
	LinkRequest,
	OperationName,
	SendVoiceRequest,
} from './connection';
import {
	audioCallOptionFields,
	fakeCallOptionFields,
	readAudioOptions,
	readCallOptions,
	readConversion,
	voiceOptionFields,
} from './embeddedOptions';
import { readRecordingField } from './soundOptions';
import { readSessionCredential, type SessionCredential } from './sessionCredential';

const CREDENTIAL_NAME = 'whatsAppSession';
const MILLISECONDS_PER_SECOND = 1_000;

type Supported = 'audioCall' | 'fakeCall' | 'linkDevice' | 'logOut' | 'sendVoice' | 'sessionStatus';

/** WhatsApp by ourselves: this process is a linked device of the user's account. */
export const embedded: ConnectionDefinition = {
	name: 'embedded',
	displayName: 'Embedded',
	description: 'No server: n8n itself is a linked device of your WhatsApp, like WhatsApp Web',
	supports: [
		'audioCall',
		'fakeCall',
		'linkDevice',
		'logOut',
		'sendVoice',
		'sessionStatus',
	] satisfies Supported[],
	options,
	open: (context) => new EmbeddedConnection(context),
};

function options(operation: OperationName): INodeProperties[] {
	switch (operation) {
		case 'fakeCall':
			return fakeCallOptionFields();
		case 'audioCall':
			return audioCallOptionFields();
		case 'sendVoice':
			return voiceOptionFields();
		default:
			return [];
	}
}

class EmbeddedConnection implements Pick<Connection, Supported> {
	constructor(private readonly context: ConnectionContext) {}

	async fakeCall({ to, ringSeconds }: FakeCallRequest): Promise<CallReport> {
		const { options: chosen, signal } = this.context;
		const { phone, session } = await this.open();
		return await phone.fakeCall({
			to,
			ringSeconds,
			callsPerDay: session.callsPerDay,
			...readCallOptions(chosen),
			...(signal !== undefined && { signal }),
		});
	}

	async audioCall({ to, audio }: AudioCallRequest): Promise<AudioCallResult> {
		const { options: chosen, signal } = this.context;
		const field = readRecordingField(chosen);
		const { phone, session } = await this.open();
		const { report, recording } = await phone.audioCall({
			to,
			audio: inputOf(audio),
			codec: session.codec,
			callsPerDay: session.callsPerDay,
			...readAudioOptions(chosen),
			...(signal !== undefined && { signal }),
		});
		if (recording === undefined) {
			return { report };
		}
		const seconds = recording.durationMs / MILLISECONDS_PER_SECOND;
		return { report, recording: { ogg: recording.ogg, seconds, field } };
	}

	async sendVoice({ to, audio, replyTo }: SendVoiceRequest): Promise<VoiceReport> {
		const { options: chosen, signal } = this.context;
		const conversion = readConversion(chosen);
		const { phone } = await this.open();
		const { jid, messageId, seconds, status } = await phone.sendVoiceNote({
			to,
			audio: inputOf(audio),
			conversion,
			...(replyTo !== undefined && { replyTo }),
			...(signal !== undefined && { signal }),
		});
		return { success: true, messageId, status, to: jid, seconds };
	}

	async linkDevice({ phone: number }: LinkRequest): Promise<LinkReport> {
		const { phone, session } = await this.open();
		const step = await phone.link(number);
		const known = { success: true, session: session.name } as const;
		if (step.state === 'linked') {
			return { ...known, message: `Linked to +${step.number}`, ...step };
		}
		const expiresAt = new Date(step.expiresAt).toISOString();
		if (step.method === 'qr') {
			const message =
				'On the phone, open WhatsApp > Settings > Linked devices > Link a device, and scan the QR code. When it has expired, run this again for the current one.';
			return { ...known, ...step, message, expiresAt };
		}
		const code = `${step.code.slice(0, 4)}-${step.code.slice(4)}`;
		const message = `On the phone with the number +${step.phone}, open WhatsApp > Settings > Linked devices > Link a device > Link with phone number instead, and enter ${code}.`;
		return { ...known, message, state: step.state, method: step.method, code, expiresAt };
	}

	async sessionStatus(): Promise<SessionReport> {
		const { phone, session } = await this.open();
		return { success: true, session: session.name, ...(await phone.status()) };
	}

	async logOut(): Promise<LogOutReport> {
		const { phone, session } = await this.open();
		const { removedFromAccount } = await phone.logOut();
		const message = removedFromAccount
			? 'The device was removed from the account, and its keys were deleted'
			: 'The keys were deleted. WhatsApp could not be told: if the phone still lists the device under Linked devices, remove it there.';
		return { success: true, message, session: session.name, removedFromAccount };
	}

	private async open(): Promise<{ phone: Phone; session: SessionCredential }> {
		const { functions, itemIndex } = this.context;
		return await openSession(
			await functions.getCredentials(CREDENTIAL_NAME, itemIndex),
			functions.logger,
		);
	}
}

/**
 * The phone of a credential. The engine is loaded here, and nowhere else.
 *
 * @throws CallError INVALID_OPTION, SESSION_UNREADABLE
 */
export async function openSession(
	fields: ICredentialDataDecryptedObject,
	logger: SessionLogger,
): Promise<{ phone: Phone; session: SessionCredential }> {
	const session = readSessionCredential(fields);
	const { openPhone } = await import('../../../engine/index.js');
	return { phone: openPhone({ ...session, logger }, process.env), session };
}

function inputOf(audio: AudioSource): { bytes: Uint8Array } | { text: string } {
	return audio.kind === 'url'
		? { text: audio.url }
		: { bytes: Buffer.concat([...audio.base64()].map((piece) => Buffer.from(piece, 'base64'))) };
}
