import type { IDataObject } from 'n8n-workflow';
import { CallError } from '../../../common/errors';
import { CALL_OUTCOMES, type CallReport } from '../../../common/report';
import type { ApiRequest, Service } from './api';
import type { ConnectionContext } from './connection';
import { sendRequest } from './http';
import { readSoundOptions, soundOptionFields, type SoundOptions } from './soundOptions';

/**
 * What the server of this package can do beyond RyzeAPI's contract (docs/server.md): more options
 * of an audio call, an answer when the call has ended, what the recipient said.
 */

/** What its health page calls itself. */
const SERVER_NAME = 'n8n-nodes-whatsapp-call';
/** Ten minutes of Opus at the highest rate that phones use, and more. */
const MAXIMUM_RECORDING_BYTES = 16 * 1024 * 1024;

/** Its fields in the body of a call, each with the option of the node that it comes from. */
const OPTION_OF_FIELD = {
	afterPlaying: 'afterPlaying',
	pauseBetweenRepeats: 'pauseBetweenRepeatsSeconds',
	recordRecipient: 'recordRecipient',
	repeat: 'repeatTimes',
	ringAtMost: 'ringAtMostSeconds',
	stayOnLine: 'stayOnLineSeconds',
} as const;

type OwnField = keyof typeof OPTION_OF_FIELD;

/** Fields of a body that other servers do not know. */
export type OwnServerFields = Partial<Record<OwnField, boolean | number | string>>;

/**
 * Whether the server of a credential is the one of this package.
 *
 * @throws CallError NETWORK_UNREACHABLE, RATE_LIMITED, CANCELLED
 */
export async function isOwnServer(context: ConnectionContext, service: Service): Promise<boolean> {
	const request: ApiRequest = { method: 'GET', path: '/healthz', hasEffect: false };
	const { status, json } = await sendRequest(context, service, request);
	return status === 200 && json?.name === SERVER_NAME && typeof json.version === 'string';
}

/**
 * What the user wants that only this server can do. An option that was added and left as it is asks
 * for nothing.
 *
 * @throws CallError INVALID_OPTION
 */
export function ownServerFields(options: IDataObject): OwnServerFields {
	const wanted = readSoundOptions(options);
	const usual = readSoundOptions({});
	const differs = (name: keyof SoundOptions) => wanted[name] !== usual[name];
	return {
		...(differs('ringAtMostSeconds') && { ringAtMost: wanted.ringAtMostSeconds }),
		...(wanted.repeatTimes > 1 && { repeat: wanted.repeatTimes }),
		...(wanted.repeatTimes > 1 &&
			differs('pauseBetweenRepeatsSeconds') && {
				pauseBetweenRepeats: wanted.pauseBetweenRepeatsSeconds,
			}),
		...(wanted.staysOnLine && { afterPlaying: 'stay', stayOnLine: wanted.stayOnLineSeconds }),
		...(wanted.recordsRecipient && { recordRecipient: true }),
	};
}

/** @throws CallError NOT_SUPPORTED, naming the options that a server of another kind does not know */
export function refuseOwnServerFields(fields: OwnServerFields, service: Service): void {
	const options = Object.keys(fields).map((field) => OPTION_OF_FIELD[field as OwnField]);
	const names = soundOptionFields()
		.filter(({ name }) => options.some((option) => option === name))
		.map(({ displayName }) => displayName);
	if (names.length > 0) {
		throw new CallError(
			'NOT_SUPPORTED',
			`The server ${service.baseUrl} does not know the ${names.length === 1 ? 'option' : 'options'} ${names.join(', ')}`,
			{
				hint: 'Remove it from this node, choose the connection Embedded, or run the server of this package. Nobody was called.',
			},
		);
	}
}

/** A call's request, so that its answer comes when the call has ended, or after `waitSeconds`. */
export function waitingForEnd(request: ApiRequest, waitSeconds: number): ApiRequest {
	const query = { ...request.query, wait: 'true', waitAtMost: waitSeconds };
	return { ...request, query, answerAfterSeconds: waitSeconds };
}

/** The report in the answer to such a request. */
export function reportIn(answer: IDataObject): Partial<CallReport> {
	const known = { ...answer };
	// Where to fetch it; the node's report names a binary field here.
	delete known.recording;
	return { ...known, outcome: CALL_OUTCOMES.find((one) => one === answer.outcome) ?? 'placed' };
}

/** @throws CallError when it cannot be fetched */
export async function fetchRecording(
	context: ConnectionContext,
	service: Service,
	instancePath: string,
	callId: string,
): Promise<Uint8Array | undefined> {
	const { status, bytes } = await sendRequest(context, service, {
		method: 'GET',
		path: `/api/call/${instancePath}/${encodeURIComponent(callId)}/recording`,
		maximumAnswerBytes: MAXIMUM_RECORDING_BYTES,
		hasEffect: false,
	});
	return status === 200 ? bytes : undefined;
}
