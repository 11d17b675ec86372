import type { StoreCodec } from './baileysTypes';
import { credsForm, openCredsBox, readCreds } from './credsFile';
import { sessionFolder } from './folders';
import { identityOf } from './identity';
import { isLinked } from './sessionStore';
import type { LastError, SessionStatus } from './sessionTypes';

/**
 * What a session's folder says, without locking or changing it.
 *
 * @throws CallError SESSION_UNREADABLE
 */
export async function readStatus(
	data: string,
	name: string,
	passphrase: string | undefined,
	codec: StoreCodec,
	lastError: LastError | undefined,
	now: number,
): Promise<SessionStatus> {
	const folder = sessionFolder(data, name);
	const known = lastError === undefined ? {} : { lastError };
	if ((await credsForm(folder)) === 'absent') {
		const state = lastError?.code === 'LOGGED_OUT' ? 'loggedOut' : 'unlinked';
		return { state, ...known };
	}
	const creds = await readCreds(folder, await openCredsBox(folder, passphrase, now), codec);
	if (creds === undefined || creds === 'damaged' || !isLinked(creds)) {
		return { state: 'unlinked', ...known };
	}
	const state = lastError?.code === 'ACCOUNT_RESTRICTED' ? 'restricted' : 'linked';
	return { state, ...identityOf(creds), ...known };
}
