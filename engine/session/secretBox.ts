import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallError } from '../../common/errors';
import { writeAtomically } from './atomicFile';
import { errorCodeOf } from './nodeErrors';

export const PASSPHRASE_FILE = 'passphrase.json';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SALT_BYTES = 16;
/** scrypt's cost: 64 MB and some 200 ms, once per opening. */
const COST = { N: 2 ** 16, r: 8, p: 1 } as const;
/** What a file may ask for: a header from elsewhere must not take all memory. */
const MAXIMUM_MEMORY = 256 * 1024 * 1024;
const CHECK_TEXT = 'n8n-nodes-whatsapp-call';
const CHECK_PURPOSE = 'passphrase';

/** Seals what is written into a session folder. `purpose` binds a text to its place. */
export interface Box {
	readonly encrypts: boolean;
	seal(plain: Uint8Array, purpose: string): Buffer;
	/** @throws Error when the text was changed, or sealed for another purpose or with another key */
	open(sealed: Uint8Array, purpose: string): Buffer;
}

/** For a session without a passphrase: content passes through. */
export const PLAIN_BOX: Box = {
	encrypts: false,
	seal: (plain) => Buffer.from(plain),
	open: (sealed) => Buffer.from(sealed),
};

interface Header {
	version: 1;
	salt: string;
	N: number;
	r: number;
	p: number;
	/** A known text, sealed: tells a wrong passphrase from damaged data. */
	check: string;
}

/**
 * The box of a session folder: AES-256-GCM with a key that scrypt makes of the passphrase. Salt and
 * cost stand in `passphrase.json`. The header is made when there is a passphrase and `mayCreate`
 * allows it, which is when the folder holds no session yet.
 *
 * @throws CallError SESSION_UNREADABLE for a wrong, missing or superfluous passphrase; nothing is
 * written then
 */
export async function openBox(
	folder: string,
	passphrase: string | undefined,
	{ mayCreate }: { mayCreate: boolean },
): Promise<Box> {
	const header = await readHeader(folder);
	const given = passphrase === undefined || passphrase === '' ? undefined : passphrase;
	if (given === undefined) {
		if (header !== undefined) {
			throw new CallError('SESSION_UNREADABLE', 'The session is encrypted', {
				hint: 'Enter its passphrase in the credential.',
			});
		}
		return PLAIN_BOX;
	}
	if (header !== undefined) {
		return checkedBox(header, given);
	}
	if (!mayCreate) {
		throw new CallError(
			'SESSION_UNREADABLE',
			'A passphrase was given, but the session is not encrypted',
			{
				hint: 'Remove the passphrase from the credential. To encrypt the session, log it out and link it again with a passphrase.',
			},
		);
	}
	return createBox(folder, given);
}

/** Whether a passphrase was ever set for the folder. */
export async function hasHeader(folder: string): Promise<boolean> {
	return (await readHeaderText(folder)) !== undefined;
}

async function createBox(folder: string, passphrase: string): Promise<Box> {
	const salt = randomBytes(SALT_BYTES);
	const box = keyedBox(await deriveKey(passphrase, salt, COST));
	const header: Header = {
		version: 1,
		salt: salt.toString('base64'),
		...COST,
		check: box.seal(Buffer.from(CHECK_TEXT), CHECK_PURPOSE).toString('base64'),
	};
	await writeAtomically(join(folder, PASSPHRASE_FILE), JSON.stringify(header));
	return box;
}

async function checkedBox(header: Header, passphrase: string): Promise<Box> {
	const box = keyedBox(await deriveKey(passphrase, Buffer.from(header.salt, 'base64'), header));
	try {
		if (box.open(Buffer.from(header.check, 'base64'), CHECK_PURPOSE).toString() === CHECK_TEXT) {
			return box;
		}
	} catch {
		// Told below: a wrong key and a changed text look alike.
	}
	throw new CallError('SESSION_UNREADABLE', 'The passphrase does not fit the session', {
		hint: 'Correct the passphrase in the credential. If it is lost, log the session out and link the device again.',
	});
}

function keyedBox(key: Buffer): Box {
	return {
		encrypts: true,
		seal(plain, purpose) {
			const nonce = randomBytes(NONCE_BYTES);
			const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
			cipher.setAAD(Buffer.from(purpose));
			return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
		},
		open(sealed, purpose) {
			if (sealed.length < NONCE_BYTES + TAG_BYTES) {
				throw new Error('The sealed text is too short');
			}
			const nonce = sealed.subarray(0, NONCE_BYTES);
			const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
			decipher.setAAD(Buffer.from(purpose));
			decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
			const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
			return Buffer.concat([plain, decipher.final()]);
		},
	};
}

function deriveKey(
	passphrase: string,
	salt: Buffer,
	{ N, r, p }: Pick<Header, 'N' | 'r' | 'p'>,
): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		// The same passphrase typed on two systems may be composed differently.
		scrypt(
			passphrase.normalize('NFKC'),
			salt,
			KEY_BYTES,
			{ N, r, p, maxmem: MAXIMUM_MEMORY },
			(error, key) => (error === null ? resolve(key) : reject(error)),
		);
	});
}

async function readHeader(folder: string): Promise<Header | undefined> {
	const text = await readHeaderText(folder);
	if (text === undefined) {
		return undefined;
	}
	const header = parseHeader(text);
	if (header === undefined) {
		throw unreadableHeader('its content is damaged');
	}
	return header;
}

async function readHeaderText(folder: string): Promise<string | undefined> {
	try {
		return await readFile(join(folder, PASSPHRASE_FILE), 'utf8');
	} catch (error) {
		if (errorCodeOf(error) === 'ENOENT') {
			return undefined;
		}
		throw unreadableHeader(errorCodeOf(error));
	}
}

function parseHeader(text: string): Header | undefined {
	let read: Partial<Header> | null;
	try {
		read = JSON.parse(text) as Partial<Header> | null;
	} catch {
		return undefined;
	}
	const { version, salt, N, r, p, check } = read ?? {};
	if (version !== 1 || typeof salt !== 'string' || typeof check !== 'string') {
		return undefined;
	}
	if (!isCount(N) || !isCount(r) || !isCount(p) || 128 * N * r + 128 * r * p >= MAXIMUM_MEMORY) {
		return undefined;
	}
	return { version, salt, N, r, p, check };
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= 2 ** 20;
}

function unreadableHeader(reason: string): CallError {
	return new CallError(
		'SESSION_UNREADABLE',
		`The file ${PASSPHRASE_FILE} of the session cannot be read: ${reason}`,
		{
			hint: 'Put the file back from a backup. Without one, remove the folder of the session and link the device again.',
		},
	);
}
