import fc from 'fast-check';
import { parseAddress, requireCallable } from '../../common/address';
import { CallError } from '../../common/errors';

const phone = (number: string) => ({ kind: 'phone', number, jid: `${number}@s.whatsapp.net` });

describe('parseAddress', () => {
	test.each([
		['5511999999999', '5511999999999'],
		[5511999999999, '5511999999999'],
		['+55 11 99999-9999', '5511999999999'],
		['+55 (11) 99999.9999', '5511999999999'],
		['0055 11 99999 9999', '5511999999999'],
		['+44 (0)20 7946 0958', '442079460958'],
		['\u202a+49 1512 3456789\u202c', '4915123456789'],
		['+49\u00a01512\u20113456789', '4915123456789'],
		['551199999999', '551199999999'],
		['5215512345678', '5215512345678'],
		['525512345678', '525512345678'],
		['5511999999999@s.whatsapp.net', '5511999999999'],
		['5511999999999:7@s.whatsapp.net', '5511999999999'],
		['5511999999999@c.us', '5511999999999'],
		['5511999999999@C.US', '5511999999999'],
	])('reads %p as %s, its digits unchanged', (input, number) => {
		expect(parseAddress(input)).toEqual(phone(number));
	});

	test.each([
		['123456789012345@lid', { kind: 'lid', jid: '123456789012345@lid' }],
		['123456789012345:3@lid', { kind: 'lid', jid: '123456789012345@lid' }],
		['120363012345678901@g.us', { kind: 'group', jid: '120363012345678901@g.us' }],
		['5511999999999-1609459200@g.us', { kind: 'group', jid: '5511999999999-1609459200@g.us' }],
		['120363012345678901@newsletter', { kind: 'channel', jid: '120363012345678901@newsletter' }],
	])('reads %s', (input, address) => {
		expect(parseAddress(input)).toEqual(address);
	});

	test.each([
		['', 'is empty'],
		['   ', 'is empty'],
		[undefined, 'is empty'],
		[null, 'is empty'],
		[['5511999999999'], 'a list, neither a text nor'],
		[true, 'type boolean'],
		[1.5, 'type number'],
		['call me', '"call me" is not a telephone number'],
		['+1 800 FLOWERS', 'is not a telephone number'],
		['5511+999', 'is not a telephone number'],
		['011999999999', 'country code is missing'],
		['123', '3 digits are too few'],
		['55119999999999999', '17 digits are too many'],
		['999999999999', 'does not begin with a country code'],
		['status@broadcast', 'not a WhatsApp address'],
		['abc@s.whatsapp.net', 'not a WhatsApp address'],
		['0511999999999@s.whatsapp.net', 'not a WhatsApp address'],
		['5511999999999@gmail.com', 'not a WhatsApp address'],
		['a@b@g.us', 'not a WhatsApp address'],
		['../x@g.us', 'not a WhatsApp address'],
	])('refuses %p and says what was read', (input, said) => {
		expect(() => parseAddress(input)).toThrow(
			expect.objectContaining({ code: 'INVALID_NUMBER', message: expect.stringContaining(said) }),
		);
	});

	test('what was read is shown in one short printable line', () => {
		const input = `x\u0007\n${'y'.repeat(500)}`;
		const error = catchError(() => parseAddress(input));
		expect(error.message).toMatch(/^[\x20-\x7e…]{1,120}$/);
	});

	test('any text ends in an address or in INVALID_NUMBER', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.anything()), (input) => {
				try {
					expect(parseAddress(input)).toHaveProperty('jid');
				} catch (error) {
					expect(error).toMatchObject({ code: 'INVALID_NUMBER' });
				}
			}),
		);
	});
});

describe('requireCallable', () => {
	test('lets persons pass', () => {
		const address = parseAddress('5511999999999');
		expect(requireCallable(address)).toBe(address);
	});

	test('refuses groups and names the operation that reaches them', () => {
		const error = catchError(() => requireCallable(parseAddress('120363012345678901@g.us')));
		expect(error.code).toBe('INVALID_NUMBER');
		expect(error.hint).toContain('Voice Message > Send');
	});
});

function catchError(action: () => unknown): CallError {
	try {
		action();
	} catch (error) {
		return error as CallError;
	}
	throw new Error('Nothing was thrown');
}
