import type { AuthenticationCreds } from './baileysTypes';
import type { Identity } from './sessionTypes';

/** Whose device this is. `creds.me` has its JIDs, which name the device too. Protocol page 09. */
export function identityOf({ me }: Pick<AuthenticationCreds, 'me'>): Identity {
	const lid = me?.lid === undefined ? undefined : `${accountOf(me.lid)}@lid`;
	return { number: accountOf(me?.id ?? ''), ...(lid === undefined ? {} : { lid }) };
}

function accountOf(jid: string): string {
	return jid.split('@')[0]?.split(':')[0] ?? '';
}
