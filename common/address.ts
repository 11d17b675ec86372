import { CallError } from './errors';
import { printable } from './text';

/**
 * Whom to reach on WhatsApp.
 *
 * - `phone`: `number` is E.164 without the plus, digits only; `jid` ends with `@s.whatsapp.net`
 * - `lid`: WhatsApp's hidden id, `…@lid`
 * - `group`: `…@g.us`, `channel`: `…@newsletter`: for voice notes only
 */
export type Address =
	| { kind: 'phone'; number: string; jid: string }
	| { kind: 'lid'; jid: string }
	| { kind: 'group'; jid: string }
	| { kind: 'channel'; jid: string };

export type CallableAddress = Extract<Address, { kind: 'phone' | 'lid' }>;

/** What people paste around a number: bidirectional marks from chat apps, and zero-width spaces. */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const NUMBER_TEXT = /^\+?[\d\s().\/\-\u2010-\u2015\u2212]+$/;
const JID_TEXT = /^([^@\s]+)@([a-z.]+)$/i;
/** ITU-T E.164, section 6: at most 15 digits. The shortest numbers in use have 7 with their country code. */
const E164_DIGITS = /^[1-9]\d{6,14}$/;
/** Mexican mobile numbers lost the 1 behind their country code in 2019; WhatsApp still knows many by it. */
const MEXICAN_MOBILE_WITH_1 = /^521\d{10}$/;

/**
 * Reads a recipient as people write it: `5511999999999`, `+55 11 99999-9999`, `0055…`,
 * `…@s.whatsapp.net`, `…@c.us`, `…@lid`, `…@g.us`, `…@newsletter`.
 *
 * The digits stay as they were given: whether Brazil's ninth digit or Mexico's 1 belongs to a
 * number, only WhatsApp can say.
 *
 * @throws CallError INVALID_NUMBER, with what was read
 */
export function parseAddress(input: unknown): Address {
	const text = readText(input);
	if (text === '') {
		throw new CallError('INVALID_NUMBER', 'The number to reach is empty');
	}
	return text.includes('@') ? parseJid(text) : parseNumber(text);
}

/**
 * The same address, when it can be called: calls on WhatsApp are between two people.
 *
 * @throws CallError INVALID_NUMBER for a group or a channel
 */
export function requireCallable(address: Address): CallableAddress {
	if (address.kind === 'group' || address.kind === 'channel') {
		throw new CallError(
			'INVALID_NUMBER',
			`"${address.jid}" is a ${address.kind}, and only a person can be called`,
			{
				hint: 'Enter the number of one person. To reach a group or a channel, use Voice Message > Send.',
			},
		);
	}
	return address;
}

function readText(input: unknown): string {
	if (typeof input === 'number' && Number.isSafeInteger(input)) {
		return String(input);
	}
	if (typeof input === 'string') {
		return input.replace(INVISIBLE, '').trim();
	}
	if (input === undefined || input === null) {
		return '';
	}
	throw new CallError(
		'INVALID_NUMBER',
		`The number to reach is ${describeType(input)}, neither a text nor a whole number`,
	);
}

function describeType(input: unknown): string {
	return Array.isArray(input) ? 'a list' : `of the type ${typeof input}`;
}

function parseJid(text: string): Address {
	const [, user = '', server = ''] = JID_TEXT.exec(text) ?? [];
	const account = user.replace(/:\d+$/, '');
	switch (server.toLowerCase()) {
		case 's.whatsapp.net':
		case 'c.us':
			if (E164_DIGITS.test(account)) {
				return phone(account);
			}
			break;
		case 'lid':
			if (/^\d{1,20}$/.test(account)) {
				return { kind: 'lid', jid: `${account}@lid` };
			}
			break;
		case 'g.us':
			if (/^\d{5,30}(-\d{5,20})?$/.test(user)) {
				return { kind: 'group', jid: `${user}@g.us` };
			}
			break;
		case 'newsletter':
			if (/^\d{5,30}$/.test(user)) {
				return { kind: 'channel', jid: `${user}@newsletter` };
			}
			break;
	}
	throw new CallError('INVALID_NUMBER', `"${printable(text, 60)}" is not a WhatsApp address`, {
		hint: 'A plain number with its country code always works. Addresses end with @s.whatsapp.net, @c.us or @lid; for voice messages also with @g.us (groups) or @newsletter (channels).',
	});
}

function parseNumber(text: string): Address {
	const read = printable(text, 60);
	if (!NUMBER_TEXT.test(text)) {
		throw new CallError('INVALID_NUMBER', `"${read}" is not a telephone number`);
	}
	// "+44 (0)20 …": the trunk prefix in brackets is for callers inside the country.
	const digits = text.replace('(0)', '').replace(/\D/g, '').replace(/^00/, '');
	if (digits.startsWith('0')) {
		throw new CallError(
			'INVALID_NUMBER',
			`"${read}" starts with 0, so its country code is missing`,
		);
	}
	const fault = faultOf(digits);
	if (fault !== undefined) {
		throw new CallError('INVALID_NUMBER', `"${read}" is not a complete telephone number: ${fault}`);
	}
	return phone(digits);
}

/** Says what is wrong with the length of an international number, or undefined. */
function faultOf(digits: string): string | undefined {
	if (MEXICAN_MOBILE_WITH_1.test(digits)) {
		return undefined;
	}
	switch (lengthCheck()(`+${digits}`)) {
		case undefined:
			return undefined;
		case 'INVALID_COUNTRY':
			return 'it does not begin with a country code';
		case 'TOO_LONG':
			return `${digits.length} digits are too many`;
		case 'TOO_SHORT':
		case 'NOT_A_NUMBER':
			return `${digits.length} digits are too few`;
		default:
			return `no number of its country has ${digits.length} digits`;
	}
}

/** The library is loaded at the first number: every process of n8n loads this file when it boots. */
function lengthCheck(): (typeof import('libphonenumber-js/min'))['validatePhoneNumberLength'] {
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above; import() would make every caller wait
	const library = require('libphonenumber-js/min') as typeof import('libphonenumber-js/min');
	return library.validatePhoneNumberLength;
}

function phone(number: string): Address {
	return { kind: 'phone', number, jid: `${number}@s.whatsapp.net` };
}
