import { CallError, ERRORS, type ErrorCode } from '../../common/errors';
import { asSentence, printable, withoutSecrets } from '../../common/text';

describe('the table of errors', () => {
	test.each(Object.entries(ERRORS))('%s has a hint that is a sentence', (code, { hint }) => {
		expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
		expect(hint).toMatch(/^[A-Z].*\.$/);
	});

	test('an error takes the hint of its code, unless it brings a better one', () => {
		const codes = Object.keys(ERRORS) as ErrorCode[];
		for (const code of codes) {
			expect(new CallError(code, 'x').hint).toBe(ERRORS[code].hint);
		}
		expect(new CallError('BAD_REQUEST', 'x', { hint: 'better' }).hint).toBe('better');
	});
});

describe('text for messages', () => {
	test('printable', () => {
		expect(printable(' a\n\tb\u0000c\u202e ')).toBe('a b c');
		expect(printable('x'.repeat(300), 10)).toBe('xxxxxxxxx…');
	});

	test('asSentence', () => {
		expect(asSentence('no')).toBe('no.');
		expect(asSentence('No!')).toBe('No!');
	});

	test('withoutSecrets', () => {
		expect(withoutSecrets('a token b token', ['token', ''])).toBe('a *** b ***');
	});
});
