import { invalidBody, Refusal } from './refusal';

/** ITU-T E.164: at most 15 digits, without a zero in front. */
const PERSON = /^([1-9]\d{4,14})(@s\.whatsapp\.net)?$/;
const GROUP_LID_OR_CHANNEL = /^\d[\d-]*@(g\.us|lid|newsletter)$/;

/**
 * Whom to call: a number or its JID.
 *
 * @returns its digits
 * @throws Refusal 400
 */
export function readCallee(number: string | undefined): string {
	const digits = PERSON.exec(requireNumber(number))?.[1];
	if (digits === undefined) {
		throw invalidBody(
			'number must be a plain number like 5511999999999 or 5511999999999@s.whatsapp.net',
		);
	}
	return digits;
}

/**
 * Checks to whom a voice note goes: a person, a group, a @lid or a channel.
 *
 * @throws Refusal 400
 */
export function requireRecipient(number: string | undefined): void {
	const text = requireNumber(number);
	if (!PERSON.test(text) && !GROUP_LID_OR_CHANNEL.test(text)) {
		throw invalidBody('number must be a plain number or a JID');
	}
}

function requireNumber(number: string | undefined): string {
	if (number === undefined || number === '') {
		throw new Refusal(400, 'Number is required');
	}
	return number;
}
