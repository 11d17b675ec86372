import { readSessionCredential } from '../../../nodes/WhatsAppCall/connections/sessionCredential';

describe('the codec of audio calls', () => {
	const codecOf = (fields: Record<string, string | boolean>) =>
		readSessionCredential({ sessionName: 'main', ...fields }).codec;

	test.each([['mlow'], ['opus'], ['escape']])('is the one that was chosen: %s', (codec) => {
		expect(codecOf({ advanced: true, codec })).toBe(codec);
	});

	test('is MLow unless another one was chosen where it can be seen', () => {
		expect(codecOf({})).toBe('mlow');
		expect(codecOf({ advanced: true })).toBe('mlow');
		expect(codecOf({ advanced: true, codec: 'mp3' })).toBe('mlow');
		expect(codecOf({ advanced: false, codec: 'opus' })).toBe('mlow');
	});
});
