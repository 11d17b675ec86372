import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallError } from '../../common/errors';
import { setAside, writeAtomically } from './atomicFile';
import type { AuthenticationCreds, StoreCodec } from './baileysTypes';
import { errorCodeOf } from './nodeErrors';
import { hasHeader, openBox, PASSPHRASE_FILE, type Box } from './secretBox';

export const CREDS_FILE = 'creds';

const PURPOSE = 'creds';
/** Before sealed credentials; plain ones are JSON and begin with a brace. */
const SEALED = Buffer.from('WACREDS1');

/** Whether the folder holds credentials, and whether they are sealed. */
export async function credsForm(folder: string): Promise<'absent' | 'plain' | 'sealed'> {
	const start = Buffer.alloc(SEALED.length);
	try {
		const file = await open(join(folder, CREDS_FILE), 'r');
		try {
			await file.read(start, 0, start.length, 0);
		} finally {
			await file.close();
		}
	} catch (error) {
		if (errorCodeOf(error) === 'ENOENT') {
			return 'absent';
		}
		throw unreadable(errorCodeOf(error));
	}
	return start.equals(SEALED) ? 'sealed' : 'plain';
}

/**
 * The box that fits the credentials of a folder; a new one when there are none yet. A header of
 * another passphrase protects nothing then, unless something damaged: it is set aside.
 *
 * @throws CallError SESSION_UNREADABLE, as `openBox`
 */
export async function openCredsBox(
	folder: string,
	passphrase: string | undefined,
	now: number,
): Promise<Box> {
	const form = await credsForm(folder);
	if (form === 'sealed' && !(await hasHeader(folder))) {
		throw new CallError(
			'SESSION_UNREADABLE',
			`The session is encrypted, but its file ${PASSPHRASE_FILE} is missing`,
			{
				hint: 'Put the file back from a backup. Without one, remove the folder of the session and link the device again.',
			},
		);
	}
	if (form !== 'absent') {
		return openBox(folder, passphrase, { mayCreate: false });
	}
	try {
		return await openBox(folder, passphrase, { mayCreate: true });
	} catch (error) {
		if (errorCodeOf(error) !== 'SESSION_UNREADABLE') {
			throw error;
		}
		await setAside(join(folder, PASSPHRASE_FILE), now);
		return openBox(folder, passphrase, { mayCreate: true });
	}
}

/**
 * The credentials of a session, or undefined when there are none.
 *
 * @returns `damaged` when they cannot be understood
 * @throws CallError SESSION_UNREADABLE when the file cannot be read
 */
export async function readCreds(
	folder: string,
	box: Box,
	{ BufferJSON }: StoreCodec,
): Promise<AuthenticationCreds | 'damaged' | undefined> {
	const form = await credsForm(folder);
	if (form === 'absent') {
		return undefined;
	}
	if ((form === 'sealed') !== box.encrypts) {
		// Whoever put plain credentials beside a header: they are not the session's own.
		return 'damaged';
	}
	let content: Buffer;
	try {
		content = await readFile(join(folder, CREDS_FILE));
	} catch (error) {
		throw unreadable(errorCodeOf(error));
	}
	try {
		const text = form === 'sealed' ? box.open(content.subarray(SEALED.length), PURPOSE) : content;
		const creds: unknown = JSON.parse(text.toString('utf8'), BufferJSON.reviver);
		return isCreds(creds) ? creds : 'damaged';
	} catch {
		return 'damaged';
	}
}

export function encodeCreds(
	creds: AuthenticationCreds,
	box: Box,
	{ BufferJSON }: StoreCodec,
): Buffer {
	const text = Buffer.from(JSON.stringify(creds, BufferJSON.replacer));
	return box.encrypts ? Buffer.concat([SEALED, box.seal(text, PURPOSE)]) : text;
}

export async function writeCreds(folder: string, encoded: Buffer): Promise<void> {
	await writeAtomically(join(folder, CREDS_FILE), encoded);
}

/** Renames damaged credentials, and says so. */
export async function refuseCreds(folder: string, now: number): Promise<CallError> {
	const aside = await setAside(join(folder, CREDS_FILE), now);
	return new CallError(
		'SESSION_UNREADABLE',
		`The credentials of the session are damaged; the file was kept as ${aside}`,
		{ hint: 'Link the device again, or put the folder of the session back from a backup.' },
	);
}

function unreadable(reason: string): CallError {
	return new CallError(
		'SESSION_UNREADABLE',
		`The file ${CREDS_FILE} of the session cannot be read: ${reason}`,
		{ hint: 'The user that n8n runs as must be able to read and write the folder of the session.' },
	);
}

function isCreds(value: unknown): value is AuthenticationCreds {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const { noiseKey, signedIdentityKey, signedPreKey, advSecretKey, nextPreKeyId } =
		value as Partial<AuthenticationCreds>;
	return (
		[noiseKey, signedIdentityKey, signedPreKey?.keyPair].every(
			(pair) => pair?.private instanceof Uint8Array && pair.public instanceof Uint8Array,
		) &&
		typeof advSecretKey === 'string' &&
		typeof nextPreKeyId === 'number'
	);
}
