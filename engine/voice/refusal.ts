import { CallError } from '../../common/errors';
import { printable } from '../../common/text';
import type { Chat } from './chat';

const QUOTED_CHARACTERS = 40;
/** Our devices of the recipient, or our sessions with them, are out of date. */
export const STALE = '479';

/** The error for a message that the server did not take. Nobody got it. */
export function refused(refusal: string, { kind }: Chat): CallError {
	const number = printable(refusal, QUOTED_CHARACTERS);
	if (refusal === '463') {
		return new CallError(
			'ACCOUNT_RESTRICTED',
			`WhatsApp refused the voice note (${number}): this account may not write to people it has not been in touch with`,
			{
				hint: 'Let this contact write to you first. If contacts you write with are refused too, WhatsApp restricts the account: look at the phone, and send nothing for some days.',
			},
		);
	}
	if (kind !== 'person' && ['401', '403', '404', '405'].includes(refusal)) {
		return new CallError(
			'RECIPIENT_UNREACHABLE',
			`WhatsApp refused the voice note (${number}): this account may not write in this ${kind}`,
			{
				hint:
					kind === 'channel'
						? 'Only admins of a channel can write in it.'
						: 'Check that the linked account is a member of the group, and that not only admins may write in it.',
			},
		);
	}
	return new CallError('OFFER_REFUSED', `WhatsApp refused the voice note (${number})`);
}
