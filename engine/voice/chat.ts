import { CallError } from '../../common/errors';
import type { Address } from '../../common/address';
import { accountOf } from '../call/stanzas/jid';
import { connectionBroke } from './delivery';
import type { VoiceLine } from './voiceTypes';

/** Where a voice note goes, as the network knows it. */
export interface Chat {
	kind: 'channel' | 'group' | 'person';
	jid: string;
	/** Our own account as this chat knows it. */
	ownJid: string;
}

/** Gives the address under which WhatsApp knows a number. */
export type LookUp = (number: string, line: VoiceLine) => Promise<string>;

/**
 * Finds the chat, and makes sure that somebody is there.
 *
 * @throws CallError NOT_ON_WHATSAPP, RECIPIENT_UNREACHABLE, NETWORK_UNREACHABLE
 */
export async function findChat(to: Address, line: VoiceLine, lookUp: LookUp): Promise<Chat> {
	const { me } = line.socket.authState.creds;
	const byNumber = accountOf(me?.id) ?? '';
	const byLid = accountOf(me?.lid) ?? byNumber;
	switch (to.kind) {
		case 'phone': {
			const jid = await lookUp(to.number, line);
			await requireDevices(jid, line);
			return { kind: 'person', jid, ownJid: byNumber };
		}
		case 'lid':
			await requireDevices(to.jid, line);
			return { kind: 'person', jid: to.jid, ownJid: byLid };
		case 'group': {
			const namesByNumber = (await groupOf(to.jid, line)).addressingMode === 'pn';
			return { kind: 'group', jid: to.jid, ownJid: namesByNumber ? byNumber : byLid };
		}
		case 'channel':
			return { kind: 'channel', jid: to.jid, ownJid: byNumber };
	}
}

/** Without any, Baileys would send it to our own devices alone. */
async function requireDevices(jid: string, { transport }: VoiceLine): Promise<void> {
	const devices = await transport.devicesOf(jid, false);
	if (!devices.some((device) => accountOf(device) === jid)) {
		throw new CallError('RECIPIENT_UNREACHABLE', 'WhatsApp names no device of this recipient', {
			hint: 'Check the address. Nothing was sent.',
		});
	}
}

async function groupOf(
	jid: string,
	{ socket, transport }: VoiceLine,
): Promise<{ addressingMode?: string }> {
	try {
		return await socket.groupMetadata(jid);
	} catch (error) {
		const code = refusalOf(error);
		if (!transport.isOpen) {
			throw connectionBroke();
		}
		if (code === undefined) {
			throw new CallError(
				'NETWORK_UNREACHABLE',
				'WhatsApp did not answer before the voice note was sent (group)',
				{ hint: 'Nothing was sent, so running it again is safe.' },
			);
		}
		throw new CallError(
			'RECIPIENT_UNREACHABLE',
			`WhatsApp knows no such group, or this account is not in it (${code})`,
			{ hint: 'Check the address of the group, and that the linked account is a member.' },
		);
	}
}

/** The number with which the server refused a question: Baileys puts it into `data`. */
function refusalOf(error: unknown): number | undefined {
	const { data } = (error ?? {}) as { data?: unknown };
	return typeof data === 'number' ? data : undefined;
}
