import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Address, CallableAddress } from '../../../common/address';
import type { Clock } from '../../../common/clock';
import type {
	CallReport,
	LinkReport,
	LogOutReport,
	SessionReport,
	VoiceReport,
} from '../../../common/report';

/**
 * A recording, from wherever the user has it.
 *
 * - `url`: an http(s) address, not fetched yet
 * - `file`: `byteLength` bytes, given again at each call of `base64()` as pieces that need no padding
 *   between them, so that a large file never becomes one giant string
 */
export type AudioSource =
	| { kind: 'url'; url: string }
	| { kind: 'file'; byteLength: number; base64(): Iterable<string> };

export interface FakeCallRequest {
	to: CallableAddress;
	/** Whole seconds, 1 to 60. */
	ringSeconds: number;
}

export interface AudioCallRequest {
	to: CallableAddress;
	audio: AudioSource;
}

/** What the recipient of a call said, as an OGG file. */
export interface CallRecording {
	ogg: Uint8Array;
	seconds: number;
	/** The binary field that the user wants it in. */
	field: string;
}

export interface AudioCallResult {
	report: CallReport;
	/** When it was asked for and there was something. */
	recording?: CallRecording;
}

export interface SendVoiceRequest {
	to: Address;
	audio: AudioSource;
	/** Id of the message replied to. */
	replyTo?: string;
	fileName?: string;
	mimeType?: string;
	/** Have the server transcode to OGG/Opus, where it can be told to. */
	convert: boolean;
}

export interface LinkRequest {
	/** Digits of the phone's number to link by a pairing code; by QR code when absent. */
	phone?: string;
}

/**
 * A way to reach WhatsApp. What goes wrong before a call is accepted is thrown as `CallError`;
 * from then on there is always a report.
 */
export interface Connection {
	fakeCall(request: FakeCallRequest): Promise<CallReport>;
	audioCall(request: AudioCallRequest): Promise<AudioCallResult>;
	sendVoice(request: SendVoiceRequest): Promise<VoiceReport>;
	linkDevice(request: LinkRequest): Promise<LinkReport>;
	sessionStatus(): Promise<SessionReport>;
	logOut(): Promise<LogOutReport>;
}

export type OperationName = keyof Connection;

/** What a connection is opened with, once for each item. */
export interface ConnectionContext {
	functions: IExecuteFunctions;
	itemIndex: number;
	/** The node's "Options" collection as the user filled it. */
	options: IDataObject;
	clock: Clock;
	/** Aborts when the execution is cancelled. */
	signal: AbortSignal | undefined;
}

/** An entry of the node's list of connections. */
export interface ConnectionDefinition {
	/** The value of the node's parameter `connection`, and of `connection` in the output. */
	name: string;
	displayName: string;
	description: string;
	supports: readonly OperationName[];
	/** What this connection adds to the "Options" of an operation. */
	options(operation: OperationName): INodeProperties[];
	/** The methods that `supports` names. */
	open(context: ConnectionContext): Partial<Connection>;
}
