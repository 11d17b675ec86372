import { isAbsolute } from 'node:path';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { CallError } from '../../../common/errors';

/** The credential "WhatsApp Session" as it is used. */
export interface SessionCredential {
	name: string;
	passphrase?: string;
	/** The folder of all sessions; the environment says it when absent. */
	data?: string;
	keepWarmMs: number;
	callsPerDay: number;
	/** What audio calls are sent in. */
	codec: SentCodec;
}

type SentCodec = 'escape' | 'mlow' | 'opus';

const MILLISECONDS_PER_SECOND = 1_000;
export const DEFAULT_SESSION = 'main';
export const KEEP_ALIVE_SECONDS = { default: 60, maximum: 86_400 };
export const CALLS_PER_DAY = { default: 100, maximum: 10_000 };

/**
 * Reads the fields of the credential; whether the name can be one, the engine knows.
 *
 * @throws CallError INVALID_OPTION
 */
export function readSessionCredential(fields: ICredentialDataDecryptedObject): SessionCredential {
	const name = textOf(fields.sessionName);
	const passphrase = typeof fields.passphrase === 'string' ? fields.passphrase : '';
	const data = fields.advanced === true ? textOf(fields.dataFolder) : '';
	if (data !== '' && !isAbsolute(data)) {
		throw new CallError('INVALID_OPTION', 'The Data Folder of the credential is not a full path', {
			hint: 'Enter a path that begins at the root, for example /home/node/.n8n/whatsapp-call, or leave it empty.',
		});
	}
	const keepAlive = fields.advanced === true ? fields.keepAliveSeconds : undefined;
	return {
		name: name === '' ? DEFAULT_SESSION : name,
		...(passphrase !== '' && { passphrase }),
		...(data !== '' && { data }),
		keepWarmMs:
			numberOf(keepAlive, 'Keep Connected', 0, KEEP_ALIVE_SECONDS) * MILLISECONDS_PER_SECOND,
		codec: codecOf(fields.advanced === true ? fields.codec : undefined),
		callsPerDay: numberOf(fields.callsPerDay, 'Most Calls Per Day', 1, CALLS_PER_DAY),
	};
}

function codecOf(value: unknown): SentCodec {
	return value === 'escape' || value === 'opus' ? value : 'mlow';
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

function numberOf(
	value: unknown,
	displayName: string,
	minimum: number,
	{ default: initial, maximum }: { default: number; maximum: number },
): number {
	if (value === undefined || value === null || value === '') {
		return initial;
	}
	const number = Number(value);
	if (!Number.isInteger(number) || number < minimum || number > maximum) {
		throw new CallError(
			'INVALID_OPTION',
			`"${displayName}" in the credential must be a whole number from ${minimum} to ${maximum}`,
			{ hint: 'Open the credential of this node and correct it.' },
		);
	}
	return number;
}
